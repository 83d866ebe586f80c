"""One run of deliveries to one address: in the order of the record, until nothing is due or the receiver fails."""

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Protocol

from django.db.models import F, Q

from apps.compliance.domain import retries
from apps.compliance.models import AuditDelivery, AuditEndpoint, AuditEntry
from apps.compliance.services import streaming
from apps.orgs import api as orgs

# A run ends well before its turn does, however slow the receiver: an attempt takes 8 seconds at most.
_RUN, _TURN = timedelta(seconds=60), timedelta(seconds=120)
_MISSES_IN_A_RUN = 3
Clock = Callable[[], datetime]


class Post(Protocol):
    """What carries a message: its status, or None when nobody answered."""

    def __call__(self, *, url: str, message_id: str, body: str, secrets: list[str], now: datetime) -> int | None:
        """Post one message."""


def endpoints_due(*, now: datetime) -> list[int]:
    """Return the endpoints to which something is due."""
    due = AuditDelivery.objects.filter(state=AuditDelivery.State.WAITING, next_at__lte=now)
    rows = AuditEndpoint.objects.filter(paused_at=None, pk__in=due.values("endpoint_id"))
    return list(rows.values_list("pk", flat=True))


def deliver_due(*, endpoint_id: int, post: Post, clock: Clock, jitter: Callable[[], float]) -> int:
    """Deliver what is due to an endpoint and return how much was taken. Nothing while another run is at it."""
    began, taken, misses = clock(), 0, 0
    if not _take_turn(endpoint_id, began):
        return 0
    try:
        while clock() < began + _RUN and misses < _MISSES_IN_A_RUN and (one := _next(endpoint_id, clock())):
            is_taken = _attempt(one, post=post, now=clock(), jitter=jitter())
            taken, misses = taken + is_taken, 0 if is_taken else misses + 1
    finally:
        AuditEndpoint.objects.filter(pk=endpoint_id).update(busy_until=None)
    return taken


def _take_turn(endpoint_id: int, now: datetime) -> bool:
    is_free = Q(busy_until=None) | Q(busy_until__lte=now)
    rows = AuditEndpoint.objects.filter(is_free, pk=endpoint_id, paused_at=None)
    return bool(rows.update(busy_until=now + _TURN))


def _next(endpoint_id: int, now: datetime) -> AuditDelivery | None:
    rows = AuditDelivery.objects.filter(endpoint_id=endpoint_id, state=AuditDelivery.State.WAITING, next_at__lte=now)
    return rows.filter(endpoint__paused_at=None).select_related("endpoint__organization").order_by("pk").first()


def _attempt(one: AuditDelivery, *, post: Post, now: datetime, jitter: float) -> bool:
    """Try once, and write down how it went before anything else: a crash in between sends the same id again."""
    endpoint = one.endpoint
    secrets = streaming.signing_secrets(endpoint, now=now)
    status = post(url=endpoint.url, message_id=message_id(one), body=body_of(one), secrets=secrets, now=now)
    is_taken = status is not None and 200 <= status < 300
    one.status, one.tried_at, one.attempts = status, now, one.attempts + 1
    if is_taken:
        one.state = AuditDelivery.State.DELIVERED
    elif one.attempts >= retries.MOST_ATTEMPTS:
        one.state = AuditDelivery.State.DEAD
    else:
        one.next_at = now + retries.wait_after(one.attempts, jitter=jitter)
    one.save(update_fields=["status", "tried_at", "attempts", "state", "next_at"])
    _note(endpoint, status if not is_taken else 200, is_taken=is_taken, now=now)
    return is_taken


def _note(endpoint: AuditEndpoint, status: int | None, *, is_taken: bool, now: datetime) -> None:
    rows = AuditEndpoint.objects.filter(pk=endpoint.pk)
    if is_taken:
        rows.update(failures=0, failing_since=None, last_delivered_at=now)
        return
    rows.update(failures=F("failures") + 1, failing_since=endpoint.failing_since or now)
    endpoint.refresh_from_db(fields=["failures", "failing_since"])
    since = endpoint.failing_since or now
    if retries.is_hopeless(status=status, failures=endpoint.failures, failing_since=since, now=now):
        streaming.pause(endpoint, now=now)
        _tell_owners(endpoint)


def _tell_owners(endpoint: AuditEndpoint) -> None:
    context = {"organization": endpoint.organization.name, "url": endpoint.url}
    for owner in orgs.owners_of(endpoint.organization_id):
        from apps.shared import mail  # what composes one takes megabytes, also in processes that send none

        mail.send("record_stream_paused", to=owner.email, context=context)


def message_id(one: AuditDelivery) -> str:
    """Return what names the message: the same however often it is sent, so that a receiver can tell."""
    return f"record_{one.entry_id}" if one.entry_id else f"test_{one.pk}"


def body_of(one: AuditDelivery) -> str:
    """Return the message: an entry with its hash and the one before it, which show order and wholeness."""
    entry = AuditEntry.objects.filter(pk=one.entry_id).first() if one.entry_id else None
    at = entry.at if entry and entry.at else one.made_at
    said = {
        "type": "record.entry" if one.entry_id else "record.test",
        "timestamp": at.isoformat(),
        "data": {"organization": one.endpoint.organization.slug, **(entry_facts(entry) if entry else {})},
    }
    return json.dumps(said, ensure_ascii=False, separators=(",", ":"))


def entry_facts(entry: AuditEntry) -> dict[str, object]:
    """Return an entry as the API and receivers see it."""
    return {
        "number": entry.number,
        "at": entry.at.isoformat() if entry.at else None,
        "actor": {"kind": entry.actor_kind, "id": entry.actor_id, "name": entry.actor_name},
        "address": entry.address,
        "request_id": entry.request_id,
        "action": entry.action,
        "subject": entry.subject,
        "subject_id": entry.subject_id,
        "before": entry.before,
        "after": entry.after,
        "previous": entry.previous,
        "hash": entry.hash,
    }
