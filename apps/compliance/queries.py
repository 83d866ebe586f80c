"""Answers about the record."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from apps.compliance.models import AuditDelivery, AuditEndpoint, AuditEntry
from apps.compliance.wording import ACTIONS

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
    """Return the entries of an organization, newest first, from the one numbered before *before* on.

    They are read along its chain, which has the number of the organization: an index keeps that order, and however
    much others have done lately, none of it is read.
    """
    rows = AuditEntry.objects.filter(chain=organization_id, organization_id=organization_id).order_by("-number")
    if wanted.text:
        rows = rows.filter(_said(wanted.text))
    if wanted.subject:
        rows = rows.filter(subject=wanted.subject)
    if wanted.actor_kind:
        rows = rows.filter(actor_kind=wanted.actor_kind)
    if wanted.first:
        rows = rows.filter(at__gte=_midnight(wanted.first))
    if wanted.last:
        rows = rows.filter(at__lt=_midnight(wanted.last + timedelta(days=1)))
    return rows.filter(number__lt=before) if before else rows


def _said(text: str) -> Q:
    """Return where *text* stands. Addresses are kept in lower case, so no letter of an entry has to be turned."""
    actor = Q(actor_name__contains=text) | Q(actor_name__contains=text.lower())
    actions = [name for name in ACTIONS if text.lower() in name]
    return actor | Q(action__in=actions) | Q(address=text) | Q(subject_id=text) | Q(request_id=text)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), ZoneInfo("UTC"))


def endpoints(organization_id: int) -> QuerySet[AuditEndpoint]:
    """Return the receivers of an organization's record, with how much waits for each and how much was given up."""
    rows = AuditEndpoint.objects.filter(organization_id=organization_id)
    return rows.annotate(waiting=_number_of(_State.WAITING), given_up=_number_of(_State.DEAD))


def _number_of(state: str) -> Coalesce:
    """Return how many deliveries of a receiver are in *state*; what was delivered, most of them, is not read."""
    rows = AuditDelivery.objects.filter(endpoint=OuterRef("pk"), state=state).order_by().values("endpoint")
    return Coalesce(Subquery(rows.annotate(number=Count("pk")).values("number")), 0)


def deliveries(endpoint: AuditEndpoint, *, state: str = "", before: int | None = None) -> QuerySet[AuditDelivery]:
    """Return what went or goes to a receiver, newest first, from the one before *before* on."""
    rows = endpoint.deliveries.filter(state=state) if state else endpoint.deliveries.all()
    number = AuditEntry.objects.filter(pk=OuterRef("entry_id")).values("number")
    rows = rows.annotate(number=Subquery(number))
    return rows.filter(pk__lt=before) if before else rows
