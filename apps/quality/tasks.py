"""What the clock and the pages have done: streams watched, schemas learned, events released."""

from contextlib import suppress

import structlog
from celery import shared_task
from django.utils import timezone

from apps.orgs import api as orgs
from apps.quality import services

log = structlog.get_logger(__name__)


@shared_task(name="quality.watch_streams")
def watch_streams(**_: object) -> None:
    """Have every property's streams looked at, and releases begun again whose worker is gone."""
    for property_id in orgs.all_property_ids():
        watch_property.apply_async(kwargs={"property_id": property_id})
    for lost in services.end_lost_releases(now=timezone.now()):
        request_release(lost.pk, lost.property_id)


@shared_task(name="quality.watch_property")
def watch_property(*, property_id: int, **_: object) -> None:
    """Look at one property's streams, and mail whoever asked about what begins or ends to be unexpected."""
    zone = orgs.property_by_id(property_id).time_zone
    made = services.watch_streams(property_id=property_id, time_zone=zone, now=timezone.now())
    failed = [one.expectation_id for one in made if not one.is_met]
    if failed:
        log.warning("streams.unexpected", property_id=property_id, expectations=failed)
    services.tell_breaches(property_id=property_id)


@shared_task(name="quality.learn_all_schemas")
def learn_all_schemas(**_: object) -> None:
    """Have every property's schemas learned and compared."""
    for property_id in orgs.all_property_ids():
        learn_schemas.apply_async(kwargs={"property_id": property_id})


@shared_task(name="quality.learn_schemas")
def learn_schemas(*, property_id: int, **_: object) -> None:
    """Learn one property's schemas, and compare the last day with them."""
    services.learn_schemas(property_id=property_id, now=timezone.now())


@shared_task(name="quality.run_release")
def run_release(*, release_id: int, property_id: int, **_: object) -> None:
    """Take events out of quarantine. Safe to repeat."""
    with suppress(services.ReleaseOver):
        run = services.run_release(property_id=property_id, release_id=release_id, clock=timezone.now)
        log.info("release.ended", property_id=property_id, release_id=release_id, done=run.done, status=run.status)


def request_release(release_id: int, property_id: int) -> None:
    """Have a release begin."""
    run_release.apply_async(kwargs={"release_id": release_id, "property_id": property_id})
