"""Our own events from servers (conversions, clicks, impressions, ad spend) in the shape that every other event has."""

import hashlib
from datetime import UTC, date, datetime, time, tzinfo
from typing import Any

import msgspec
from msgspec import Raw

from apps.ingestion.domain import networks
from apps.ingestion.domain.events import Dropped, End

KINDS = frozenset({"track", "click", "impression", "spend"})
_TYPES = {"conversion": "track", "click": "click", "impression": "impression", "spend": "spend"}
_MONEY = ("value", "currency", "orderId")
_COUNTS = ("clicks", "impressions")
_CARRIED = ("userId", "anonymousId", "timestamp", "sentAt", "event", "name")

Fields = dict[str, Any]
_decode = msgspec.json.Decoder(dict[str, Raw]).decode
_any = msgspec.json.Decoder().decode
_encode = msgspec.json.Encoder().encode


def types() -> list[str]:
    """Return what a `type` may be."""
    return sorted(_TYPES)


def translated(raw: bytes, *, zone: tzinfo) -> bytes | Dropped:
    """Return one event as the rest of ingestion reads it, or why it is none. Raises msgspec.MsgspecError.

    *zone* is the property's time zone, in which a day of ad spend lies. What is checked later (ids, times, amounts)
    is passed on as it came.
    """
    sent = _decode(raw)
    kind = _plain(sent.get("type"))
    if not isinstance(kind, str) or kind not in _TYPES:
        return _refused("unknown_type", "type", f"The type is one of {', '.join(types())}.")
    payload: Fields = {name: sent[name] for name in _CARRIED if name in sent}
    payload |= {"type": _TYPES[kind], "messageId": sent.get("messageId") or _named_by_network(sent, kind)}
    payload["context"] = _merged(sent.get("context"), {"campaign": sent["campaign"]} if "campaign" in sent else {})
    payload["properties"] = _merged(sent.get("properties"), {name: sent[name] for name in _MONEY if name in sent})
    if kind == "spend":
        return _spend(sent, payload, zone)
    if kind != "conversion":
        _name_by_itself(payload, raw, sent.get("clickId"))
    return _encode(payload)


def _named_by_network(sent: dict[str, Raw], kind: str) -> Any:
    """Return the id of a click as the id of its event; the impression before it may have been told the same one."""
    click_id = _plain(sent.get("clickId"))
    is_view = kind == "impression" and isinstance(click_id, str | int) and click_id != ""
    return networks.message_id(str(click_id), is_view=True) if is_view else sent.get("clickId")


def _name_by_itself(payload: Fields, raw: bytes, click_id: Any) -> None:
    """Give a click without a person its own id as the person's, which the landing page may carry on."""
    payload["messageId"] = payload["messageId"] or f"own-{hashlib.blake2b(raw, digest_size=12).hexdigest()}"
    if not any(_plain(payload.get(name)) for name in ("userId", "anonymousId")):
        payload["anonymousId"] = click_id or payload["messageId"]


def _spend(sent: dict[str, Raw], payload: Fields, zone: tzinfo) -> bytes | Dropped:
    day, cost = _plain(sent.get("date")), _plain(sent.get("cost"))
    if cost is None or cost == "":
        return _refused("no_cost", "cost", "Ad spend names its cost.")
    try:
        day = date.fromisoformat(str(day))  # 20260531 is the same day as 2026-05-31
        starts_at = datetime.combine(day, time(), zone).astimezone(UTC)
    except (ValueError, OverflowError):
        return _refused("bad_time", "date", "A day is written as 2026-05-31.")
    facts: Fields = {"date": day.isoformat(), "value": cost}
    for name in _COUNTS:
        count = _plain(sent.get(name))
        if count is not None and (isinstance(count, bool) or not isinstance(count, int) or not 0 <= count < 2**53):
            return _refused("wrong_type", name, "A count is a whole number from 0 on.")
        facts |= {} if count is None else {name: count}
    payload["properties"] = _merged(payload["properties"], facts)
    payload["timestamp"] = starts_at.isoformat()
    # The same figures sent again change nothing; other figures for the same day and campaign take their place.
    payload["messageId"] = payload["messageId"] or f"spend-{_digest(payload)}"
    return _encode(payload)


def _merged(given: Raw | Fields | None, ours: Fields) -> Raw | Fields:
    """Return the object *given* with *ours* in it; what is no object comes back as it is, for its reader to refuse."""
    if isinstance(given, dict):
        return {**given, **ours}
    if given is None or bytes(given) == b"null":
        return ours
    try:
        return {**_decode(given), **ours}
    except msgspec.ValidationError:
        return given


def _digest(payload: Fields) -> str:
    return hashlib.blake2b(_encode(payload), digest_size=12).hexdigest()


def _plain(raw: Any) -> Any:
    return _any(raw) if isinstance(raw, Raw) else raw


def _refused(reason: str, field: str, detail: str) -> Dropped:
    return Dropped(End.REFUSED, reason, detail, field)
