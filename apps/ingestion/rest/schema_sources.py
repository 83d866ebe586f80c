"""The doors beside Segment's calls in the OpenAPI document: events of servers, the Measurement Protocol, libraries."""

from typing import Any

from django.conf import settings

Schema = dict[str, Any]

_TEXT: Schema = {"type": "string"}
_ID: Schema = {"type": ["string", "integer"], "maxLength": 512}
_AMOUNT: Schema = {"type": ["number", "string"], "description": "A number, or a text that holds one exactly."}
_COUNT: Schema = {"type": "integer", "minimum": 0}
_DAY: Schema = {"type": "string", "format": "date", "description": "The day, in the property's time zone."}
_CAMPAIGN: Schema = {
    "type": "object",
    "properties": dict.fromkeys(("source", "medium", "name", "term", "content"), _TEXT),
}
_SHARED: dict[str, Schema] = {
    "messageId": {**_ID, "description": "Unique in the property. An id that came before changes nothing."},
    "campaign": _CAMPAIGN,
    "properties": {"type": "object", "additionalProperties": True},
    "context": {"$ref": "#/components/schemas/CollectContext"},
}
_PERSON: dict[str, Schema] = {
    "userId": _ID,
    "anonymousId": _ID,
    "timestamp": {"type": ["string", "number"], "description": "ISO 8601, or seconds or milliseconds since 1970."},
}
_CLICK = {"clickId": {**_ID, "description": "The network's own id; the event's id where messageId is missing."}}
_TYPES: dict[str, tuple[dict[str, Schema], list[str]]] = {
    "conversion": (
        {**_PERSON, "event": _TEXT, "value": _AMOUNT, "currency": _TEXT, "orderId": _ID},
        ["event"],
    ),
    "click": ({**_PERSON, **_CLICK}, []),
    "impression": ({**_PERSON, **_CLICK}, []),
    "spend": (
        {"date": _DAY, "cost": _AMOUNT, "currency": _TEXT, "clicks": _COUNT, "impressions": _COUNT},
        ["date", "cost"],
    ),
}
_KEY: Schema = {
    "name": "Idempotency-Key",
    "in": "header",
    "schema": {"type": "string", "maxLength": 255},
    "description": "The same key with the same body gets the first answer again for a day, and changes nothing.",
}
_HIT: Schema = {
    "type": "object",
    "required": ["events"],
    "properties": {
        "client_id": _TEXT,
        "app_instance_id": _TEXT,
        "user_id": _TEXT,
        "timestamp_micros": {"type": ["integer", "string"]},
        "user_properties": {"type": "object", "additionalProperties": True},
        "consent": {"type": "object", "properties": {"ad_user_data": _TEXT, "ad_personalization": _TEXT}},
        "ip_override": _TEXT,
        "user_agent": _TEXT,
        "events": {
            "type": "array",
            "minItems": 1,
            "items": {
                "type": "object",
                "required": ["name"],
                "properties": {"name": _TEXT, "params": {"type": "object", "additionalProperties": True}},
            },
        },
    },
}
_FINDINGS: Schema = {
    "type": "object",
    "properties": {
        "validationMessages": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": dict.fromkeys(("fieldPath", "description", "validationCode"), _TEXT),
            },
        }
    },
}


def schemas() -> dict[str, Schema]:
    """Return the shapes of what is sent."""
    events = {
        f"Native{name.title()}": {
            "type": "object",
            "required": ["type", *required],
            "properties": {"type": {"const": name}, **_SHARED, **fields},
        }
        for name, (fields, required) in _TYPES.items()
    }
    one = {"anyOf": [{"$ref": f"#/components/schemas/{name}"} for name in events]}
    most = settings.INGESTION_MAX_BATCH_EVENTS
    several = {
        "type": "object",
        "required": ["events"],
        "properties": {"events": {"type": "array", "minItems": 1, "maxItems": most, "items": one}},
    }
    return {**events, "NativeEvents": {"anyOf": [several, *one["anyOf"]]}, "MeasurementHit": _HIT}


def paths(problems: Schema) -> Schema:
    """Return the operations; *problems* are the answers that every door may give."""
    results = _answer("What became of each event.", {"$ref": "#/components/schemas/CollectResults"})
    found = _answer("What is wrong; an empty list where nothing is.", _FINDINGS)
    told = {**problems, "409": problems["503"] | {"description": "The first request is still being answered."}}
    native = _operation("collect_events", "Conversions, clicks, impressions and ad spend from a server", "NativeEvents")
    native |= {"parameters": [_KEY], "security": [{"writeKey": []}], "responses": {"200": results, **told}}
    hit = _operation("measurement_collect", "Events of Google Analytics' Measurement Protocol", "MeasurementHit")
    none = {"description": "Every event is on the durable log."}
    hit |= {"parameters": _secret(), "responses": {"204": none, "200": results, **problems}}
    debug = _operation("measurement_debug", "Say what is wrong with such events, and take none", "MeasurementHit")
    debug |= {"parameters": _secret(), "responses": {"200": found, "400": problems["400"], "413": problems["413"]}}
    return {
        "/v1/events": {"post": native},
        "/mp/collect": {"post": hit},
        "/debug/mp/collect": {"post": debug},
        "/v1/projects/{write_key}/settings": {"get": _settings(problems)},
    }


def _operation(name: str, summary: str, schema: str) -> Schema:
    content = {"application/json": {"schema": {"$ref": f"#/components/schemas/{schema}"}}}
    return {
        "operationId": name,
        "summary": summary,
        "tags": ["collection"],
        "servers": [{"url": settings.COLLECT_URL, "description": "The door of events"}],
        "security": [],
        "requestBody": {"required": True, "content": content},
    }


def _settings(problems: Schema) -> Schema:
    key = {"name": "write_key", "in": "path", "required": True, "schema": _TEXT}
    operation = _operation("collect_settings", "What Segment's libraries ask before they send", "Problem")
    del operation["requestBody"]
    found = _answer("Where to send.", {"type": "object", "additionalProperties": True})
    unknown = problems["401"] | {"description": "No stream has this write key."}
    return {**operation, "parameters": [key], "responses": {"200": found, "404": unknown, "503": problems["503"]}}


def _secret() -> list[Schema]:
    secret = {"name": "api_secret", "in": "query", "required": True, "schema": _TEXT, "description": "A write key."}
    return [secret, {"name": "measurement_id", "in": "query", "schema": _TEXT, "description": "Not looked at."}]


def _answer(text: str, schema: Schema) -> Schema:
    return {"description": text, "content": {"application/json": {"schema": schema}}}
