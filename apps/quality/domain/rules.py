"""What can be expected: each kind of expectation with what it takes, read from plain values and checked."""

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from fnmatch import translate
from functools import lru_cache
from typing import Any

import re2

from apps.quality.domain.fields import BadField, field_of
from apps.quality.domain.marked import _

JSON_TYPES = ("string", "number", "integer", "boolean", "object", "array")
DRIFTS = ("new_field", "missing_field", "changed_type", "unseen_value")
LONGEST_NAME, LONGEST_PATTERN, MOST_VALUES = 120, 500, 1_000
ANY = "*"
_SPAN = re.compile(r"([0-9]{1,6})(m|h|d)\Z")
_UNITS = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1)}
LONGEST_SPAN = timedelta(days=90)


class Kind(StrEnum):
    """What is looked at."""

    NOT_NULL = "not_null"
    IN_SET = "in_set"
    RANGE = "range"
    REGEX = "regex"
    TYPE = "type"
    SCHEMA = "schema"
    FRESHNESS = "freshness"
    VOLUME = "volume"


OF_EVENTS = frozenset({Kind.NOT_NULL, Kind.IN_SET, Kind.RANGE, Kind.REGEX, Kind.TYPE, Kind.SCHEMA})
OF_STREAMS = frozenset({Kind.FRESHNESS, Kind.VOLUME})
OF_FIELDS = OF_EVENTS - {Kind.SCHEMA}


class Severity(StrEnum):
    """What becomes of an event that fails."""

    FLAG = "flag"
    QUARANTINE = "quarantine"


class BadRule(ValueError):
    """The expectation cannot be met by anything; `place` says which part of it is wrong.

    `words` is the sentence that pages have in every language, and `facts` what stands in it.
    """

    def __init__(self, place: str, words: str, **facts: object) -> None:
        super().__init__(words % facts if facts else words)
        self.place, self.words, self.facts = place, words, facts


@dataclass(frozen=True, slots=True)
class Rule:
    """One expectation: of which events, in which field, what, and what becomes of those that fail."""

    id: int
    name: str
    kind: Kind
    field: str
    parameters: Mapping[str, Any]
    severity: Severity = Severity.FLAG
    event: str = ANY
    stream_id: int | None = None
    created_at: float = 0.0


def check(kind: str, field: str, parameters: Mapping[str, Any], severity: str, event: str) -> None:
    """Say what is wrong with an expectation. Raises BadRule."""
    if kind not in set(Kind):
        raise BadRule("kind", f"{kind!r} is none of {', '.join(Kind)}.")
    if severity not in set(Severity):
        raise BadRule("severity", f"{severity!r} is none of {', '.join(Severity)}.")
    check_texts({"field": field, "event": event})
    if not event.strip() or len(event) > 200:
        raise BadRule("event", _("A pattern of events has 1 to 200 characters; * stands for any."))
    check_texts(parameters)
    if kind in OF_STREAMS and severity == Severity.QUARANTINE:
        raise BadRule("severity", _("What has not come cannot be quarantined: choose flag."))
    if kind in OF_FIELDS:
        try:
            field_of(field)
        except BadField as error:
            raise BadRule("field", error.words, **error.facts) from None
    elif field:
        raise BadRule("field", f"An expectation of {kind} looks at no single field.")
    _check_parameters(Kind(kind), parameters)


def _check_parameters(kind: Kind, parameters: Mapping[str, Any]) -> None:
    unknown = set(parameters) - set(_TAKES[kind])
    if unknown:
        raise BadRule(min(unknown), f"{kind} does not take {', '.join(sorted(unknown))}.")
    if empty := [name for name, value in parameters.items() if value is None]:
        raise BadRule(empty[0], _("Leave out what has no value."))
    _CHECKS[kind](parameters)


def check_name(name: str) -> None:
    """Say what is wrong with the name of an expectation. Raises BadRule."""
    check_texts({"name": name})
    if not name.strip() or len(name) > LONGEST_NAME:
        raise BadRule("name", _("A name has 1 to %(most)s characters, not blanks alone."), most=LONGEST_NAME)


def check_texts(parameters: Mapping[str, Any]) -> None:
    """Say where a text holds what no store takes: NUL, or half of a character. Raises BadRule."""
    for name, value in parameters.items():
        if not all(map(_is_storable, _texts([name, value]))):
            raise BadRule(name if _is_storable(name) else "parameters", _("A text holds NUL, or half of a character."))


def _is_storable(said: str) -> bool:
    return "\0" not in said and not any("\ud800" <= sign <= "\udfff" for sign in said)


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        yield from _texts([*value.keys(), *value.values()])
    elif isinstance(value, list | tuple):
        for one in value:
            yield from _texts(one)


def matches(pattern: str, subject: str) -> bool:
    """Tell whether a pattern of events, in which * stands for anything, is about *subject*."""
    return pattern in (ANY, subject) or ("*" in pattern and _compiled(pattern).fullmatch(subject) is not None)


@lru_cache(maxsize=2048)
def _compiled(pattern: str) -> Any:
    # Only * is special: what fnmatch understands besides is doubled away.
    escaped = pattern.replace("[", "[[]").replace("?", "[?]")
    return re2.compile(translate(escaped).replace(r"\Z", r"\z"))


