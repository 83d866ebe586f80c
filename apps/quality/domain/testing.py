"""Expectations of single events as functions: a value in, what is wrong with it out."""

from collections.abc import Callable, Collection, Mapping
from typing import Any

import re2

from apps.ingestion.domain.personal import is_personal
from apps.quality.domain import rules
from apps.quality.domain.learning import fits, type_of
from apps.quality.domain.rules import Kind, Rule

Test = Callable[[Any], bool]
_SHOWN = 60
# Texts that a pattern is known to match: most fields hold the same few again and again.
_MOST_KNOWN, _LONGEST_KNOWN = 4_096, 64


def test_of(rule: Rule) -> Test:
    """Return what *rule* asks of a value; None, which is what is not there, fails `not_null` alone."""
    return _TESTS[rule.kind](rule.parameters)


def words(rule: Rule, value: Any) -> str:
    """Say what is wrong with a value that failed *rule*, but not a value of a person's: more people read this."""
    is_shown = isinstance(value, str | int | float) and not is_personal(rule.field)
    said = repr(value)[:_SHOWN] if is_shown else type_of(value)
    match rule.kind:
        case Kind.NOT_NULL:
            return "is missing"
        case Kind.IN_SET:
            return f"is {said}, none of the {len(rule.parameters['values'])} values"
        case Kind.RANGE:
            low, high = rule.parameters.get("min"), rule.parameters.get("max")
            return f"is {said}, not within {'…' if low is None else low} to {'…' if high is None else high}"
        case Kind.REGEX:
            return f"is {said}, which does not match"
        case _:
            kind = f"{said}, a {type_of(value)}" if is_shown else said
            return f"is {kind}, not {' or '.join(rule.parameters['types'])}"


def _not_null(_parameters: Mapping[str, Any]) -> Test:
    return lambda value: value is not None and value != ""


def _in_set(parameters: Mapping[str, Any]) -> Test:
    values = frozenset(filter(None, map(rules.text, parameters["values"]))) | {
        value for value in parameters["values"] if value == ""
    }
    return lambda value: value is None or (value if isinstance(value, str) else rules.text(value)) in values


def _range(parameters: Mapping[str, Any]) -> Test:
    low, high = (rules.number(parameters.get(name)) for name in ("min", "max"))
    # Binary fractions decide nearly all; what lies next to a bound is decided by its digits.
    lowest = float("-inf") if low is None else float(low)
    highest = float("inf") if high is None else float(high)

    def is_within(value: Any) -> bool:
        if value is None:
            return True
        kind = type(value)
        if (kind is int or kind is float) and lowest < value < highest:
            return True
        exact = rules.number(value)
        return exact is not None and (low is None or exact >= low) and (high is None or exact <= high)

    return is_within


def _regex(parameters: Mapping[str, Any]) -> Test:
    exact = rules.regex(parameters["pattern"])
    quick = re2.Set.FullMatchSet()  # a tenth of the time of a pattern, which also says where it matched
    quick.Add(parameters["pattern"])
    quick.Compile()
    matched: set[str] = set()

    def is_matched(value: Any) -> bool:
        if value is None:
            return True
        said = value if isinstance(value, str) else rules.text(value)
        if said in matched:
            return True
        # A set gives up where its automaton grows too large: then the pattern itself decides.
        if said is None or not (quick.Match(said) or exact.fullmatch(said)):
            return False
        if len(said) <= _LONGEST_KNOWN:
            if len(matched) >= _MOST_KNOWN:
                matched.clear()
            matched.add(said)
        return True

    return is_matched


def _type(parameters: Mapping[str, Any]) -> Test:
    types: Collection[str] = tuple(parameters["types"])
    return lambda value: value is None or fits(value, types)


_TESTS: dict[Kind, Callable[[Mapping[str, Any]], Test]] = {
    Kind.NOT_NULL: _not_null,
    Kind.IN_SET: _in_set,
    Kind.RANGE: _range,
    Kind.REGEX: _regex,
    Kind.TYPE: _type,
}
