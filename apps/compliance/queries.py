"""Answers about the record."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery

from apps.compliance.models import AuditDelivery, AuditEndpoint, AuditEntry

_State = AuditDelivery.State


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is looked for in the record; empty is everything."""

    text: str = ""
    subject: str = ""
    actor_kind: str = ""
    first: date | None = None
    last: date | None = None


def entries(*, organization_id: int, wanted: Wanted, before: int | None = None) -> QuerySet[AuditEntry]:
    """Return the entries of an organization, newest first, from the one before *before* on."""
    rows = AuditEntry.objects.filter(organization_id=organization_id)
    if wanted.text:
        said = Q(actor_name__icontains=wanted.text) | Q(address=wanted.text) | Q(subject_id=wanted.text)
        rows = rows.filter(said | Q(request_id=wanted.text) | Q(action__icontains=wanted.text))
    if wanted.subject:
        rows = rows.filter(subject=wanted.subject)
    if wanted.actor_kind:
        rows = rows.filter(actor_kind=wanted.actor_kind)
    if wanted.first:
        rows = rows.filter(at__gte=_midnight(wanted.first))
    if wanted.last:
        rows = rows.filter(at__lt=_midnight(wanted.last + timedelta(days=1)))
    return rows.filter(pk__lt=before) if before else rows


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), ZoneInfo("UTC"))


def endpoints(organization_id: int) -> QuerySet[AuditEndpoint]:
    """Return the receivers of an organization's record, with how much waits for each and how much was given up."""
    rows = AuditEndpoint.objects.filter(organization_id=organization_id)
    waiting, dead = (Q(deliveries__state=state) for state in (_State.WAITING, _State.DEAD))
    return rows.annotate(waiting=Count("deliveries", filter=waiting), given_up=Count("deliveries", filter=dead))


def deliveries(endpoint: AuditEndpoint, *, state: str = "", before: int | None = None) -> QuerySet[AuditDelivery]:
    """Return what went or goes to a receiver, newest first, from the one before *before* on."""
    rows = endpoint.deliveries.filter(state=state) if state else endpoint.deliveries.all()
    number = AuditEntry.objects.filter(pk=OuterRef("entry_id")).values("number")
    rows = rows.annotate(number=Subquery(number))
    return rows.filter(pk__lt=before) if before else rows
