"""Breaches begin and end with what the clock sees, and whoever asked is mailed once about each of both."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

import structlog
from django.db import transaction
from django.db.models import Q

from apps.orgs import api as orgs
from apps.quality.domain.rules import OF_STREAMS
from apps.quality.models import Breach, BreachReader, Observation
from apps.shared import mail

log = structlog.get_logger(__name__)


@transaction.atomic
def note_breaches(*, property_id: int, made: Iterable[Observation], now: datetime) -> None:
    """Begin a breach where something is unexpected, end those that are over. Safe to repeat."""
    is_open = {
        row.expectation_id: row
        for row in Breach.objects.select_for_update(of=("self",))
        .filter(property_id=property_id, ended_at=None)
        .select_related("expectation")
    }
    for seen in made:
        row = is_open.get(seen.expectation_id)
        if row is None and not seen.is_met:
            _begin(property_id, seen)
        elif row is not None and seen.is_met:
            _end(row, Breach.End.MET, now)
    for row in is_open.values():
        expected = row.expectation
        if expected.is_archived or not expected.is_on or expected.kind not in OF_STREAMS:
            _end(row, Breach.End.WITHDRAWN, now)


def _begin(property_id: int, seen: Observation) -> None:
    first = {name: getattr(seen, name) for name in ("measured", "lowest", "highest", "newest_at")}
    # Somebody else may look at the same moment: one of both begins it.
    Breach.objects.get_or_create(
        expectation_id=seen.expectation_id,
        ended_at=None,
        defaults={"property_id": property_id, "begun_at": seen.made_at, **first},
    )


def _end(row: Breach, why: Breach.End, now: datetime) -> None:
    row.ended_at, row.end = now, why
    row.seen_at, row.seen_by = None, None  # that it is over is news again
    row.save(update_fields=["ended_at", "end", "seen_at", "seen_by"])


def tell_breaches(*, property_id: int) -> int:
    """Mail those who asked about every beginning and end that they were not told of. Return the number of mails.

    A crash in between mails again what it had not noted, rather than never.
    """
    sent = 0
    due = Q(is_begin_told=False, ended_at=None) | Q(is_end_told=False, ended_at__isnull=False)
    for pk in Breach.objects.filter(due, property_id=property_id).order_by("pk").values_list("pk", flat=True):
        with transaction.atomic():
            row = Breach.objects.select_for_update(of=("self",), skip_locked=True).filter(due, pk=pk).first()
            if row is not None:
                sent += _tell(row)
    return sent


def _tell(row: Breach) -> int:
    """Mail about one breach what is due. The end of one whose beginning nobody was told of is no news."""
    is_news = row.ended_at is None or row.is_begin_told
    row.is_begin_told, row.is_end_told = True, row.ended_at is not None
    row.save(update_fields=["is_begin_told", "is_end_told"])
    if not is_news:
        return 0
    info = orgs.property_by_id(row.property_id)
    readers = [one for one in _readers(row) if _may_read(one, info)]
    for one in readers:
        mail.send("breach", to=one.user.email, context=_context(row, info), language=one.language)
    log.info(
        "breach.told", property_id=row.property_id, breach=row.pk, is_over=row.ended_at is not None, to=len(readers)
    )
    return len(readers)


def _readers(row: Breach) -> Iterable[BreachReader]:
    return BreachReader.objects.filter(property_id=row.property_id).select_related("user")


def _may_read(one: BreachReader, info: orgs.PropertyInfo) -> bool:
    """Tell whether a reader may still see the page that says the same."""
    access = orgs.access_of(one.user, organization_id=info.organization_id)
    return access is not None and access.reaches(info.id) and access.may(orgs.Permission.EVENTS)


def _context(row: Breach, info: orgs.PropertyInfo) -> Mapping[str, Any]:
    return {"breach": row, "expectation": row.expectation, "property": info.name, "time_zone": info.time_zone}


def see_breach(*, property_id: int, breach_id: int, seen_by: Any, now: datetime) -> None:
    """Note that somebody has seen a breach, or its end: pages stop saying so."""
    Breach.objects.filter(property_id=property_id, pk=breach_id, seen_at=None).update(seen_by=seen_by, seen_at=now)


def read_breaches(*, property_id: int, user: Any, is_on: bool, language: str, now: datetime) -> None:
    """Mail somebody about breaches from now on, or no more. Safe to repeat."""
    if not is_on:
        BreachReader.objects.filter(property_id=property_id, user=user).delete()
        return
    BreachReader.objects.update_or_create(
        property_id=property_id, user=user, defaults={"language": language}, create_defaults={
            "language": language, "asked_at": now
        },
    )  # fmt: skip
