"""Mappings: files that say how a row becomes events, as templates whose texts name columns in braces.

`{a}` is the column a, which must be there. `{a ?? b}` is the first of them that is there and not empty. `{a ??}` may be
missing or empty, and then the member that holds it is left out; `{a ?? 'b'}` is the word b where a is missing or empty.
`{a.b}` is the member b of an object in a, `{a::2}` the second part of a text whose parts stand between `::`.
The whole language stands in `mappings/README.md`.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

Row = Mapping[str, Any]
Template = dict[str, Any]

ANY_OF = "any of"  # the place of a list of conditions of which one must hold
FIRST_OF = "first of"  # the place of a list of members that belong together, of which the first whole ones are taken
PART = "::"  # what stands between the parts of one cell
COLUMN = re.compile(r"\{([^{}]+)\}")
_IDS = frozenset({"messageId", "userId", "anonymousId", "previousId", "groupId"})
FIELDS = _IDS | {"type", "event", "name", "timestamp", "properties", "traits", "context"}
BESIDES = "besides"  # the place of what an event says beyond what it is known by
_ABOUT_TEMPLATES = frozenset({"when", "once", "skip", BESIDES})
_SAID_BESIDES = frozenset({"properties", "traits", "context"})
EVERYWHERE = "*"  # in the place of a column: whichever it is
_DEEPEST = 30
_NAMINGS = ("as written", "snake")
# How ids have times: 2026-05-01T10:00:00Z with a fraction where there is one, 2026-05-01 10:00:00, seconds since 1970.
TIMES_IN_IDS = ("iso", "seconds", "unix")


class BadMapping(ValueError):
    """The mapping cannot be applied; the text says what is wrong with it."""


class MissingColumn(KeyError):
    """A row has no such column."""


@dataclass(frozen=True, slots=True)
class FileMapping:
    """The templates of a file, and whether its columns' names are used `as written` or in `snake` case.

    `empty` has, by column, the words that stand for nothing, in lower case. `times_in_ids` says how message ids have
    the times of a row, however the file writes them.
    """

    templates: list[Template] = field(default_factory=list)
    names: str = "as written"
    empty: Mapping[str, frozenset[str]] = field(default_factory=dict)
    times_in_ids: str = TIMES_IN_IDS[0]

    def columns(self) -> set[str]:
        """Return the columns that the templates read."""
        texts = [text for template in self.templates for text in _texts(template)]
        places = [place for text in texts for place in COLUMN.findall(text)]
        places += [place for template in self.templates for place in _judged(template.get("when", {}))]
        names = [name for place in places for name in alternatives(place) if not is_word(name)]
        return {column for name in names for column in (name, column_of(name))}


def parse_mapping(document: Any) -> FileMapping:
    """Return the mapping that a file holds. Raises BadMapping."""
    events = document.get("events") if isinstance(document, dict) else None
    if not isinstance(events, list) or not events or not all(isinstance(event, dict) for event in events):
        raise BadMapping("A mapping has a list `events`, each with the fields of an event.")
    names = document.get("names", _NAMINGS[0])
    if names not in _NAMINGS:
        raise BadMapping(f"`names` is one of: {', '.join(_NAMINGS)}.")
    times = document.get("times_in_ids", TIMES_IN_IDS[0])
    if times not in TIMES_IN_IDS:
        raise BadMapping(f"`times_in_ids` is one of: {', '.join(TIMES_IN_IDS)}.")
    if not _has_text_keys(events):
        raise BadMapping("The names of fields and columns are texts: write numbers in quotes.")
    for problem in map(_problem, events):
        if problem:
            raise BadMapping(problem)
    return FileMapping(events, names, _empty(document.get("empty", {})), times)


def _problem(event: Template) -> str:
    """Return what is wrong with a template, or nothing."""
    unknown = set(event) - FIELDS - _ABOUT_TEMPLATES
    if unknown:
        return f"No event has a field {sorted(unknown)[0]!r}."
    if not isinstance(event.get("once", False), bool):
        return "`once` is true or false."
    if not _is_judgement(event.get("when", {})):
        return "`when` names columns and what must stand in them."
    if not _is_besides(event.get(BESIDES, {})):
        return f"`{BESIDES}` has members of {', '.join(sorted(_SAID_BESIDES))}."
    return "" if _has_choices(event) else f"`{FIRST_OF}` is a list, each with members of an event."


def _empty(said: Any) -> dict[str, frozenset[str]]:
    if not isinstance(said, dict) or not all(isinstance(words, list) for words in said.values()):
        raise BadMapping("`empty` has columns, each with a list of the words that stand for nothing in it.")
    return {str(column): frozenset(str(word).lower() for word in words) for column, words in said.items()}


def parse_pairs(pairs: list[str]) -> FileMapping:
    """Return the mapping that pairs such as `userId=customer` or `type='page'` describe. Raises BadMapping."""
    template: Template = {}
    for pair in pairs:
        path, equals, column = pair.partition("=")
        if not equals or path.split(".")[0] not in FIELDS:
            raise BadMapping(f"{pair!r}: write field=column, where the field is one of {', '.join(sorted(FIELDS))}.")
        if path.count(".") > _DEEPEST:
            raise BadMapping(f"{pair[:60]!r} lies too deep.")
        _put(template, path.split("."), column[1:-1] if is_word(column) else f"{{{column}}}")
    return parse_mapping({"events": [template]})


def alternatives(place: str) -> list[str]:
    """Return the columns that a place such as `a ?? b ??` names, in their order."""
    return [name for name in (part.strip() for part in place.split("??")) if name]


def column_of(name: str) -> str:
    """Return the column in which an alternative such as `user.id` or `tracker::2` is found."""
    return name.partition(PART)[0].partition(".")[0]


def is_word(name: str) -> bool:
    """Say whether an alternative is a word in quotes and no column."""
    return len(name) > 1 and name[0] == name[-1] == "'"


def snake(name: str) -> str:
    """Return a column's name in lower case, joined by underscores: `AppsFlyer ID` and `{appsflyer_id}` are the same."""
    return re.sub(r"[^0-9a-z]+", "_", name.lower()).strip("_")


def _has_text_keys(value: Any) -> bool:
    if isinstance(value, dict):
        return all(isinstance(name, str) and _has_text_keys(inner) for name, inner in value.items())
    return all(map(_has_text_keys, value)) if isinstance(value, list) else True


def _has_choices(value: Any) -> bool:
    """Say whether every `first of` in *value* is a list of members."""
    if isinstance(value, list):
        return all(map(_has_choices, value))
    if not isinstance(value, dict):
        return True
    choices = value.get(FIRST_OF, [])
    return (
        isinstance(choices, list)
        and all(isinstance(one, dict) for one in choices)
        and all(map(_has_choices, value.values()))
    )


def _is_judgement(conditions: Any) -> bool:
    if not isinstance(conditions, dict):
        return False
    choices = conditions.get(ANY_OF, [])
    return isinstance(choices, list) and all(map(_is_judgement, choices))


def _is_besides(said: Any) -> bool:
    return isinstance(said, dict) and all(
        name in _SAID_BESIDES and isinstance(members, dict) for name, members in said.items()
    )


def _judged(conditions: dict[str, Any]) -> Iterator[str]:
    for key, wanted in conditions.items():
        if key == ANY_OF:
            for one in wanted:
                yield from _judged(one)
        else:
            yield key


def _put(template: Template, path: list[str], value: str) -> None:
    for part in path[:-1]:
        template = template.setdefault(part, {})
        if not isinstance(template, dict):
            raise BadMapping(f"{part!r} is given a value and members.")
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
