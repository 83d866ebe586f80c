"""Links, reports of networks and first starts of apps in the OpenAPI document."""

from typing import Any

from django.conf import settings

Schema = dict[str, Any]

_TEXT: Schema = {"type": "string"}
_SLUG: Schema = {"name": "slug", "in": "path", "required": True, "schema": _TEXT}
_PERSON = {"aid": "The person's anonymous id, when the sender knows it.", "uid": "The person's user id."}
_TOUCH = {"touch": "Where iOS has a destination of its own: 1 for an iPad that calls itself a Mac, 0 for a Mac."}
_REPORT = {
    **_PERSON,
    "click_id": "The network's id of the click; the event's id.",
    "idfa": "Advertising id of an iOS device that was given with consent.",
    "gaid": "Advertising id of an Android device.",
    "source": "Instead of the link's own, as medium, campaign, term and content.",
    "medium": "",
    "campaign": "",
    "term": "",
    "content": "",
    "ip": "The person's address: read for the country, and not kept.",
    "ua": "The person's user agent.",
    "ts": "When it happened: ISO 8601, or seconds or milliseconds since 1970.",
}
_OPENING: Schema = {
    "type": "object",
    "required": ["clickId", "anonymousId"],
    "properties": {"clickId": _TEXT, "anonymousId": _TEXT, "writeKey": _TEXT},
}
_HANDED: Schema = {
    "type": "object",
    "properties": {"clickId": _TEXT, "deepLink": _TEXT, "link": _TEXT, "campaign": {"type": "object"}},
}
_OPENED: Schema = {
    "type": "object",
    "properties": {**_HANDED["properties"], "destination": _TEXT},
}


def paths(problem: Any) -> Schema:
    """Return the operations; *problem* makes the answer of a refusal."""
    unknown = {"404": problem("There is no such link.")}
    follow = _get("link_follow", "Count a click and send the person on", {**_PERSON, **_TOUCH})
    follow["responses"] = {
        "200": {
            "description": "With `Accept: application/json` what an app that the link opened asks for; else, for "
            "Safari on a Mac where iOS has a destination of its own, a page that asks the browser which it is.",
            "content": {"application/json": {"schema": _OPENED}, "text/html": {"schema": _TEXT}},
        },
        "302": {"description": "To the destination."},
        **unknown,
        "425": problem("A browser fetched it ahead of its person: the click is counted when the person comes."),
    }
    see = _get("link_see", "Count an impression", _PERSON)
    see["responses"] = {"200": {"description": "One transparent point."}, **unknown}
    return {
        "/l/{slug}": {"get": follow},
        "/p/{slug}.gif": {"get": see},
        "/s/{slug}/click": {"get": _reported("click", problem)},
        "/s/{slug}/impression": {"get": _reported("impression", problem)},
        "/v1/first-open": {"post": _first_open(problem)},
    }


def _reported(kind: str, problem: Any) -> Schema:
    operation = _get(f"network_{kind}", f"Take a network's report of one {kind}", _REPORT)
    operation["responses"] = {
        "204": {"description": "It is on the durable log."},
        "400": problem("The time is none."),
        "403": problem("There is no consent."),
        "404": problem("There is no such link."),
        "503": problem("Nothing was recorded. Report it again after Retry-After."),
    }
    return operation


def _first_open(problem: Any) -> Schema:
    handed = {"description": "What the click was about.", "content": {"application/json": {"schema": _HANDED}}}
    return {
        "operationId": "first_open",
        "summary": "Hand over what a click was about to the app's first start",
        "tags": ["links"],
        "servers": _servers(),
        "security": [{"writeKey": []}],
        "requestBody": {"required": True, "content": {"application/json": {"schema": _OPENING}}},
        "responses": {
            "200": handed,
            "400": problem("The body is wrong."),
            "401": problem("No stream has this write key."),
            "404": problem("No click with this id has anything for this device."),
            "503": problem("It cannot be looked up just now. Ask again after Retry-After."),
        },
    }


def _get(name: str, summary: str, query: dict[str, str]) -> Schema:
    asked = [{"name": key, "in": "query", "schema": _TEXT, "description": hint} for key, hint in query.items()]
    return {
        "operationId": name,
        "summary": summary,
        "tags": ["links"],
        "servers": _servers(),
        "security": [],
        "parameters": [_SLUG, *asked],
    }


def _servers() -> list[Schema]:
    return [{"url": settings.COLLECT_URL, "description": "The door of events"}]
