"""From the bytes of one event to an Event, or the reason why they are none. Every check that needs no settings."""

import re
from collections.abc import Callable
from typing import Protocol

import msgspec
from msgspec import Raw

from apps.ingestion.domain import instants
from apps.ingestion.domain.events import SENDABLE_KINDS, Dropped, End, Event, Kind
from apps.ingestion.domain.payload import (
    LONGEST_ID,
    LONGEST_NAME,
    NO_PROPERTIES,
    Payload,
    Plain,
    Properties,
    ShortPayload,
    decode_id,
    decode_payload,
    decode_properties,
    decode_short,
)

MAX_DEPTH = 64

_BRACKET, _BACKSLASH = b"[\\"
_ESCAPED_NUL = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")
_STRINGS = re.compile(rb'"(?:[^"\\]|\\.)*"', re.DOTALL)
_PLACE = re.compile(r" - at `\$\.?(?P<field>.*)`$")
_NOT_GIVEN = (None, "")
_IDS = ("messageId", "userId", "anonymousId", "previousId", "groupId")


class Timed(Protocol):
    """What says when something happened, and when it was sent."""

    @property
    def timestamp(self) -> str | float | None:
        """Return the time as stated."""

    @property
    def original_timestamp(self) -> str | float | None:
        """Return the time as first stated: a library repeats it when it sends again."""

    @property
    def sent_at(self) -> str | float | None:
        """Return when the client says it sent it."""


class NotJson(ValueError):
    """The bytes are not a JSON document that can be kept."""


def check_json(raw: bytes) -> None:
    """Raise NotJson for what would decode, but neither store nor travel well: deep nesting and NUL characters."""
    check_depth(raw)
    if _BACKSLASH in raw and b"\\u0000" in raw and _ESCAPED_NUL.search(raw):
        raise NotJson("A text holds the character NUL.")


def check_depth(raw: bytes) -> None:
    """Raise NotJson for what is nested too deeply."""
    # Looking for one byte is many times faster than counting it or looking for several, and a number says one byte.
    opened = raw.count(b"{") + (raw.count(b"[") if _BRACKET in raw else 0)
    if opened > MAX_DEPTH and _depth(raw) > MAX_DEPTH:
        raise NotJson(f"The JSON is nested deeper than {MAX_DEPTH} levels.")


def read_event(
    raw: bytes,
    *,
    kind: str,
    batch_sent_at: str | float | None,
    received_at: int,
    new_id: Callable[[], str],
    kinds: frozenset[str] = SENDABLE_KINDS,
) -> tuple[str, Event | Dropped]:
    """Return the message id of *raw* (empty when it cannot be read) and the event, or why it is refused.

    *kind* is what the address says, empty in a batch, where each event says it itself.
    """
    try:
        check_json(raw)
        payload = _decode(raw)
    except (msgspec.MsgspecError, UnicodeError, RecursionError, NotJson) as error:
        return message_id_of(raw), malformed(error)
    message_id = _id(payload.message_id) or new_id()
    said_kind = kind or payload.type
    problem = _identity_problem(payload, message_id, said_kind) or _kind_problem(payload, said_kind, kinds)
    if problem is not None:
        return message_id[:LONGEST_ID], problem
    return message_id, _read(payload, message_id, said_kind, batch_sent_at, received_at, raw)


def message_id_of(raw: bytes) -> str:
    """Return the id that an event states which is refused unread, as far as it can be read; else nothing.

    By it the one who sent the event knows which it was, and finds its end.
    """
    try:
        found = _id(decode_id(raw).message_id)
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        return ""
    return "" if "\0" in found else found[:LONGEST_ID]


def read_again(raw: bytes, *, message_id: str, kind: str, occurred_at: int, received_at: int) -> Event | Dropped:
    """Return an event that was kept back, with the id and the time that it had; never in any other shape."""
    try:
        check_json(raw)
        payload = _decode(raw)
        facts = facts_of(payload)
    except (msgspec.MsgspecError, UnicodeError, RecursionError, NotJson) as error:
        return malformed(error)
    problem = _identity_problem(payload, message_id, kind) or _kind_problem(payload, kind, frozenset(Kind))
    if problem is not None:
        return problem
    name = (payload.event if kind == "track" else payload.name) or ""
    return Event(0, 0, message_id, kind, name, occurred_at, received_at, payload=payload, facts=facts, raw=raw)


def _decode(raw: bytes) -> Payload:
    try:
        return decode_short(raw)
    except msgspec.ValidationError:
        return decode_payload(raw)  # what is too long is said by its own check, anything else by this error


def malformed(error: Exception) -> Dropped:
    """Return the refusal of bytes that *error* could not read, with the field where the decoder names one."""
    text = str(error)
    place = _PLACE.search(text)
    if isinstance(error, msgspec.ValidationError) and place:
        return Dropped(End.REFUSED, "wrong_type", text[: place.start()], place["field"])
    if isinstance(error, msgspec.ValidationError):
        return Dropped(End.REFUSED, "wrong_type", text)
    if isinstance(error, RecursionError):
        return Dropped(End.REFUSED, "too_deep", f"The JSON is nested deeper than {MAX_DEPTH} levels.")
    if isinstance(error, NotJson):
        return Dropped(End.REFUSED, "too_deep" if "deeper" in text else "nul_character", text)
    return Dropped(End.REFUSED, "not_json", f"This is not JSON in UTF-8: {text[:200]}")


