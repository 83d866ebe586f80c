"""The shape of an event's properties, learned from many of them, and how later ones differ from it."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from apps.ingestion.domain.personal import is_personal

MOST_FIELDS, MOST_VALUES, LONGEST_VALUE, DEEPEST = 300, 30, 60, 5
REQUIRED = 0.99  # a field that so many events have is missed in one that lacks it
_FEWEST_REPEATS = 10  # events for each distinct value, before values are taken for a closed list
REST = "…"  # what lies deeper, or comes after too many fields


@dataclass(frozen=True, slots=True)
class FieldShape:
    """One field: the share of events that have it, the JSON types seen, and its values where they are few."""

    share: float
    types: tuple[str, ...]
    values: tuple[str, ...] | None = None

    @property
    def is_required(self) -> bool:
        """Tell whether an event without it is odd."""
        return self.share >= REQUIRED

    def stored(self) -> dict[str, Any]:
        """Return it as JSON."""
        return {"share": round(self.share, 6), "types": list(self.types), "values": self.values and list(self.values)}


Shape = Mapping[str, FieldShape]


def shape_of(stored: Mapping[str, Any]) -> dict[str, FieldShape]:
    """Return a shape from its JSON."""
    return {
        path: FieldShape(one["share"], tuple(one["types"]), None if one["values"] is None else tuple(one["values"]))
        for path, one in stored.items()
    }


@dataclass(slots=True)
class _Seen:
    events: int = 0
    types: Counter[str] = field(default_factory=Counter)
    values: set[str] | None = field(default_factory=set)


def root_of(kind: str) -> str:
    """Return what the properties of a kind of event are called: those of identify and group are traits."""
    return "traits" if kind in {"identify", "group"} else "properties"


def learn(documents: Iterable[Any], *, root: str = "properties") -> tuple[dict[str, FieldShape], int]:
    """Return the shape of *documents* and how many there were; no values of what is about persons, by its name."""
    seen: dict[str, _Seen] = {}
    total = 0
    for document in documents:
        total += 1
        for path, values in grouped(document).items():
            one = seen.get(path)
            if one is None:
                if len(seen) >= MOST_FIELDS:
                    continue
                one = seen[path] = _Seen(values=None if is_personal(f"{root}.{path}") else set())
            one.events += 1
            for value in values:
                _note(one, value)
    return {path: _shape(one, total) for path, one in sorted(seen.items())}, total


def grouped(document: Any) -> dict[str, list[Any]]:
    """Return the fields of *document* with their values; what repeats in lists has one path, as `items[].id`."""
    found: dict[str, list[Any]] = {}
    for path, value in _flat(document, "", 0):
        found.setdefault(path, []).append(value)
    return found


def type_of(value: Any) -> str:
    """Return the JSON type; a whole number is an integer, which is a number too."""
    match value:
        case bool():
            return "boolean"
        case int():
            return "integer"
        case float():
            return "number"
        case str():
            return "string"
        case dict():
            return "object"
        case _:
            return "array"


def fits(value: Any, types: Iterable[str]) -> bool:
    """Tell whether the type of *value* is one of *types*."""
    said = type_of(value)
    return said in types or (said == "integer" and "number" in types)


def word_of(value: Any) -> str | None:
    """Return *value* as one of a list of values, or None where it is none: numbers are measured, not listed."""
    if isinstance(value, bool):
        return "true" if value else "false"
    is_listed = isinstance(value, str) and len(value) <= LONGEST_VALUE and "@" not in value
    return value if is_listed else None  # no addresses of persons: a schema outlives what it was learned from


def _flat(value: Any, path: str, depth: int) -> Iterator[tuple[str, Any]]:
    if not isinstance(value, dict) or depth >= DEEPEST:
        return
    for key, inner in value.items():
        if inner is None:
            continue
        here = f"{path}.{key}" if path else key
        yield here, inner
        if isinstance(inner, dict):
            yield from _flat(inner, here, depth + 1)
        elif isinstance(inner, list):
            for item in inner[:50]:
                yield from _flat(item, f"{here}[]", depth + 1)


def _note(one: _Seen, value: Any) -> None:
    one.types[type_of(value)] += 1
    if one.values is None:
        return
    word = word_of(value)
    if word is None:
        one.values = None
        return
    one.values.add(word)
    if len(one.values) > MOST_VALUES:
        one.values = None


def _shape(one: _Seen, total: int) -> FieldShape:
    types = tuple(sorted(one.types))
    if "number" in types:  # whole numbers among others are numbers that happen to be whole
        types = tuple(kind for kind in types if kind != "integer")
    is_closed = one.values is not None and one.events >= _FEWEST_REPEATS * len(one.values)
    return FieldShape(one.events / total, types, tuple(sorted(one.values or ())) if is_closed else None)
