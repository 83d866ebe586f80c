"""Trainings from the events to the credit on a page: weights of a version, refusals, cancellation, moves (R3, R7)."""

import random
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from math import isclose
from typing import Any

import pytest
from django.utils import timezone

import attribution as engine
from apps.attribution import api, services, tasks
from apps.attribution.models import Drawing, Goal, TrainingRun
from apps.orgs import api as orgs
from apps.shared import clickhouse
from tests.attribution import worlds

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clickhouse")]
WINDOW = (worlds.START, worlds.START + timedelta(days=120))
NOON = datetime(2026, 9, 1, 12, tzinfo=UTC)


@pytest.fixture
def goal(property_id: int) -> Goal:
    """A goal of a crowd of whom many never convert."""
    worlds.store(property_id, worlds.random_crowd(random.Random("training"), 24), timezone.now())
    return services.create_goal(property_id=property_id, made_by=None, name="Sale", event_name="Order Completed")


def _train(goal: Goal, method: str, **options: Any) -> TrainingRun:
    run = services.ask_training(
        property_id=goal.property_id, goal_id=goal.pk, method=method, asked_by=None, now=NOON,
        **{"window": WINDOW, **options},
    )  # fmt: skip
    services.train_method(training_id=run.pk, clock=timezone.now)
    run.refresh_from_db()
    return run


def _stored(run: TrainingRun) -> list[tuple[Any, ...]]:
    sql = """
        SELECT part, toString(channel), weight, share, low, high, data_hash, parameters, window_from, window_to
        FROM method_weights FINAL
        WHERE property_id = {property_id:UInt64} AND version = {version:UInt64}
        ORDER BY part, channel
    """
    return clickhouse.select(sql, lambda *row: row, property_id=run.property_id, version=run.pk)


@pytest.mark.parametrize("method", ["markov", "shapley"])
def test_trained_method_credits_every_conversion_whole(goal: Goal, method: str) -> None:
    run = _train(goal, method)

    assert (run.status, run.progress, run.error) == ("succeeded", 100, "")
    bounds: dict[str, Any] = {"goal_id": goal.pk, "period": WINDOW}
    rows = api.credit_by(goal.property_id, method=method, **bounds)
    totals = api.totals(goal.property_id, **bounds)
    assert isclose(sum(row.conversions for row in rows), totals.attributed, abs_tol=1e-6)
    assert sum((row.revenue for row in rows), Decimal(0)) == totals.attributed_revenue
    info = api.training(goal.property_id, training_id=run.pk)
    assert isclose(sum(one.share for one in info.shares), 1)
    assert all(one.low <= one.share <= one.high for one in info.shares)
    assert info.conversions == totals.conversions
    assert info.paths > info.conversions


@pytest.mark.parametrize("method", ["markov", "shapley"])
def test_training_twice_gives_the_same_weights_bit_for_bit(goal: Goal, method: str) -> None:
    first, second = _train(goal, method), _train(goal, method)

    assert first.pk != second.pk
    assert first.fit == second.fit
    assert _stored(first) == _stored(second) != []
    assert second.moved == []
    assert Drawing.objects.get(property_id=goal.property_id).number == 1


def test_new_events_are_trained_on_and_the_newest_fit_is_in_force(goal: Goal) -> None:
    before = _train(goal, "markov")
    worlds.store(goal.property_id, _fresh(), timezone.now() + timedelta(minutes=5))

    after = _train(goal, "markov", order=2)

    assert after.data_hash != before.data_hash
    assert after.paths > before.paths
    assert after.compared_with_id == before.pk
    assert api.fits_in_force(goal.property_id, goal_id=goal.pk)["markov"].id == after.pk
    assert {row[7] for row in _stored(after)} == {'{"order": 2, "replicates": 200, "seed": 0}'}


def _fresh() -> list[worlds.Sent]:
    return [worlds.moved(one, "new") for one in worlds.random_crowd(random.Random("more"), 8)]


def test_too_few_data_are_refused_by_name(goal: Goal) -> None:
    run = _train(goal, "incremental")

    assert (run.status, run.refusal) == ("refused", "too_few_conversions")
    assert "at least 100 are needed" in run.error
    with pytest.raises(api.UntrainedMethod):
        api.credit_by(goal.property_id, goal_id=goal.pk, period=WINDOW, method="incremental")


def test_window_without_conversions_is_refused(goal: Goal) -> None:
    run = _train(goal, "markov", window=(NOON - timedelta(days=900), NOON - timedelta(days=800)))

    assert (run.status, run.refusal) == ("refused", "no_conversions")


def test_changed_goal_makes_its_fit_unused(goal: Goal) -> None:
    _train(goal, "markov")

    services.change_goal(property_id=goal.property_id, goal_id=goal.pk, made_by=None, event_name="Signed Up")
    services.build_journeys(property_id=goal.property_id, clock=timezone.now)

    assert api.fits_in_force(goal.property_id, goal_id=goal.pk) == {}


def test_canceled_while_waiting_is_never_trained(goal: Goal) -> None:
    run = services.ask_training(
        property_id=goal.property_id, goal_id=goal.pk, method="markov", window=WINDOW, asked_by=None, now=NOON
    )
    services.cancel_training(property_id=goal.property_id, training_id=run.pk, now=NOON)

    tasks.train_method(training_id=run.pk, property_id=goal.property_id)

    run.refresh_from_db()
    assert (run.status, run.fit) == ("canceled", None)
    with pytest.raises(services.TrainingOver):
        services.cancel_training(property_id=goal.property_id, training_id=run.pk, now=NOON)


