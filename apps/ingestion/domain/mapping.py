"""How a row of a file becomes events: templates whose texts name columns in braces."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

Row = Mapping[str, Any]
Template = dict[str, Any]

_COLUMN = re.compile(r"\{([^{}]+)\}")
_ONLY_COLUMN = re.compile(r"\{([^{}]+)\}\Z")
_IDS = frozenset({"messageId", "userId", "anonymousId", "previousId", "groupId"})
_FIELDS = _IDS | {"type", "event", "name", "timestamp", "properties", "traits", "context"}


class BadMapping(ValueError):
    """The mapping cannot be applied; the text says what is wrong with it."""


class MissingColumn(KeyError):
    """A row has no such column."""


def parse_mapping(document: Any) -> list[Template]:
    """Return the templates of a mapping file. Raises BadMapping."""
    events = document.get("events") if isinstance(document, dict) else None
    if not isinstance(events, list) or not events or not all(isinstance(event, dict) for event in events):
        raise BadMapping("A mapping has a list `events`, each with the fields of an event.")
    for event in events:
        unknown = set(event) - _FIELDS - {"when"}
        if unknown:
            raise BadMapping(f"No event has a field {sorted(unknown)[0]!r}.")
    return events


def parse_pairs(pairs: list[str]) -> list[Template]:
    """Return the template that pairs such as `userId=customer` or `type='page'` describe. Raises BadMapping."""
    template: Template = {}
    for pair in pairs:
        field, equals, column = pair.partition("=")
        if not equals or field.split(".")[0] not in _FIELDS:
            raise BadMapping(f"{pair!r}: write field=column, where the field is one of {', '.join(sorted(_FIELDS))}.")
        is_literal = len(column) > 1 and column[0] == column[-1] == "'"
        _put(template, field.split("."), column[1:-1] if is_literal else f"{{{column}}}")
    return parse_mapping({"events": [template]})


def columns_of(templates: list[Template]) -> set[str]:
    """Return the columns that *templates* name."""
    found: set[str] = set()
    for text in _texts(templates):
        found.update(_COLUMN.findall(text))
    for template in templates:
        found.update(template.get("when", {}))
    return found


def events_of(row: Row, templates: list[Template]) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield the events that *row* becomes, each with the number of its template. Raises MissingColumn.

    Without templates the row is an event already.
    """
    if not templates:
        yield 0, dict(row)
    for number, template in enumerate(templates):
        conditions = template.get("when", {})
        if all(str(_cell(row, column)) == str(wanted) for column, wanted in conditions.items()):
            yield number, {field: _filled(value, row) for field, value in template.items() if field != "when"}


def _filled(value: Any, row: Row) -> Any:
    if isinstance(value, dict):
        return {name: _filled(inner, row) for name, inner in value.items()}
    if not isinstance(value, str):
        return value
    alone = _ONLY_COLUMN.match(value)
    if alone:
        return _cell(row, alone[1])
    return _COLUMN.sub(lambda match: str(_cell(row, match[1])), value)


def _cell(row: Row, column: str) -> Any:
    if column not in row:
        raise MissingColumn(column)
    return "" if row[column] is None else row[column]


def _put(template: Template, path: list[str], value: str) -> None:
    for part in path[:-1]:
        template = template.setdefault(part, {})
    template[path[-1]] = value


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from _texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner)
