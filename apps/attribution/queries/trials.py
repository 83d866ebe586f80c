"""Trials: the one that answers a what-if, and how far it is."""

from uuid import UUID

from apps.attribution.domain.supposing import trial_number
from apps.attribution.domain.trials import TrialInfo, TrialRules
from apps.attribution.models import Trial, Watermark


class UnknownTrial(LookupError):
    """The property has no such trial, or it cannot be read yet."""


def trial_of(property_id: int, rules: TrialRules) -> TrialInfo | None:
    """Return the trial of some rules, or None when nobody has asked for it."""
    row = Trial.objects.filter(property_id=property_id, name=rules.name).select_related("asked_by").first()
    return trial_info(row) if row else None


def trial(property_id: int, *, trial_id: int) -> TrialInfo:
    """Return one trial; raises UnknownTrial."""
    row = Trial.objects.filter(property_id=property_id, pk=trial_id).select_related("asked_by").first()
    if row is None:
        raise UnknownTrial(trial_id)
    return trial_info(row)


def trials(property_id: int, *, limit: int = 20) -> list[TrialInfo]:
    """Return the newest trials of a property, the newest first."""
    rows = Trial.objects.filter(property_id=property_id).select_related("asked_by")
    return [trial_info(row) for row in rows[:limit]]


def finished_trial(property_id: int, goal_id: int, trial_id: int) -> Trial:
    """Return a trial of a goal whose journeys can be read; raises UnknownTrial."""
    row = Trial.objects.filter(
        property_id=property_id, goal_id=goal_id, pk=trial_id, status=Trial.Status.SUCCEEDED
    ).first()
    if row is None:
        raise UnknownTrial(trial_id)
    return row


def trial_numbers(property_id: int) -> list[int]:
    """Return the numbers under which journeys of trials lie."""
    return [trial_number(pk) for pk in Trial.objects.filter(property_id=property_id).values_list("pk", flat=True)]


def trial_info(row: Trial) -> TrialInfo:
    """Return a trial as other apps receive it."""
    return TrialInfo(
        id=row.pk,
        goal_id=row.goal_id,
        status=row.status,
        stage=row.stage,
        progress=row.progress,
        is_active=row.status in Trial.ACTIVE,
        is_cancel_wanted=row.is_cancel_wanted,
        is_stale=row.journeys_state != _state(row.property_id),
        refusal=row.refusal,
        error=row.error,
        asked_by=str(row.asked_by or ""),
        asked_at=row.asked_at,
        finished_at=row.finished_at,
        has_fit=row.fit is not None,
    )


def _state(property_id: int) -> UUID | None:
    return Watermark.objects.filter(property_id=property_id).values_list("journeys_state", flat=True).first()