def occurred_at(payload: Timed, batch_sent_at: str | float | None, received_at: int) -> int:
    """Return when it happened, by our clock. Raises NotAnInstant."""
    said = payload.original_timestamp
    if said is None or said == "":
        said = payload.timestamp
    if said is None or said == "":
        return received_at
    sent = payload.sent_at
    if sent is None or sent == "":
        sent = batch_sent_at
    moment = instants.milliseconds(said)
    if sent is None or sent == "":
        return moment
    return instants.corrected(moment, sent_at=instants.milliseconds(sent), received_at=received_at)


def facts_of(payload: Payload) -> Properties:
    """Return those properties that become columns. Raises msgspec.MsgspecError or UnicodeError."""
    return (decode_properties(payload.properties) or NO_PROPERTIES) if payload.properties else NO_PROPERTIES


def text(value: Plain) -> str:
    """Return a plain value as text; nothing is the empty text."""
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _read(
    payload: Payload, message_id: str, kind: str, batch_sent_at: str | float | None, received_at: int, raw: bytes
) -> Event | Dropped:
    try:
        moment = occurred_at(payload, batch_sent_at, received_at)
    except instants.NotAnInstant as error:
        return Dropped(End.REFUSED, "bad_time", str(error), _badly_timed(payload))
    if moment > received_at + instants.MOST_FUTURE:
        return Dropped(End.REFUSED, "in_future", "The event lies more than a day in the future.", "timestamp")
    if moment < instants.EARLIEST:
        return Dropped(End.REFUSED, "too_old", "The event lies before the year 2000.", "timestamp")
    moment = min(moment, received_at)  # nothing has happened after it was told: a clock that says so runs ahead
    try:
        facts = facts_of(payload)
    except (msgspec.MsgspecError, UnicodeError) as error:
        inside = malformed(error)
        return Dropped(inside.end, inside.reason, inside.detail, f"properties.{inside.field}".rstrip("."))
    name = (payload.event if kind == "track" else payload.name) or ""
    return Event(0, 0, message_id, kind, name, moment, received_at, payload=payload, facts=facts, raw=raw)


def _identity_problem(payload: Payload, message_id: str, kind: str) -> Dropped | None:
    if not isinstance(payload, ShortPayload):
        ids = (message_id, payload.user_id, payload.anonymous_id, payload.previous_id, payload.group_id)
        for field, value in zip(_IDS, ids, strict=True):
            if value is not None and len(str(value)) > LONGEST_ID:
                return _missing("too_long", field, f"An id has at most {LONGEST_ID} characters.")
    if payload.user_id in _NOT_GIVEN and payload.anonymous_id in _NOT_GIVEN and kind != "spend":
        return _missing("no_identity", "userId", "An event needs a userId or an anonymousId.")
    return None


def _kind_problem(payload: Payload, kind: str, kinds: frozenset[str]) -> Dropped | None:
    if kind not in kinds:
        return _missing("unknown_type", "type", f"The type is one of {', '.join(sorted(kinds))}.")
    if kind == "track" and not payload.event:
        return _missing("no_name", "event", "A track call, or a conversion, names its event in `event`.")
    if kind == "alias" and (payload.previous_id in _NOT_GIVEN or payload.user_id in _NOT_GIVEN):
        return _missing("no_identity", "previousId", "An alias call needs a previousId and a userId.")
    if kind == "group" and payload.group_id in _NOT_GIVEN:
        return _missing("no_group", "groupId", "A group call needs a groupId.")
    if len(payload.event or payload.name or "") > LONGEST_NAME:
        return _missing("too_long", "event", f"A name has at most {LONGEST_NAME} characters.")
    return None


def _badly_timed(payload: Payload) -> str:
    """Return the field of the time that is none: when it happened, if that is stated, else when it was sent."""
    for field, value in (("originalTimestamp", payload.original_timestamp), ("timestamp", payload.timestamp)):
        if value is not None and value != "":
            try:
                instants.milliseconds(value)
            except instants.NotAnInstant:
                return field
            break
    return "sentAt"


def _missing(reason: str, field: str, detail: str) -> Dropped:
    return Dropped(End.REFUSED, reason, detail, field)


def _id(value: str | int | None) -> str:
    return value if isinstance(value, str) else "" if value is None else str(value)


def _depth(raw: bytes) -> int:
    depth = deepest = 0
    for byte in _STRINGS.sub(b"", raw):
        if byte in b"{[":
            depth += 1
            deepest = max(deepest, depth)
        elif byte in b"}]":
            depth -= 1
    return deepest


def raw_bytes(raw: Raw | bytes | memoryview) -> bytes:
    """Return *raw* as bytes of its own, free from the body it was cut out of."""
    return bytes(raw)


def with_context(raw: bytes, shared: Raw) -> bytes:
    """Return the event *raw* with the context that its batch states for all; what it says itself wins.

    An event that cannot be read comes back as it is: its own reading says what is wrong with it.
    """
    try:
        check_json(raw)
        event = _decode_fields(raw)
        own = _decode_fields(event.get("context", b"{}"))
    except (msgspec.MsgspecError, UnicodeError, RecursionError, NotJson):
        return raw
    return msgspec.json.encode({**event, "context": {**_decode_fields(shared), **own}})


_decode_fields = msgspec.json.Decoder(dict[str, Raw]).decode
