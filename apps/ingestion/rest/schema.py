"""The door of events in the OpenAPI document. It is no DRF view, so it describes itself here."""

from typing import Any

from django.conf import settings

from apps.ingestion.rest import schema_context, schema_links, schema_sources, schema_tokens

Schema = dict[str, Any]

_TEXT: Schema = {"type": "string"}
_TIME: Schema = {"type": ["string", "number"], "description": "ISO 8601, or seconds or milliseconds since 1970."}
_ANY: Schema = {"type": "object", "additionalProperties": True}
_ID: Schema = {"type": ["string", "integer"], "maxLength": 512}

_FIELDS: dict[str, Schema] = {
    "messageId": {
        **_ID,
        "description": "Unique in the property. An id that came before changes nothing.",
    },
    "anonymousId": _ID,
    "userId": _ID,
    "timestamp": _TIME,
    "sentAt": {**_TIME, "description": "When the client sent it, by its own clock, which this corrects."},
    "context": {"$ref": "#/components/schemas/CollectContext"},
}
_CALLS: dict[str, tuple[str, dict[str, Schema], list[str]]] = {
    "track": ("Something a person did", {"event": _TEXT, "properties": _ANY}, ["event"]),
    "page": ("A person saw a page", {"name": _TEXT, "properties": _ANY}, []),
    "screen": ("A person saw a screen of an app", {"name": _TEXT, "properties": _ANY}, []),
    "identify": ("Who a person is", {"traits": _ANY}, []),
    "group": ("Which group a person belongs to", {"groupId": _ID, "traits": _ANY}, ["groupId"]),
    "alias": ("Two ids are one person", {"previousId": _ID}, ["previousId", "userId"]),
}
_RESULT: Schema = {
    "type": "object",
    "required": ["messageId", "status", "index"],
    "properties": {
        "messageId": _TEXT,
        "status": {"enum": ["accepted", "quarantined", "refused"]},
        "index": {"type": "integer"},
        "reason": _TEXT,
        "field": _TEXT,
        "detail": _TEXT,
    },
}
_PROBLEM: Schema = {
    "type": "object",
    "description": "A problem document (RFC 9457).",
    "required": ["type", "title", "status", "code", "detail"],
    "properties": {
        "type": _TEXT,
        "title": _TEXT,
        "status": {"type": "integer"},
        "code": _TEXT,
        "detail": _TEXT,
        "field": _TEXT,
        "index": {"type": "integer"},
        "errors": {"type": "array", "items": {"$ref": "#/components/schemas/CollectResult"}},
    },
}
_PROBLEMS = {
    "400": "The body, or every event in it, is wrong; the answer says which event and which field.",
    "401": "No stream has this write key.",
    "403": "Every event came from a robot, or from a person who did not agree.",
    "405": "Send events with POST.",
    "413": "The body, the batch or the event is too large.",
    "415": "The body is compressed in a way that is not understood.",
    "422": "Every event was put into quarantine.",
    "429": "The stream sends more than it may. Nothing was accepted; send it again after Retry-After.",
    "503": "Nothing was accepted. Send it again after Retry-After.",
}


def add_collection(result: Schema, generator: object, request: object, public: bool) -> Schema:  # noqa: ARG001
    """Add the operations of collection to the document; called by drf-spectacular."""
    components = result.setdefault("components", {})
    schemas = components.setdefault("schemas", {})
    schemas |= {"CollectResult": _RESULT, "CollectResults": _results(), "Problem": _PROBLEM, "CollectBatch": _batch()}
    schemas |= schema_context.schemas()
    components.setdefault("securitySchemes", {})["writeKey"] = {
        "type": "http",
        "scheme": "basic",
        "description": "The write key as the user name, without a password; or as a bearer token; or in the body, "
        "also beside a token of `/token`.",
    }
    paths = result.setdefault("paths", {})
    for name, (summary, fields, required) in _CALLS.items():
        schemas[f"Collect{name.title()}"] = _event(fields, required)
        paths[f"/v1/{name}"] = {"post": _operation(name, summary, f"Collect{name.title()}")}
    paths["/v1/batch"] = {"post": _operation("batch", "Many events at once", "CollectBatch")}
    schemas |= schema_sources.schemas()
    paths |= schema_sources.paths({status: _problem(text) for status, text in _PROBLEMS.items()})
    paths |= schema_links.paths(_problem)
    schemas |= schema_tokens.schemas()
    paths |= schema_tokens.paths(_problem, _servers())
    return result


def _servers() -> list[Schema]:
    return [{"url": settings.COLLECT_URL, "description": "The door of events"}]


def _event(fields: dict[str, Schema], required: list[str]) -> Schema:
    event: Schema = {"type": "object", "properties": {**_FIELDS, **fields}, "required": required}
    if "userId" not in required:
        event["anyOf"] = [{"required": ["userId"]}, {"required": ["anonymousId"]}]
    return event


def _batch() -> Schema:
    events = [
        {"allOf": [{"$ref": f"#/components/schemas/Collect{name.title()}"}, {"properties": {"type": {"const": name}}}]}
        for name in _CALLS
    ]
    most = settings.INGESTION_MAX_BATCH_EVENTS
    return {
        "type": "object",
        "required": ["batch"],
        "properties": {
            "batch": {"type": "array", "minItems": 1, "maxItems": most, "items": {"anyOf": events}},
            "sentAt": _TIME,
            "context": {
                "allOf": [{"$ref": "#/components/schemas/CollectContext"}],
                "description": "Holds for every event that does not say otherwise.",
            },
        },
    }


def _results() -> Schema:
    results = {"type": "array", "items": {"$ref": "#/components/schemas/CollectResult"}}
    return {
        "type": "object",
        "required": ["success", "results"],
        "properties": {"success": {"type": "boolean"}, "results": results},
    }


def _operation(name: str, summary: str, schema: str) -> Schema:
    accepted = "The events are on the durable log. `success` is false when some were not accepted; each says why."
    return {
        "operationId": f"collect_{name}",
        "summary": summary,
        "tags": ["collection"],
        "servers": _servers(),
        "security": [{"writeKey": []}],
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": {"$ref": f"#/components/schemas/{schema}"}}},
        },
        "responses": {
            "200": {
                "description": accepted,
                "content": {"application/json": {"schema": {"$ref": "#/components/schemas/CollectResults"}}},
            },
            **{status: _problem(text) for status, text in _PROBLEMS.items()},
        },
    }


def _problem(text: str) -> Schema:
    content = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {"description": text, "content": content}
