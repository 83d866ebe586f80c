"""How a training or a trial goes on: its steps are noted, it is ended when nobody wants it, and its end is recorded."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from django.db.models import QuerySet

import attribution as engine
from apps.attribution.adapters import live_updates
from apps.attribution.adapters.build_lock import is_training
from apps.attribution.models import Computation
from apps.attribution.services import fitting

Status = Computation.Status
# What nobody works on for so long lost its worker.
LOST_AFTER = timedelta(minutes=5)


class _Canceled(Exception):
    """Somebody wants it to end."""


@contextmanager
def recorded(row: Computation, clock: Callable[[], datetime]) -> Iterator[None]:
    """Write down how the work inside ended; a refusal or a cancellation goes no further, an error does."""
    row.status, row.started_at = Status.RUNNING, clock()
    row.save(update_fields=["status", "started_at"])
    try:
        yield
        row.status, row.progress, row.stage = Status.SUCCEEDED, 100, ""
    except engine.CannotTellError as refusal:
        row.status, row.refusal, row.error = Status.REFUSED, refusal.code, str(refusal)
    except (_Canceled, fitting.FitUnwanted):
        row.status = Status.CANCELED
    except Exception as error:
        row.status, row.error = Status.FAILED, f"{type(error).__name__}: {error}"[:2000]
        raise
    finally:
        row.finished_at = clock()
        row.is_cancel_wanted = False
        row.save()
        live_updates.tell_training(row.property_id)


def step(row: Computation, stage: str, progress: int) -> None:
    """Note how far it is, and end it if that is wanted."""
    row.stage, row.progress = stage, progress
    row.save(update_fields=["stage", "progress"])
    live_updates.tell_training(row.property_id)
    if is_unwanted(row):
        raise _Canceled


def is_unwanted(row: Computation) -> bool:
    """Tell whether somebody wants it to end."""
    row.refresh_from_db(fields=["is_cancel_wanted"])
    return row.is_cancel_wanted


def cancel(rows: QuerySet[Computation], *, property_id: int, now: datetime) -> bool:
    """End what waits at once and what works at its next step; return whether there was any."""
    ended = rows.filter(status=Status.QUEUED).update(status=Status.CANCELED, finished_at=now)
    found = ended or rows.filter(status=Status.RUNNING).update(is_cancel_wanted=True)
    if found:
        live_updates.tell_training(property_id)
    return bool(found)


def end_lost(rows: QuerySet[Computation], *, now: datetime) -> None:
    """Say of what lost its worker that it failed: it would seem to wait for ever."""
    for row in rows.filter(status=Status.RUNNING, started_at__lt=now - LOST_AFTER):
        if is_training(row.property_id):
            continue
        rows.filter(pk=row.pk, status=Status.RUNNING).update(status=Status.FAILED, finished_at=now, error="interrupted")
        live_updates.tell_training(row.property_id)
