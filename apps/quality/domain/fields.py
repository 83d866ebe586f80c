"""Where an expectation looks: a path into an event as it is stored, so that a preview over the past means the same.

What the pipeline made a column of is read there: `context.campaign.source` is the source as it was understood, from the
call or from the address. Everything else lies in the properties or in what is kept of the context.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from apps.ingestion.domain.events import Event

COLUMNS = {
    "type": "kind",
    "event": "name",
    "messageId": "message_id",
    "userId": "user_id",
    "anonymousId": "anonymous_id",
    "previousId": "previous_id",
    "value": "value",
    "currency": "currency",
    "orderId": "order_id",
    "channel": "channel",
    "country": "country",
    "device": "device",
    "os": "os",
    "browser": "browser",
    "context.locale": "locale",
    "context.campaign.source": "source",
    "context.campaign.medium": "medium",
    "context.campaign.name": "campaign",
    "context.campaign.term": "term",
    "context.campaign.content": "content",
    "context.page.url": "page_url",
    "context.page.path": "page_path",
    "context.page.title": "title",
}
_DOCUMENTS = {"properties": "properties", "traits": "properties", "context": "context"}
# How a column says that there is nothing.
_UNSAID = {"source": "(direct)", "medium": "(none)"}
_NOT_KEPT = ("context.ip", "context.userAgent", "context.consent", "context.gpc")
LONGEST, _MOST_PARTS = 200, 8
_PART = re.compile(r"[^.\x00-\x1f]+\Z")
Read = Callable[[Mapping[str, Any], Mapping[str, Any], Event], Any]


class BadField(ValueError):
    """The path names nothing that an event can hold."""


@dataclass(frozen=True, slots=True)
class Field:
    """A column of an event, and the keys inside it where it is a document."""

    path: str
    column: str
    keys: tuple[str, ...] = ()


def field_of(path: str) -> Field:
    """Return the field at *path*. Raises BadField."""
    if path in COLUMNS:
        return Field(path, COLUMNS[path])
    root, _, rest = path.partition(".")
    keys = tuple(rest.split("."))
    if len(path) > LONGEST or len(keys) > _MOST_PARTS:
        raise BadField(f"A path has at most {LONGEST} characters and {_MOST_PARTS} parts.")
    if root not in _DOCUMENTS or not all(_PART.match(key) for key in keys):
        raise BadField(f"{path!r} is no field: write properties.…, traits.…, context.…, or one of {_named()}.")
    if any(path == name or path.startswith(f"{name}.") for name in _NOT_KEPT):
        raise BadField(f"{path} is not kept with an event.")
    return Field(path, _DOCUMENTS[root], keys)


def reader_of(field: Field) -> Read:
    """Return how to read *field*, given the properties, the context and the event; None is what is not there."""
    if not field.keys:
        column = field.column
        if column in _UNSAID:
            unsaid = _UNSAID[column]
            return lambda _properties, _context, event: _said(getattr(event, column), unsaid)
        return lambda _properties, _context, event: getattr(event, column)
    keys = field.keys
    if field.column == "properties":
        if len(keys) == 1:
            return lambda properties, _context, _event, key=keys[0]: properties.get(key)  # type: ignore[misc]
        return lambda properties, _context, _event: inside(properties, keys)
    return lambda _properties, context, _event: inside(context, keys)


def inside(value: Any, keys: tuple[str, ...]) -> Any:
    """Return what lies at *keys* in a document; a number is a place in a list."""
    for key in keys:
        if isinstance(value, dict):
            value = value.get(key)
        elif isinstance(value, list) and key.isascii() and key.isdigit() and len(key) < 6 and int(key) < len(value):
            value = value[int(key)]
        else:
            return None
    return value


def _said(value: Any, unsaid: str) -> Any:
    return None if value == unsaid else value


def subject(kind: str, name: str) -> str:
    """Return what a pattern of events is compared with: the name of what was tracked, else the kind of the call."""
    return name if kind == "track" else kind


def _named() -> str:
    return ", ".join(name for name in COLUMNS if "." not in name)
