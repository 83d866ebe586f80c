"""Trainings: the list, one of them, and which fit each method credits by."""

from datetime import timedelta
from typing import Any

import attribution as engine
from apps.attribution.domain.training import Move, TrainedLookbacks, TrainedShare, TrainingInfo
from apps.attribution.models import Goal, TrainingRun


class UnknownTraining(LookupError):
    """The property has no such training."""


def trainings(property_id: int, *, goal_id: int, limit: int = 50) -> list[TrainingInfo]:
    """Return the trainings of a goal, the newest first."""
    rows = TrainingRun.objects.filter(property_id=property_id, goal_id=goal_id).select_related("asked_by")
    return [info_of(row) for row in rows[:limit]]


def training(property_id: int, *, training_id: int) -> TrainingInfo:
    """Return one training; raises UnknownTraining."""
    rows = TrainingRun.objects.filter(property_id=property_id, pk=training_id).select_related("asked_by")
    for row in rows:
        return info_of(row)
    raise UnknownTraining(training_id)


def fits_in_force(property_id: int, *, goal_id: int) -> dict[str, TrainingInfo]:
    """Return, by method, the newest fit of a goal as its journeys are built."""
    return {row.method: info_of(row) for row in _in_force(property_id, goal_id)}


def run_in_force(property_id: int, goal_id: int, method: str) -> TrainingRun | None:
    """Return the run whose fit a method credits by, or None where there is none."""
    return next((row for row in _in_force(property_id, goal_id) if row.method == method), None)


def training_before(property_id: int, *, training_id: int) -> TrainingInfo | None:
    """Return the fit that a training is compared with: the one before it."""
    run = TrainingRun.objects.filter(property_id=property_id, pk=training_id).select_related("compared_with").first()
    return info_of(run.compared_with) if run and run.compared_with else None


def _in_force(property_id: int, goal_id: int) -> list[TrainingRun]:
    version = Goal.objects.filter(property_id=property_id, pk=goal_id).values("built_version")[:1]
    rows = TrainingRun.objects.filter(
        property_id=property_id, goal_id=goal_id, goal_version=version, status=TrainingRun.Status.SUCCEEDED
    )
    return list(rows.select_related("asked_by").order_by("method", "-pk").distinct("method"))


def info_of(run: TrainingRun) -> TrainingInfo:
    """Return a run as other apps receive it."""
    fit = run.fit or {}
    baseline = fit.get("baseline")
    return TrainingInfo(
        id=run.pk,
        goal_id=run.goal_id,
        goal_version=run.goal_version,
        method=run.method,
        status=run.status,
        stage=run.stage,
        progress=run.progress,
        is_active=run.status in TrainingRun.ACTIVE,
        is_cancel_wanted=run.is_cancel_wanted,
        is_nightly=run.is_nightly,
        asked_by=str(run.asked_by or ""),
        asked_at=run.asked_at,
        started_at=run.started_at,
        finished_at=run.finished_at,
        window_from=run.window_from,
        window_to=run.window_to,
        parameters=run.parameters,
        data_hash=run.data_hash,
        paths=run.paths,
        conversions=run.conversions,
        sampled=run.sampled,
        refusal=run.refusal,
        error=run.error,
        moves=tuple(Move(*move) for move in run.moved),
        is_move_seen=run.seen_at is not None,
        shares=tuple(_share(one) for one in fit.get("channels", ())),
        baseline=_share(baseline | {"channel": engine.BASELINE}) if baseline else None,
        quality=fit.get("quality", {}),
        notes=tuple(fit.get("notes", ())),
        lookbacks=_lookbacks(run.lookbacks),
    )


def _lookbacks(stored: dict[str, int]) -> TrainedLookbacks | None:
    if not stored:
        return None
    return TrainedLookbacks(timedelta(seconds=stored["click"]), timedelta(seconds=stored["view"]), stored["version"])


def _share(stored: dict[str, Any]) -> TrainedShare:
    return TrainedShare(**stored)
