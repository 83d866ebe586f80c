"""Training of data-driven methods: statistics from ClickHouse, a fit by the engine, weights of a new version."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction

import attribution as engine
from apps.attribution import queries
from apps.attribution.adapters import clickhouse_weights as weights
from apps.attribution.adapters.build_lock import training_lock
from apps.attribution.domain.training import BadOptions, TrainingOptions, moves_between
from apps.attribution.models import Goal, TrainingRun
from apps.attribution.queries.training import info_of
from apps.attribution.services import computing, fitting
from apps.attribution.services.building import build_journeys
from apps.attribution.services.drawing import draw_histories
from apps.attribution.training_sql import Material
from apps.orgs import api as orgs

Clock = Callable[[], datetime]
Stage = TrainingRun.Stage


class TrainingUnderWay(Exception):
    """Another training of the property, or of the goal by this method, has not finished."""


class TrainingOver(Exception):
    """The run has ended: it is left alone."""


class BadTraining(ValueError):
    """What was asked for cannot be trained."""


def ask_training(  # noqa: PLR0913  keyword-only, and each is one control of the page
    *, property_id: int, goal_id: int, method: str, window: tuple[datetime, datetime], asked_by: Any, now: datetime,
    order: int = 1, repeats: engine.Repeats = "keep", drops_direct: bool = False, is_nightly: bool = False,
) -> TrainingRun:  # fmt: skip
    """Note that a method is to be trained; a task does it. Raises BadTraining or TrainingUnderWay."""
    try:
        options = TrainingOptions(method, order, repeats, drops_direct)
    except BadOptions as error:
        raise BadTraining(str(error)) from error
    if not window[0] < window[1]:
        raise BadTraining("The window ends before it begins.")
    if not Goal.objects.filter(property_id=property_id, pk=goal_id, is_archived=False).exists():
        raise BadTraining("The property has no such goal.")
    try:
        with transaction.atomic():
            return TrainingRun.objects.create(
                property_id=property_id,
                goal_id=goal_id,
                method=method,
                parameters=options.parameters,
                window_from=window[0],
                window_to=window[1],
                asked_by=asked_by,
                asked_at=now,
                is_nightly=is_nightly,
            )
    except IntegrityError:
        raise TrainingUnderWay(f"{method} is being trained for this goal.") from None


def cancel_training(*, property_id: int, training_id: int, now: datetime) -> None:
    """End a run: at once if it waits, at its next step if it works. Raises TrainingOver."""
    mine = TrainingRun.objects.filter(property_id=property_id, pk=training_id)
    if not computing.cancel(mine, property_id=property_id, now=now):
        raise TrainingOver(training_id)


def see_move(*, property_id: int, training_id: int, seen_by: Any, now: datetime) -> None:
    """Note that somebody has seen how shares moved: pages stop saying so."""
    TrainingRun.objects.filter(property_id=property_id, pk=training_id, seen_at=None).update(
        seen_by=seen_by, seen_at=now
    )


def train_method(*, training_id: int, clock: Clock) -> TrainingRun:
    """Train what a run asks for. Safe to repeat. Raises TrainingOver, TrainingUnderWay or BuildUnderWay."""
    run = TrainingRun.objects.select_related("goal").filter(pk=training_id).first()
    if run is None or run.status not in TrainingRun.ACTIVE:
        raise TrainingOver(training_id)
    with training_lock(run.property_id) as is_held:
        if not is_held:
            raise TrainingUnderWay(f"A training of property {run.property_id} is under way.")
        build_journeys(property_id=run.property_id, clock=clock)
        run.goal.refresh_from_db()
        run.goal_version = run.goal.built_version
        run.save(update_fields=["goal_version"])
        with computing.recorded(run, clock):
            _train(run, clock)
    return run


def end_lost_runs(*, now: datetime) -> None:
    """Say of runs whose worker died that they failed."""
    computing.end_lost(TrainingRun.objects.all(), now=now)


def _train(run: TrainingRun, clock: Clock) -> None:
    computing.step(run, Stage.DRAWING, 5)
    rules = orgs.property_by_id(run.property_id).rules
    options = TrainingOptions.of(run.method, run.parameters)
    overrides = queries.lookback_versions(run.property_id)
    run.lookbacks = {
        "click": int(rules.click_lookback.total_seconds()),
        "view": int(rules.view_lookback.total_seconds()),
        "version": overrides.version,
    }
    material = Material(
        goal_id=run.goal_id,
        goal_version=run.goal_version,
        is_once=run.goal.counting == Goal.Counting.ONCE,
        window_from=run.window_from,
        window_to=run.window_to,
        lookbacks=engine.Lookbacks(click=rules.click_lookback, view=rules.view_lookback),
        versions=overrides.versions,
        drawing=draw_histories(
            property_id=run.property_id,
            since=run.window_from - engine.WIDEST_LOOKBACK,
            told=lambda part: computing.step(run, Stage.DRAWING, 5 + round(45 * part)),
        ),
        repeats=options.repeats,
        drops_direct=options.drops_direct,
    )
    computing.step(run, Stage.COUNTING, 50)
    run.sampled, statistic = fitting.statistic_of(run.property_id, options, material)
    computing.step(run, Stage.FITTING, 65)
    fit = fitting.fit(options, statistic, is_unwanted=lambda: computing.is_unwanted(run))
    computing.step(run, Stage.WRITING, 95)
    weights.write(run.property_id, run.pk, fit, material, now=clock())
    run.fit, run.data_hash, run.paths, run.conversions = fit.to_dict(), fit.data_hash, fit.paths, fit.conversions
    _compare(run)


def _compare(run: TrainingRun) -> None:
    """Note the shares that left the intervals of the fit before, if that was asked for the same."""
    before = queries.run_in_force(run.property_id, run.goal_id, run.method)
    run.compared_with = before
    if before and (before.parameters, before.lookbacks) == (run.parameters, run.lookbacks):
        run.moved = [[one.channel, one.before, one.now] for one in moves_between(info_of(before), info_of(run))]
