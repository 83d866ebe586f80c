"""Where an expectation looks: a path into an event as it is stored, so that a preview over the past means the same.

What the pipeline made a column of is read there: `context.campaign.source` is the source as it was understood, from the
call or from the address. Everything else lies in the properties or in what is kept of the context.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from apps.ingestion.domain.columns import reader
from apps.ingestion.domain.events import Event
from apps.quality.domain.marked import _

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
_NO_FIELD = _("“%(path)s” is no field: write properties.…, traits.…, context.…, or one of %(others)s.")
_PART = re.compile(r"[^.\x00-\x1f]+\Z")
EACH = "[]"  # behind the name of a list: what follows is looked for in each of its items
Read = Callable[[Mapping[str, Any], Mapping[str, Any], Event], Any]


class BadField(ValueError):
    """The path names nothing that an event can hold; `words` and `facts` as of BadRule."""

    def __init__(self, words: str, **facts: object) -> None:
        super().__init__(words % facts)
        self.words, self.facts = words, facts


@dataclass(frozen=True, slots=True)
class Field:
    """A column of an event, and the keys inside it where it is a document."""

    path: str
    column: str
    keys: tuple[str, ...] = ()

    @property
    def is_each(self) -> bool:
        """Tell whether there may be several values: those of the items of a list."""
        return EACH in self.keys


def keys_of(path: str) -> tuple[str, ...]:
    """Return the keys of a path inside a document; `lines[].sku` is the sku of each line."""
    keys: list[str] = []
    for part in path.split("."):
        name = part
        while name.endswith(EACH) and name != EACH:
            name = name.removesuffix(EACH)
        keys += [name, *[EACH] * ((len(part) - len(name)) // len(EACH))]
    return tuple(keys)


def field_of(path: str) -> Field:
    """Return the field at *path*. Raises BadField."""
    if path in COLUMNS:
        return Field(path, COLUMNS[path])
    root, _dot, rest = path.partition(".")
    keys = keys_of(rest)
    if len(path) > LONGEST or len(keys) > _MOST_PARTS:
        raise BadField(
            _("A path has at most %(most)s characters and %(parts)s parts."), most=LONGEST, parts=_MOST_PARTS
        )
    if root not in _DOCUMENTS or not all(_PART.match(key) for key in keys):
        raise BadField(_NO_FIELD, path=path, others=_named())
    if any(path == name or path.startswith(f"{name}.") for name in _NOT_KEPT):
        raise BadField(_("%(path)s is not kept with an event."), path=path)
    return Field(path, _DOCUMENTS[root], keys)


def reader_of(field: Field) -> Read:
    """Return how to read *field*, given the properties, the context and the event; None is what is not there.

    Of each item of a list it is a list of values.
    """
    if not field.keys:
        value, unsaid = reader(field.column), _UNSAID.get(field.column)
        if unsaid is not None:
            return lambda _properties, _context, event: _said(value(event), unsaid)
        return lambda _properties, _context, event: value(event)
    keys, read = field.keys, each if field.is_each else inside
    if field.column == "properties":
        if len(keys) == 1:
            return lambda properties, _context, _event, key=keys[0]: properties.get(key)  # type: ignore[misc]
        return lambda properties, _context, _event: read(properties, keys)
    return lambda _properties, context, _event: read(context, keys)


def inside(value: Any, keys: tuple[str, ...]) -> Any:
    """Return what lies at *keys* in a document, None where nothing does.

    A number is a place in a list. A key may hold dots itself, as `utm.source` does: objects in objects come first.
    """
    here = value
    for key in keys:  # nearly all are plain objects in objects; what is not found so is looked for in every way
        here = here.get(key) if type(here) is dict else None
        if here is None:
            found = _look(value, keys)
            return None if found is _MISSING else found
    return here


def each(value: Any, keys: tuple[str, ...]) -> list[Any]:
    """Return what lies at *keys* in each item of the lists on the way; what is no list is its own only item."""
    if EACH not in keys:
        return [inside(value, keys)]
    place = keys.index(EACH)
    found = inside(value, keys[:place])
    items = [] if found is None else found if isinstance(found, list) else [found]
    return [one for item in items for one in each(item, keys[place + 1 :])]


_MISSING = object()


def _look(value: Any, keys: tuple[str, ...]) -> Any:
    if not keys:
        return value
    key = keys[0]
    if isinstance(value, list):
        is_place = key.isascii() and key.isdigit() and len(key) < 6 and int(key) < len(value)
        return _look(value[int(key)], keys[1:]) if is_place else _MISSING
    if not isinstance(value, dict):
        return _MISSING
    for length in range(1, len(keys) + 1):
        name = key if length == 1 else ".".join(keys[:length])
        if name in value:
            found = _look(value[name], keys[length:])
            if found is not _MISSING:
                return found
    return _MISSING


def _said(value: Any, unsaid: str) -> Any:
    return None if value == unsaid else value


def subject(kind: str, name: str) -> str:
    """Return what a pattern of events is compared with: the name of what was tracked, else the kind of the call."""
    return name if kind == "track" else kind


def _named() -> str:
    return ", ".join(name for name in COLUMNS if "." not in name)
