"""Files that people upload go on the log."""

import time
from contextlib import suppress

import structlog
from celery import Task, shared_task
from django.utils import timezone

from apps.ingestion import services, wiring
from apps.ingestion.domain.ports import LogUnavailable
from apps.orgs import api as orgs

log = structlog.get_logger(__name__)
MOST_WAITING = 400  # deliveries on the log: more would fill its memory while the writer catches up
_WHEN_DOWN = 10


@shared_task(name="ingestion.run_import", bind=True, max_retries=30)
def run_import(self: Task[..., None], *, run_id: int, property_id: int, **_: object) -> None:
    """Import one file. Safe to repeat, also after a worker that died: it goes on where that one was."""
    info = orgs.property_by_id(property_id)
    events = wiring.event_log(info.region)

    def pause() -> None:
        while events.lag() > MOST_WAITING:
            time.sleep(0.05)

    with suppress(services.ImportOver):
        try:
            run = services.run_import(
                property_id=property_id,
                run_id=run_id,
                sender_of=lambda stream_id: wiring.importer(info, stream_id),
                log=events,
                days=info.time_zone,
                clock=timezone.now,
                pause=pause,
            )
        except LogUnavailable as down:
            raise self.retry(countdown=_WHEN_DOWN, exc=down) from down
        log.info("import.ended", property_id=property_id, run_id=run_id, status=run.status)


@shared_task(name="ingestion.resume_imports")
def resume_imports(**_: object) -> None:
    """Have imports gone on with whose worker is gone."""
    for lost in services.lost_imports(now=timezone.now()):
        request_import(lost.pk, lost.property_id)


def request_import(run_id: int, property_id: int) -> None:
    """Have an import begin."""
    run_import.apply_async(kwargs={"run_id": run_id, "property_id": property_id})
