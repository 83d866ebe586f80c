"""Trials: journeys built, and a method trained, under rules that somebody tries. Nothing else reads what they write."""

from datetime import datetime, timedelta
from typing import Any

from apps.attribution.adapters import clickhouse_journeys as journeys
from apps.attribution.adapters.build_lock import training_lock
from apps.attribution.domain.goals import BadFilter, rule_of
from apps.attribution.domain.supposing import trial_number
from apps.attribution.domain.trials import LEAST_GAP, MOST_GAP, BadTrial, TrialRules
from apps.attribution.models import Goal, Trial
from apps.attribution.services import computing
from apps.attribution.services.building import Clock, build_journeys
from apps.attribution.services.training import TrainingUnderWay
from apps.attribution.services.trial_work import build_trial, fit_trial, milestone_of
from apps.orgs import api as orgs

Status = Trial.Status
KEPT = timedelta(days=7)


class TrialOver(Exception):
    """The trial has ended: it is left alone."""


def ask_trial(
    *, property_id: int, rules: TrialRules, window: tuple[datetime, datetime], asked_by: Any, now: datetime
) -> Trial:
    """Note that rules are to be tried, and a method trained on a window if they say so; a task does it.

    A trial that waits or works is left alone, one that has ended begins again. Raises BadTrial.
    """
    _check(property_id, rules)
    begun = {
        "rules": rules.stored() | {"window": [instant.isoformat() for instant in window]},
        "status": Status.QUEUED,
        "stage": "",
        "progress": 0,
        "asked_by": asked_by,
        "asked_at": now,
    }
    row, is_new = Trial.objects.get_or_create(
        property_id=property_id,
        name=rules.name,
        defaults={**begun, "goal_id": rules.goal_id},
    )
    if not is_new and row.status not in Trial.ACTIVE:
        Trial.objects.filter(pk=row.pk).update(
            **begun, is_cancel_wanted=False, started_at=None, finished_at=None, fit=None, refusal="", error=""
        )
        row.refresh_from_db()
    return row


def cancel_trial(*, property_id: int, trial_id: int, now: datetime) -> None:
    """End a trial: at once if it waits, soon if it works. Raises TrialOver."""
    mine = Trial.objects.filter(property_id=property_id, pk=trial_id)
    if not computing.cancel(mine, property_id=property_id, now=now):
        raise TrialOver(trial_id)


def run_trial(*, trial_id: int, clock: Clock) -> Trial:
    """Build what a trial asks for. Safe to repeat. Raises TrialOver, BuildUnderWay or TrainingUnderWay."""
    trial = Trial.objects.select_related("goal").filter(pk=trial_id).first()
    if trial is None or trial.status not in Trial.ACTIVE:
        raise TrialOver(trial_id)
    build_journeys(property_id=trial.property_id, clock=clock)
    with training_lock(trial.property_id) as is_held:
        if not is_held:
            raise TrainingUnderWay(f"A training of property {trial.property_id} is under way.")
        with computing.recorded(trial, clock):
            _compute(trial)
    return trial


def tidy_up_trials(*, now: datetime, region: str | None = None) -> None:
    """Delete a region's trials after a week, with their journeys; those whose worker died have failed."""
    here = Trial.objects.filter(property_id__in=orgs.all_property_ids(region))
    computing.end_lost(here, now=now)
    for trial in here.filter(asked_at__lt=now - KEPT):
        journeys.drop_goal(trial.property_id, trial_number(trial.pk))
        trial.delete()


def _check(property_id: int, rules: TrialRules) -> None:
    goal = Goal.objects.filter(property_id=property_id, pk=rules.goal_id, is_archived=False).first()
    if goal is None:
        raise BadTrial("The property has no such goal.")
    if rules.visit_gap is not None and not LEAST_GAP <= rules.visit_gap <= MOST_GAP:
        raise BadTrial(f"A visit gap is between {LEAST_GAP} and {MOST_GAP}.")
    if rules.definition is not None:
        try:
            rule_of(0, 1, rules.definition, milestone_of(property_id, rules.definition))
        except (BadFilter, KeyError, ArithmeticError) as error:
            raise BadTrial(str(error)) from error
    if not rules.is_needed:
        raise BadTrial("Nothing of this needs journeys built anew.")


def _compute(trial: Trial) -> None:
    rules = TrialRules.of(trial.rules)
    definition = rules.definition or trial.goal.definition()
    build_trial(trial, rules, definition)
    if rules.training:
        trial.fit = fit_trial(trial, rules, rules.training, is_once=definition["counting"] == Goal.Counting.ONCE)
