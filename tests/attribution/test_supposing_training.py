"""Methods that are trained anew under what is tried, beside a brute force by the engine (R4, R7)."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

import attribution as engine
from apps.attribution import queries, services
from apps.attribution.domain.lookbacks import overrides_at
from apps.attribution.domain.training import TrainingOptions
from apps.attribution.domain.trials import TrialRules, TrialTraining
from apps.attribution.models import Goal, Trial
from tests.attribution import brute_force, brute_paths, worlds
from tests.attribution.supposed import (
    DAY,
    OVERRIDES,
    PERIOD,
    SALE,
    World,
    by_engine,
    by_sql,
    check,
    in_force,
    tried,
    usual,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clickhouse")]


@pytest.mark.parametrize(
    "options", [TrainingOptions("markov", 2), TrainingOptions("shapley", 1, "collapse", drops_direct=True)]
)
def test_retraining_in_a_trial_is_the_training_that_would_follow(
    property_id: int, world: World, options: TrainingOptions
) -> None:
    """R7: with nothing else changed, a trial learns bit for bit what a training learns, and credits by it."""
    now = queries.rule_values(property_id)
    training = TrialTraining(options, now.click_lookback, now.view_lookback)
    trial_id = tried(property_id, TrialRules(now.goal_id, training=training))
    run = services.ask_training(
        property_id=property_id, goal_id=now.goal_id, method=options.method, window=PERIOD, asked_by=None,
        now=timezone.now(), order=options.order, repeats=options.repeats, drops_direct=options.drops_direct,
    )  # fmt: skip
    run = services.train_method(training_id=run.pk, clock=timezone.now)
    fit = engine.Fit.from_dict(Trial.objects.get(pk=trial_id).fit or {})
    scenario = in_force(property_id, method=options.method, trial_id=trial_id)

    found = by_sql(property_id, scenario)

    assert run.fit == fit.to_dict()
    assert (fit.spec.repeats, bool(fit.spec.prefers)) == (options.repeats, options.drops_direct)
    check(found, by_engine(brute_force.engine_journeys(world, SALE), fit.spec, usual(scenario)))
    assert found == by_sql(property_id, in_force(property_id, method=options.method))


_OTHER_JOURNEYS: dict[str, tuple[dict[str, Any], dict[str, Any], dict[str, Any]]] = {
    "gap": ({"visit_gap": 5 * timedelta(minutes=1)}, {}, {"visit_gap": 5 * timedelta(minutes=1)}),
    "counting": ({"definition": {"counting": "once"}}, {"is_once": True}, {}),
    "event": ({"definition": {"event_name": "Signed Up"}}, {"meets": lambda one: one.event.name == "Signed Up"}, {}),
    "overrides": ({"overrides": OVERRIDES}, {}, {}),
}


@pytest.mark.parametrize("name", _OTHER_JOURNEYS)
@pytest.mark.parametrize(
    "options", [TrainingOptions("markov", 2), TrainingOptions("shapley")], ids=["markov", "shapley"]
)
def test_retraining_on_what_is_tried_equals_the_engine(
    property_id: int, world: World, options: TrainingOptions, name: str
) -> None:
    """R4: other journeys, or other windows, are learned from as they are credited."""
    changes, test_changes, build = _OTHER_JOURNEYS[name]
    goal, overrides = Goal.objects.get(), changes.get("overrides")
    now = queries.rule_values(property_id)
    tries = {key: value for key, value in changes.items() if key != "overrides"}
    if "definition" in tries:
        tries["definition"] = {**goal.definition(), **tries["definition"]}
    versions = queries.versions_in_use(property_id, overrides)
    training = TrialTraining(options, now.click_lookback, now.view_lookback, versions=versions)
    trial_id = tried(property_id, TrialRules(goal.pk, training=training, **tries))
    own_conversions = "definition" in tries
    scenario = in_force(
        property_id, method=options.method, trial_id=trial_id, overrides=overrides, has_own_conversions=own_conversions
    )
    test_goal = replace(SALE, **test_changes)
    window = engine.Lookbacks(now.click_lookback, now.view_lookback, overrides or ())

    found = by_sql(property_id, scenario)

    fit = engine.Fit.from_dict(Trial.objects.get(pk=trial_id).fit or {})
    paths = brute_paths.paths(property_id, world, test_goal, PERIOD, lambda _: window, **build)
    counts = engine.CoalitionCounts.of(paths) if options.method == "shapley" else engine.TransitionCounts.of(paths, 2)
    wanted = engine.LEARNED[options.method].fit(counts)
    assert fit.data_hash == wanted.data_hash
    assert fit.channels == wanted.channels
    check(found, by_engine(brute_force.engine_journeys(world, test_goal, **build), wanted.spec, lambda _: window))


def test_training_honours_the_overrides_in_force(property_id: int, world: World) -> None:
    """SEMANTICS 1: a change applies forward, in training as in reading."""
    goal, since = Goal.objects.get(), worlds.START + 2 * DAY
    services.change_lookbacks(
        property_id=property_id, seen_version=0, overrides=[{"source": "google", "click": 1}], covers_past=False,
        made_by=None, now=since,
    )  # fmt: skip
    versions, rules = queries.lookback_versions(property_id).versions, queries.rule_values(property_id)
    run = services.ask_training(
        property_id=property_id, goal_id=goal.pk, method="markov", window=PERIOD, asked_by=None, now=timezone.now()
    )

    run = services.train_method(training_id=run.pk, clock=timezone.now)

    def lookbacks(instant: datetime) -> engine.Lookbacks:
        return engine.Lookbacks(rules.click_lookback, rules.view_lookback, overrides_at(versions, instant))

    paths = brute_paths.paths(property_id, world, SALE, PERIOD, lookbacks)
    assert run.data_hash == engine.TransitionCounts.of(paths, 1).data_hash
    plain = brute_paths.paths(property_id, world, SALE, PERIOD, lambda _: replace(lookbacks(since), overrides=()))
    assert run.data_hash != engine.TransitionCounts.of(plain, 1).data_hash
