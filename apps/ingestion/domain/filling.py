"""A row and a mapping become events: conditions, columns, times of a zone, hundredths, and properties inside a text."""

from collections.abc import Iterator, Mapping
from decimal import Decimal, InvalidOperation
from functools import cache
from typing import Any, NamedTuple

import msgspec

from apps.ingestion.domain.archives import with_its_time
from apps.ingestion.domain.mapping import (
    ANY_OF,
    BESIDES,
    COLUMN,
    EVERYWHERE,
    FIRST_OF,
    PART,
    FileMapping,
    MissingColumn,
    Row,
    alternatives,
    is_word,
)
from apps.ingestion.domain.row_ids import with_written_times
from apps.ingestion.domain.spelling import AS_CLIENTS, Spelling, read_as_spelled

_SPREAD = "*"  # a member whose text is JSON, and whose members come in its place
_HUNDREDTHS = "hundredths"
_ABOUT_TEMPLATES = ("when", "once", "skip", BESIDES)


class Filled(NamedTuple):
    """An event of a row, or the reason why the mapping leaves the row out on purpose.

    *besides* is what the event says beyond what it is known by: an id that is made of its content does not see it.
    """

    number: int
    event: dict[str, Any]
    is_once: bool = False
    skipped: str = ""
    besides: Mapping[str, Any] = {}

    def whole(self) -> dict[str, Any]:
        """Return the event with what it says besides; where both say something the event holds."""
        return _with_more(self.event, self.besides) if self.besides else self.event


class _Absent:
    """What is left out: an optional column that is empty."""


_ABSENT = _Absent()


def events_of(row: Row, mapping: FileMapping, *, spelling: Spelling = AS_CLIENTS) -> Iterator[Filled]:
    """Yield what *row* becomes by each template that applies. Raises MissingColumn and NotInForm.

    Without templates the row is an event already.
    """
    if mapping.empty:
        row = {column: "" if _is_empty(column, cell, mapping) else cell for column, cell in row.items()}
    if not mapping.templates:
        yield Filled(0, read_as_spelled(with_its_time(row), spelling))
    for number, template in enumerate(mapping.templates):
        if not _applies(template.get("when", {}), row):
            continue
        if skipped := str(template.get("skip", "")):
            yield Filled(number, {}, skipped=skipped)
            return
        event = _filled({name: value for name, value in template.items() if name not in _ABOUT_TEMPLATES}, row)
        if "messageId" in event:
            told = with_written_times(row, template, mapping, spelling)
            event["messageId"] = _filled(template["messageId"], told)
        besides = _filled(template.get(BESIDES, {}), row)
        yield Filled(number, read_as_spelled(event, spelling), is_once=bool(template.get("once")), besides=besides)


def _is_empty(column: str, cell: Any, mapping: FileMapping) -> bool:
    word, nothing = str(cell).strip().lower(), frozenset[str]()
    return word in mapping.empty.get(EVERYWHERE, nothing) or word in mapping.empty.get(column, nothing)


def _applies(conditions: dict[str, Any], row: Row) -> bool:
    return all(
        any(_applies(one, row) for one in wanted) if key == ANY_OF else _holds(_place(key, row), wanted, row)
        for key, wanted in conditions.items()
    )


def _holds(cell: Any, wanted: Any, row: Row) -> bool:
    if isinstance(wanted, dict) and "not" in wanted:
        return not _holds(cell, wanted["not"], row)
    said = _word(cell)
    return any(said == _word(_filled(choice, row)) for choice in (wanted if isinstance(wanted, list) else (wanted,)))


def _word(cell: Any) -> str:
    return "" if isinstance(cell, _Absent) else str(cell).strip().lower()


def _with_more(said: dict[str, Any], more: Mapping[str, Any]) -> dict[str, Any]:
    """Return *said* with those members of *more*, at any depth, that it does not have; none without a member."""
    found = dict(said)
    for name, value in more.items():
        if isinstance(value, dict):
            inner = found.get(name, {})
            if isinstance(inner, dict) and (value := _with_more(inner, value)):
                found[name] = value
        else:
            found.setdefault(name, value)
    return found


def _filled(value: Any, row: Row) -> Any:
    if isinstance(value, dict):
        return _filled_members(value, row)
    if isinstance(value, list):
        return [inner for inner in (_filled(one, row) for one in value) if inner is not _ABSENT]
    places = _places(value) if isinstance(value, str) else ()
    if not places:
        return value
    if len(places) == 1 and len(value) == len(places[0]) + 2:
        return _place(places[0], row)
    cells = {place: _place(place, row) for place in places}
    if any(isinstance(cell, _Absent) for cell in cells.values()):
        return _ABSENT
    return COLUMN.sub(lambda match: str(cells[match[1]]), value)


def _filled_members(members: dict[str, Any], row: Row) -> Any:
    if set(members) == {_HUNDREDTHS}:
        return _hundredths(_filled(members[_HUNDREDTHS], row))
    found: dict[str, Any] = {}
    for name, inner in members.items():
        if name == FIRST_OF:
            found |= _first_whole(inner, row)
            continue
        value = _filled(inner, row)
        if name == _SPREAD:
            found = {**_members_in(value), **found}
        elif not isinstance(value, _Absent):
            found[name] = value
    return found


def _first_whole(choices: list[dict[str, Any]], row: Row) -> dict[str, Any]:
    """Return the first members of which none that must be there is missing or empty: an amount with its currency."""
    for members in choices:
        try:
            found = _filled_members(members, row)
        except MissingColumn:
            continue
        if all(value not in (None, "") for value in found.values()):
            return dict(found)
    return {}


def _place(place: str, row: Row) -> Any:
    """Return the first cell that is filled. Raises MissingColumn where none is there and one must be."""
    names, is_optional = _names(place)
    is_there = False
    for name in names:
        if is_word(name):
            return name[1:-1]
        cell = row[name] if name in row else _inside(name, row)
        if not isinstance(cell, _Absent):
            is_there = True
            if cell not in (None, ""):
                return cell
    if is_optional:
        return _ABSENT
    if not is_there:
        raise MissingColumn(names[0])
    return ""


def _inside(name: str, row: Row) -> Any:
    """Return a member of an object, or a part of a text; nothing where the cell holds neither."""
    column, is_part, number = name.partition(PART)
    if is_part and number.isdecimal():
        if column not in row:
            return _ABSENT
        parts = str(row[column] or "").split(PART)
        return parts[int(number) - 1].strip() if 0 < int(number) <= len(parts) else ""
    first, *members = name.split(".")
    if not members or first not in row:
        return _ABSENT
    found = row[first]
    for member in members:
        found = found.get(member) if isinstance(found, dict) else None
    return found


@cache
def _places(text: str) -> tuple[str, ...]:
    return tuple(COLUMN.findall(text))


@cache
def _names(place: str) -> tuple[tuple[str, ...], bool]:
    return tuple(alternatives(place)), place.rstrip().endswith("??")


def _members_in(text: Any) -> dict[str, Any]:
    """Return the members of an object, or of one in a text; another text is kept whole, under the name `value_text`."""
    if isinstance(text, dict):
        return text
    if isinstance(text, _Absent):
        return {}
    try:
        return dict(msgspec.json.decode(str(text), type=dict[str, Any]))
    except (msgspec.MsgspecError, UnicodeError, RecursionError):
        return {"value_text": text}


def _hundredths(value: Any) -> Any:
    if isinstance(value, _Absent):
        return value
    try:
        return str(Decimal(str(value)) / 100)
    except InvalidOperation:
        return value  # the step that reads money says what is wrong with it
