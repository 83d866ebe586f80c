"""Builds of journeys after arrivals and every few minutes for what an announcement missed; trainings, and by night."""

import time
from datetime import datetime, timedelta
from typing import Any

import structlog
from celery import Task, shared_task
from django.db import transaction
from django.utils import timezone

from apps.attribution import services
from apps.attribution.adapters import build_requests, live_updates
from apps.attribution.domain.trials import TrialTraining
from apps.orgs import api as orgs

log = structlog.get_logger(__name__)
# Long enough for the blocks of one burst to share a build, short enough that a page shows an event within two seconds.
PAUSE = 0.2
_WHEN_BUSY = 0.5
# A property that something always arrives for is built a third of the time at most: a build costs the same however
# much has come since the last one, nearly. Seconds of the longest rest.
_REST, _LONGEST_REST = 2.0, 5.0


@shared_task(name="attribution.build_journeys")
def build_journeys(*, property_id: int, **_: object) -> None:
    """Bring one property's journeys up to date and tell its pages. Safe to repeat; waits while the property rests."""
    wait = build_requests.rest_left(property_id, timezone.now())
    if wait > 0:  # still wanted, so nobody else asks meanwhile
        build_journeys.apply_async(kwargs={"property_id": property_id}, countdown=wait)
        return
    build_requests.forget(property_id)
    began = time.perf_counter()
    try:
        run = services.build_journeys(property_id=property_id, clock=timezone.now)
    except services.BuildUnderWay:
        request_build(property_id, pause=_WHEN_BUSY)
        return
    _rest(property_id, _REST * (time.perf_counter() - began))
    if run.journeys:
        live_updates.tell_built(property_id)
    log.info("journeys.built", property_id=property_id, kind=run.kind, events=run.events, journeys=run.journeys)


@shared_task(name="attribution.build_all_journeys")
def build_all_journeys(*, region: str | None = None, **_: object) -> None:
    """Ask for a build of every property of a region, merge what many small builds left, forget old records."""
    for property_id in orgs.all_property_ids(region):
        request_build(property_id)
    services.tidy_up(now=timezone.now(), region=region)
    services.tidy_up_trials(now=timezone.now(), region=region)


@shared_task(name="attribution.train_method", bind=True, max_retries=None)
def train_method(self: Task[..., None], *, training_id: int, property_id: int, **_: object) -> None:
    """Train one method and tell its pages. Safe to repeat; waits while another build or training is under way."""
    try:
        run = services.train_method(training_id=training_id, clock=timezone.now)
    except services.TrainingOver:
        return
    except (services.TrainingUnderWay, services.BuildUnderWay) as busy:
        raise self.retry(countdown=_WHEN_BUSY, exc=busy) from busy
    log.info(
        "training.ended",
        training_id=training_id,
        property_id=property_id,
        method=run.method,
        status=run.status,
        paths=run.paths,
    )


@shared_task(name="attribution.run_trial", bind=True, max_retries=None)
def run_trial(self: Task[..., None], *, trial_id: int, property_id: int, **_: object) -> None:
    """Build the journeys of a what-if, and train on them. Safe to repeat; waits for builds and trainings."""
    try:
        trial = services.run_trial(trial_id=trial_id, clock=timezone.now)
    except services.TrialOver:
        return
    except (services.TrainingUnderWay, services.BuildUnderWay) as busy:
        raise self.retry(countdown=_WHEN_BUSY, exc=busy) from busy
    log.info("trial.ended", trial_id=trial_id, property_id=property_id, status=trial.status)


@shared_task(name="attribution.retrain_methods")
def retrain_methods(*, region: str | None = None, **_: object) -> None:
    """Ask for a new training of every method that has been trained, and end runs that lost their worker."""
    now = timezone.now()
    services.end_lost_runs(now=now)
    for run in services.ask_retrainings(now=now, region=region):
        request_training(run.pk, run.property_id)


def request_training(training_id: int, property_id: int) -> None:
    """Have a training begin."""
    train_method.apply_async(kwargs={"training_id": training_id, "property_id": property_id})


def follow_promotion(
    property_id: int, goal_id: int, training: TrialTraining | None, *, asked_by: Any, now: datetime,
    window: tuple[datetime, datetime] | None = None,
) -> None:  # fmt: skip
    """Have journeys built by promoted rules, and the method that was trained under them trained for everybody."""
    transaction.on_commit(lambda: request_build(property_id))
    if training is None or window is None:
        return
    options = training.options
    try:
        run = services.ask_training(
            property_id=property_id, goal_id=goal_id, method=options.method, window=window, asked_by=asked_by, now=now,
            order=options.order, repeats=options.repeats, drops_direct=options.drops_direct,
        )  # fmt: skip
    except services.TrainingUnderWay:
        return
    transaction.on_commit(lambda: request_training(run.pk, property_id))


def request_trial(trial_id: int, property_id: int) -> None:
    """Have a trial begin."""
    run_trial.apply_async(kwargs={"trial_id": trial_id, "property_id": property_id})


def request_build(property_id: int, *, pause: float = PAUSE) -> None:
    """Have a build begin soon, unless one is about to."""
    if build_requests.is_first(property_id):
        build_journeys.apply_async(kwargs={"property_id": property_id}, countdown=pause)


def _rest(property_id: int, seconds: float) -> None:
    seconds = min(seconds, _LONGEST_REST)
    build_requests.rest_until(property_id, timezone.now() + timedelta(seconds=seconds), seconds=seconds)