def regex(pattern: str) -> Any:
    """Return a pattern whose time is bounded by the length of the text (RE2). Raises BadRule."""
    options = re2.Options()
    options.log_errors = False
    options.max_mem = 1 << 20
    try:
        return re2.compile(pattern, options=options)
    except re2.error as error:
        detail = error.args[0].decode() if isinstance(error.args[0], bytes) else str(error)
        raise BadRule("pattern", _("This pattern cannot be read: %(detail)s"), detail=detail) from None


def number(value: object) -> Decimal | None:
    """Return a number, or a text that is one, exactly; None for anything else."""
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal | str):
        return None
    try:
        found = Decimal(value.strip() if isinstance(value, str) else str(value))
    except (InvalidOperation, ValueError):
        return None
    return found if found.is_finite() else None


def span(text: object) -> timedelta:
    """Return a span such as 90m, 6h or 2d. Raises BadRule."""
    found = _SPAN.match(text) if isinstance(text, str) else None
    length = int(found[1]) * _UNITS[found[2]] if found else timedelta(0)
    if not timedelta(0) < length <= LONGEST_SPAN:
        raise BadRule("within", _("Write a span of up to 90 days, such as 90m, 6h or 2d."))
    return length


def text(value: object) -> str | None:
    """Return a plain value as text: 5.0 is 5, true is true; None where it is none."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    if isinstance(value, Decimal):
        return format(value.normalize(), "f")
    return str(value) if isinstance(value, int | float) else None


def _nothing(_parameters: Mapping[str, Any]) -> None:
    return


def _values(parameters: Mapping[str, Any]) -> None:
    values = parameters.get("values")
    if not isinstance(values, list) or not 1 <= len(values) <= MOST_VALUES:
        raise BadRule("values", _("Name 1 to %(most)s values."), most=MOST_VALUES)
    if not all(map(_is_value, values)):
        raise BadRule("values", _("Values are texts of up to 500 characters, numbers, true or false."))


def _is_value(value: object) -> bool:
    said = text(value)
    return said is not None and len(said) <= 500 and not (isinstance(value, float) and not math.isfinite(value))


def _range(parameters: Mapping[str, Any]) -> None:
    bounds = {name: parameters[name] for name in ("min", "max") if parameters.get(name) is not None}
    if not bounds:
        raise BadRule("min", _("Give a smallest or a largest value."))
    for name, bound in bounds.items():
        if number(bound) is None:
            raise BadRule(name, _("%(bound)r is no number."), bound=bound)
    found = [number(bounds[name]) for name in ("min", "max") if name in bounds]
    if len(found) == 2 and found[0] > found[1]:  # type: ignore[operator]
        raise BadRule("max", _("The largest value is less than the smallest."))


def _pattern(parameters: Mapping[str, Any]) -> None:
    pattern = parameters.get("pattern")
    if not isinstance(pattern, str) or not 1 <= len(pattern) <= LONGEST_PATTERN:
        raise BadRule("pattern", _("A pattern has 1 to %(most)s characters."), most=LONGEST_PATTERN)
    regex(pattern)


def _types(parameters: Mapping[str, Any]) -> None:
    _some_of(JSON_TYPES, "types", parameters.get("types"))


def _drifts(parameters: Mapping[str, Any]) -> None:
    _some_of(DRIFTS, "reports", parameters.get("reports", list(DRIFTS[:3])))


def _some_of(choices: tuple[str, ...], place: str, named: object) -> None:
    is_list = isinstance(named, list) and all(one in choices for one in named)
    if not is_list or not named or len(set(named)) < len(named):  # type: ignore[call-overload,arg-type]
        raise BadRule(place, _("Name one or more of %(choices)s, each once."), choices=", ".join(choices))


def _freshness(parameters: Mapping[str, Any]) -> None:
    span(parameters.get("within"))


def _volume(parameters: Mapping[str, Any]) -> None:
    weeks, said = parameters.get("weeks", 4), parameters.get("band", 3)
    band = None if isinstance(said, str) else number(said)
    if isinstance(weeks, bool) or not isinstance(weeks, int) or not 2 <= weeks <= 12:
        raise BadRule("weeks", "Compare with 2 to 12 weeks.")
    if band is None or not Decimal("0.5") <= band <= 20:
        raise BadRule("band", "The band is a number, 0.5 to 20 times the usual deviation.")


_CHECKS = {
    Kind.NOT_NULL: _nothing,
    Kind.IN_SET: _values,
    Kind.RANGE: _range,
    Kind.REGEX: _pattern,
    Kind.TYPE: _types,
    Kind.SCHEMA: _drifts,
    Kind.FRESHNESS: _freshness,
    Kind.VOLUME: _volume,
}
_TAKES: dict[Kind, tuple[str, ...]] = {
    Kind.NOT_NULL: (),
    Kind.IN_SET: ("values",),
    Kind.RANGE: ("min", "max"),
    Kind.REGEX: ("pattern",),
    Kind.TYPE: ("types",),
    Kind.SCHEMA: ("reports",),
    Kind.FRESHNESS: ("within",),
    Kind.VOLUME: ("weeks", "band"),
}
