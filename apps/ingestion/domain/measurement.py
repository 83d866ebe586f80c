"""Google Analytics' Measurement Protocol, in the shape that every other event has.

Source: "Measurement Protocol (Google Analytics 4)", reference of the transport and of the events. Names and values of
parameters are kept as they were sent; what has a place of its own (address, title, value, order, device) also gets it.
"""

import hashlib
from typing import Any

import msgspec
from msgspec import Raw, Struct

Fields = dict[str, Any]
_PAGE = {"page_location": "url", "page_referrer": "referrer", "page_title": "title"}
_CAMPAIGN = {"source": "source", "medium": "medium", "campaign": "name", "term": "term", "content": "content"}
_KINDS = {"page_view": "page", "screen_view": "screen"}
_REFUND, _OUR_REFUND = "refund", "Order Refunded"


class Consent(Struct, gc=False):
    """What the person agreed to, as consent mode names it."""

    ad_user_data: str | None = None
    ad_personalization: str | None = None


class Hit(Struct, gc=False):
    """One request: who, and up to 25 events."""

    events: list[Raw]
    client_id: str | None = None
    app_instance_id: str | None = None
    user_id: str | None = None
    timestamp_micros: int | str | None = None
    user_properties: dict[str, Any] | None = None
    consent: Consent | None = None
    non_personalized_ads: Any = None
    ip_override: str | None = None
    user_agent: str | None = None
    user_location: dict[str, Any] | None = None
    device: dict[str, Any] | None = None


class HitEvent(Struct, gc=False):
    """One event of a request."""

    name: str
    params: dict[str, Any] | None = None
    timestamp_micros: int | str | None = None


decode_hit = msgspec.json.Decoder(Hit).decode
decode_event = msgspec.json.Decoder(HitEvent).decode
_encode = msgspec.json.Encoder().encode


def translated(hit: Hit, raw: Raw, number: int) -> bytes:
    """Return event *number* of *hit* as the rest of ingestion reads it. Raises msgspec.MsgspecError.

    Sent again unchanged with a time of its own it gets the same id, so that a client's retry counts once.
    """
    event = decode_event(raw)
    params = event.params or {}
    kind = _KINDS.get(event.name, "track")
    moment = event.timestamp_micros or hit.timestamp_micros
    payload: Fields = {
        "type": kind,
        "messageId": _message_id(hit, raw, number) if moment else None,
        "anonymousId": hit.client_id or hit.app_instance_id,
        "userId": hit.user_id,
        "timestamp": _milliseconds(moment),
        "properties": _properties(params),
        "context": _context(hit, params),
    }
    if kind == "track":
        payload["event"] = _OUR_REFUND if event.name == _REFUND else event.name
    else:
        payload["name"] = params.get("page_title") or params.get("screen_name")
    return _encode(payload)


def _milliseconds(micros: int | str | None) -> int | str | None:
    if isinstance(micros, str) and micros.strip().lstrip("-").isdigit() and len(micros) < 20:
        micros = int(micros)
    return micros // 1000 if isinstance(micros, int) else micros


def _properties(params: Fields) -> Fields:
    found = dict(params)
    if "transaction_id" in params and "order_id" not in params:
        found["order_id"] = params["transaction_id"]
    return found | {ours: params[theirs] for theirs, ours in _PAGE.items() if theirs in params}


def _context(hit: Hit, params: Fields) -> Fields:
    context: Fields = {"library": {"name": "measurement-protocol"}}
    page = {ours: params[theirs] for theirs, ours in _PAGE.items() if theirs in params}
    campaign = {ours: params[theirs] for theirs, ours in _CAMPAIGN.items() if isinstance(params.get(theirs), str)}
    stated = {
        "page": page,
        "campaign": campaign,
        "ip": hit.ip_override,
        "userAgent": hit.user_agent,
        "userProperties": hit.user_properties,
        "location": hit.user_location,
        "locale": params.get("language") or (hit.device or {}).get("language"),
        "device": _said({"type": (hit.device or {}).get("category"), "model": (hit.device or {}).get("model")}),
        "os": _said({"name": (hit.device or {}).get("operating_system")}),
        "consent": _consent(hit),
    }
    return context | {name: value for name, value in stated.items() if value}


def _consent(hit: Hit) -> Fields:
    """Return what the person agreed to: to be measured, and that ads are chosen for them, which are two things."""
    said = hit.consent or Consent()
    for_them = said.ad_personalization
    if for_them is None and hit.non_personalized_ads is True:  # as it was said before consent mode
        for_them = "DENIED"
    return _said({"status": said.ad_user_data, "ad_personalization": for_them})


def _said(fields: Fields) -> Fields:
    return {name: value for name, value in fields.items() if value is not None}


def _message_id(hit: Hit, raw: Raw, number: int) -> str:
    who = _encode([hit.client_id, hit.app_instance_id, hit.user_id, hit.timestamp_micros, number])
    return f"mp-{hashlib.blake2b(who + bytes(raw), digest_size=16).hexdigest()}"
