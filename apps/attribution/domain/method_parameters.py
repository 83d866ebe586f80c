"""Parameters of the rule-based methods as a property keeps them and as an address says them."""

from collections.abc import Mapping
from datetime import timedelta
from math import isfinite
from typing import Any, Final

import attribution as engine

# By method; `half_life` is in hours, `from_start` and `from_end` are lists, `by_channel` and `by_kind` factors by name.
PARAMETERS: Final[Mapping[str, tuple[str, ...]]] = {
    "position_based": ("first", "rest", "last"),
    "w_shaped": ("first", "milestone", "rest", "last"),
    "time_decay": ("half_life",),
    "custom": ("from_start", "from_end", "otherwise", "by_channel", "by_kind"),
}
LONGEST: Final = 1000
_LISTS: Final = ("from_start", "from_end")
_FACTORS: Final = ("by_channel", "by_kind")
_MOST_PARTS: Final = 50
MethodParameters = Mapping[str, Any]


class BadParameters(ValueError):
    """Parameters of a method cannot be used: the first argument says which one, the second why, in English."""


def spec_of(method: str, parameters: MethodParameters) -> engine.MethodSpec:
    """Return a method with its parameters, those left out by default. Raises BadParameters."""
    given = {name: _value(name, stored) for name, stored in parameters.items()}
    unknown = given.keys() - set(PARAMETERS.get(method, ()))
    if unknown:
        raise BadParameters(min(unknown), f"{method} has no such parameter")
    try:
        return engine.METHODS[method].build(**given)
    except (engine.BadSpecError, OverflowError) as error:
        raise BadParameters(next(iter(given), ""), str(error)) from error


def parameters_of_words(method: str, words: Mapping[str, str]) -> dict[str, Any]:
    """Return the parameters that the words of a form or an address mean; empty ones keep the default.

    Lists are numbers apart by commas, factors names and numbers: `Email: 2, Direct: 0`. Raises BadParameters.
    """
    found = {
        name: _read(name, words[name].strip()) for name in PARAMETERS.get(method, ()) if words.get(name, "").strip()
    }
    spec_of(method, found)
    return found


def words_of_parameters(method: str, parameters: MethodParameters) -> dict[str, str]:
    """Return every parameter of a method in words, those left out by default."""
    given = {**_defaults(method), **parameters}
    return {name: _written(given[name]) for name in PARAMETERS.get(method, ())}


def read_all(stored: object) -> dict[str, dict[str, Any]]:
    """Return the parameters of all methods out of JSON, checked. Raises BadParameters."""
    if not isinstance(stored, Mapping):
        raise BadParameters("", "not a mapping of methods")
    found = {}
    for method, parameters in stored.items():
        if method not in PARAMETERS or not isinstance(parameters, Mapping):
            raise BadParameters(str(method), "is no method with parameters")
        spec_of(method, parameters)
        if parameters:
            found[str(method)] = dict(parameters)
    return found


def _defaults(method: str) -> dict[str, Any]:
    if method not in PARAMETERS:
        return {}
    weighting = engine.METHODS[method].spec.weighting
    values = {name: getattr(weighting, name) for name in PARAMETERS[method]}
    return {
        name: value / timedelta(hours=1) if isinstance(value, timedelta) else dict(value) if name in _FACTORS else value
        for name, value in values.items()
    }


def _value(name: str, stored: Any) -> Any:
    """Return a parameter as the engine takes it."""
    try:
        if name in _LISTS:
            return [_number(name, one) for one in list(stored)[: _MOST_PARTS + 1]]
        if name in _FACTORS:
            return {str(key): _number(name, one) for key, one in dict(stored).items()}
        number = _number(name, stored)
        return timedelta(hours=number) if name == "half_life" else number
    except (TypeError, ValueError, OverflowError) as error:
        if isinstance(error, BadParameters):
            raise
        raise BadParameters(name, "cannot be read") from error


def _number(name: str, value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not isfinite(value):
        raise BadParameters(name, "is not a number")
    return float(value)


def _read(name: str, text: str) -> Any:
    if len(text) > LONGEST:
        raise BadParameters(name, "is too long")
    parts = [part.strip() for part in text.split(",") if part.strip()]
    if len(parts) > _MOST_PARTS:
        raise BadParameters(name, "has too many parts")
    try:
        if name in _LISTS:
            return [float(part) for part in parts]
        if name in _FACTORS:
            return {key.strip(): float(number) for key, number in (part.rsplit(":", 1) for part in parts)}
        return float(text)
    except ValueError as error:
        raise BadParameters(name, "cannot be read") from error


def _written(value: Any) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{key}: {number:g}" for key, number in value.items())
    if isinstance(value, list | tuple):
        return ", ".join(f"{number:g}" for number in value)
    return f"{value:g}"
