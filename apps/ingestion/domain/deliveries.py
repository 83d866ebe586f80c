"""What the log holds: one delivery per request, with the events that were accepted and those that were not.

Events travel as the bytes that the client sent, next to what the door found out (id, kind, corrected time), so that
neither side pays for a second encoding. The version comes first: a writer reads what an older door wrote.
"""

import re

import msgspec
from msgspec import Struct

from apps.ingestion.domain.events import Dropped, Event
from apps.ingestion.domain.reading import text

VERSION = 1
_ADDRESS = re.compile(rb'("ip"\s*:\s*)"[^"]*"?')
LONGEST_PAYLOAD = 8 * 1024
# What may speak of consent: its names, or a letter that somebody wrote with an escape, as no library does.
_ON_CONSENT = re.compile(rb"onsent|gpc|\\u00[4-7]")
_AFTER_CONSENT = frozenset({"bot", "prefetch", "bad_amount", "bad_currency"})


class UnknownVersion(ValueError):
    """A newer door wrote this delivery: update the writer first."""


class Item(Struct, array_like=True, gc=False):
    """One accepted event."""

    message_id: str
    kind: str
    occurred_at: int
    payload: bytes
    country: str = ""
    link_id: int = 0


class Refusal(Struct, array_like=True, gc=False):
    """One event that was not accepted."""

    message_id: str
    end: str
    reason: str
    detail: str
    field: str
    payload: bytes
    # Of what is quarantined alone, which may be read again one day.
    kind: str = ""
    name: str = ""
    occurred_at: int = 0
    country: str = ""


class Delivery(Struct, array_like=True, gc=False):
    """One request."""

    version: int
    property_id: int
    stream_id: int
    stream_kind: str
    received_at: int
    user_agent: str
    items: list[Item]
    refusals: list[Refusal]
    # Of what is replayed: its next end is decided after its last, whatever the writer's clock says (milliseconds).
    decided_after: int = 0

    def decided_at(self, now: int) -> int:
        """Return when ends that are found *now* count as decided."""
        return max(now, self.decided_after + 1) if self.decided_after else now


encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Delivery).decode


def decode(body: bytes) -> Delivery:
    """Return the delivery in *body*. Raises UnknownVersion or msgspec.MsgspecError."""
    delivery = _decode(body)
    if delivery.version > VERSION:
        raise UnknownVersion(f"Version {delivery.version} is newer than {VERSION}.")
    return delivery


def item(event: Event) -> Item:
    """Return *event* as the log keeps it."""
    return Item(event.message_id, event.kind, event.occurred_at, bytes(event.raw), event.country)


def quarantined(event: Event, dropped: Dropped) -> Refusal:
    """Return an event that is kept back as the log keeps it: whole, with what the door found out, to be read again."""
    return Refusal(
        event.message_id,
        dropped.end,
        dropped.reason,
        dropped.detail[:500],
        dropped.field[:200],
        bytes(event.raw),
        event.kind,
        event.name,
        event.occurred_at,
        event.country,
    )


def refusal(message_id: str, dropped: Dropped, raw: bytes, *, needs_consent: bool = False) -> Refusal:
    """Return the end of an event as the log keeps it. Without consent neither its id nor its content is kept (R8).

    Most refusals come before anybody asked for consent: their content may hold a refusal, or want an agreement.
    """
    if dropped.reason == "consent_denied":
        return Refusal("", dropped.end, dropped.reason, dropped.detail, dropped.field, b"")
    is_agreed = dropped.reason in _AFTER_CONSENT or not (needs_consent or _ON_CONSENT.search(raw))
    kept = _ADDRESS.sub(rb'\1""', raw[:LONGEST_PAYLOAD]) if is_agreed else b""
    return Refusal(text(message_id), dropped.end, dropped.reason, dropped.detail[:500], dropped.field[:200], kept)