def test_canceled_while_working_stops_at_the_next_step(goal: Goal, monkeypatch: pytest.MonkeyPatch) -> None:
    counted = services.fitting.statistics.transition_counts

    def count_and_cancel(property_id: int, *args: Any, **options: Any) -> engine.TransitionCounts:
        services.cancel_training(property_id=property_id, training_id=TrainingRun.objects.get().pk, now=NOON)
        return counted(property_id, *args, **options)

    monkeypatch.setattr(services.fitting.statistics, "transition_counts", count_and_cancel)

    run = _train(goal, "markov")

    assert (run.status, run.stage, run.fit) == ("canceled", "fitting", None)
    assert _stored(run) == []


@pytest.mark.parametrize(("method", "order"), [("markov", 2), ("shapley", 1)])
def test_canceled_while_fitting_stops_within_the_fit(
    goal: Goal, monkeypatch: pytest.MonkeyPatch, method: str, order: int
) -> None:
    asks = []
    is_unwanted = services.computing.is_unwanted

    def cancel_and_ask(run: TrainingRun) -> bool:
        asks.append(run.stage)
        if asks.count("fitting") == 2:  # the first is asked before the fit
            services.cancel_training(property_id=goal.property_id, training_id=run.pk, now=NOON)
        return is_unwanted(run)

    monkeypatch.setattr(services.computing, "is_unwanted", cancel_and_ask)
    monkeypatch.setattr(services.fitting, "EVERY", 0.0)
    run = services.ask_training(
        property_id=goal.property_id, goal_id=goal.pk, method=method, window=WINDOW, asked_by=None, now=NOON,
        order=order,
    )  # fmt: skip

    run = services.train_method(training_id=run.pk, clock=lambda: NOON)

    assert (run.status, run.stage, run.fit, asks[-2:]) == ("canceled", "fitting", None, ["fitting"] * 2)
    assert _stored(run) == []


def test_one_training_of_a_goal_and_method_at_a_time(goal: Goal) -> None:
    options: dict[str, Any] = {"property_id": goal.property_id, "goal_id": goal.pk, "asked_by": None, "now": NOON}
    services.ask_training(method="markov", window=WINDOW, **options)

    with pytest.raises(services.TrainingUnderWay):
        services.ask_training(method="markov", window=WINDOW, **options)
    services.ask_training(method="shapley", window=WINDOW, **options)
    for wrong in (
        {"method": "linear"},
        {"method": "markov", "order": 5},
        {"repeats": "collapse"},
        {"drops_direct": True},
        {"window": WINDOW[::-1]},
        {"goal_id": 0},
    ):
        with pytest.raises(services.BadTraining):
            services.ask_training(**{**options, "method": "incremental", "window": WINDOW, **wrong})


def test_run_whose_worker_died_is_said_to_have_failed(goal: Goal) -> None:
    run = services.ask_training(
        property_id=goal.property_id, goal_id=goal.pk, method="markov", window=WINDOW, asked_by=None, now=NOON
    )
    TrainingRun.objects.filter(pk=run.pk).update(status="running", started_at=NOON)

    services.end_lost_runs(now=NOON + timedelta(minutes=4))
    run.refresh_from_db()
    assert run.status == "running"
    services.end_lost_runs(now=NOON + timedelta(minutes=6))
    run.refresh_from_db()
    assert (run.status, run.error) == ("failed", "interrupted")


def test_nightly_retraining_asks_for_the_same_again(goal: Goal) -> None:
    _train(goal, "markov", order=2)
    _train(goal, "incremental")

    asked = services.ask_retrainings(now=NOON)

    assert [(run.method, run.parameters, run.is_nightly) for run in asked] == [("markov", {"order": 2}, True)]
    assert asked[0].window_to - asked[0].window_from == WINDOW[1] - WINDOW[0]
    assert services.ask_retrainings(now=NOON) == []


def test_share_that_leaves_the_intervals_is_a_move(goal: Goal) -> None:
    run = _train(goal, "markov")
    assert run.fit is not None
    other = {
        "Email": (0.99, 0.98, 1.0),
        "Direct": (0.0, 0.0, 0.001),
    }
    for one in run.fit["channels"]:
        if one["channel"] in other:
            one["share"], one["low"], one["high"] = other[one["channel"]]
    run.save()

    again = _train(goal, "markov")

    assert {move[0] for move in again.moved} == set(other)
    info = api.training(goal.property_id, training_id=again.pk)
    assert not info.is_move_seen
    services.see_move(property_id=goal.property_id, training_id=again.pk, seen_by=None, now=NOON)
    assert api.training(goal.property_id, training_id=again.pk).is_move_seen


def test_fit_says_its_lookbacks_and_others_are_no_move(goal: Goal) -> None:
    before = _train(goal, "markov")
    assert before.fit is not None
    before.fit["channels"][0] |= {"share": 0.99, "low": 0.98, "high": 1.0}
    before.save()
    services.change_lookbacks(
        property_id=goal.property_id, seen_version=0, overrides=[{"source": "news", "click": 24}], covers_past=True,
        made_by=None, now=NOON,
    )  # fmt: skip

    again = _train(goal, "markov")

    rules = orgs.property_by_id(goal.property_id).rules
    said = api.training(goal.property_id, training_id=before.pk).lookbacks
    assert said == api.TrainedLookbacks(rules.click_lookback, rules.view_lookback, 0)
    assert again.lookbacks["version"] == 1
    assert again.moved == []
