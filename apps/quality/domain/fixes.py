"""Fixes of events as they were sent: one value for another, a cast, a default, another name."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Any

import msgspec

from apps.quality.domain import rules
from apps.quality.domain.rules import ANY, BadRule, matches

LONGEST, MOST_PARTS = 200, 8
CASTS = ("number", "integer", "string", "boolean")
# What an event is and whose must stay: another id would be another event.
_ROOTS = ("properties", "traits", "context")
_WHOLE = ("event", "name", "userId", "anonymousId")
_TRUE, _FALSE = frozenset({"true", "yes", "1", "on"}), frozenset({"false", "no", "0", "off"})
# Only where a run of its signs begins: from each of them anew, a long one would take the square of its length.
_NUMBER = re.compile(r"(?:[+-]|(?<![\d.,'\s\u00a0\u202f]))[\d.,'\s\u00a0\u202f]*\d")
_decode, _encode = msgspec.json.Decoder(dict[str, Any]).decode, msgspec.json.Encoder().encode


class Action(StrEnum):
    """What a fix does to a field."""

    MAPPING = "mapping"
    CAST = "cast"
    DEFAULT = "default"
    RENAME = "rename"


@dataclass(frozen=True, slots=True)
class Fix:
    """One fix of one field, for which events."""

    field: str
    action: Action
    parameters: Mapping[str, Any]
    id: int = 0
    name: str = ""
    event: str = ANY
    stream_id: int | None = None

    def is_about(self, subject: str, stream_id: int) -> bool:
        """Tell whether the fix is for such events."""
        return (self.stream_id is None or self.stream_id == stream_id) and matches(self.event, subject)


def check(path: str, action: str, parameters: Mapping[str, Any]) -> None:
    """Say what is wrong with a fix. Raises BadRule."""
    _check_path("field", path)
    if action not in set(Action):
        raise BadRule("action", f"{action!r} is none of {', '.join(Action)}.")
    match Action(action):
        case Action.MAPPING:
            pairs = parameters.get("values")
            if not isinstance(pairs, Mapping) or not 1 <= len(pairs) <= 500:
                raise BadRule("values", "Name 1 to 500 values with what each becomes.")
        case Action.CAST:
            if parameters.get("to") not in CASTS:
                raise BadRule("to", f"A cast is to one of {', '.join(CASTS)}.")
        case Action.DEFAULT:
            if rules.text(parameters.get("value")) in (None, ""):
                raise BadRule("value", "Give the value that is set where there is none.")
        case Action.RENAME:
            _check_path("to", str(parameters.get("to", "")))


def fixed(raw: bytes, fixes: Sequence[Fix]) -> tuple[bytes, list[Fix]]:
    """Return an event with *fixes* made one after the other, and those that changed it. Raises msgspec.MsgspecError."""
    document = _decode(raw)
    made = [fix for fix in fixes if _ACTIONS[fix.action](document, fix.field, fix.parameters)]
    return (_encode(document) if made else raw), made


def as_number(value: Any) -> Decimal | None:
    """Return an amount as people write it: 1.234,50 € and 1,234.50 are the same; None where it cannot be told."""
    found = rules.number(value)
    if found is not None or not isinstance(value, str):
        return found
    match = _NUMBER.search(value)
    if match is None or re.search(r"\d", value[: match.start()] + value[match.end() :]):
        return None
    digits = re.sub(r"['\s\u00a0\u202f]", "", match[0])
    comma, point = digits.rfind(","), digits.rfind(".")
    if comma >= 0 and point >= 0:
        thousands = "," if point > comma else "."
        digits = digits.replace(thousands, "")
    elif digits.count(",") > 1 or digits.count(".") > 1:
        digits = digits.replace(",", "").replace(".", "")
    return rules.number(digits.replace(",", "."))


def _check_path(place: str, path: str) -> None:
    root, dot, _rest = path.partition(".")
    parts = path.split(".")
    is_long = len(path) > LONGEST or len(parts) > MOST_PARTS
    if path in _WHOLE and not is_long:
        return
    if root not in _ROOTS or not dot or not all(parts) or is_long or any(ord(sign) < 32 for sign in path):
        raise BadRule(place, f"A fix is of properties.…, traits.…, context.…, or one of {', '.join(_WHOLE)}.")


def _place(document: dict[str, Any], path: str, *, make: bool = False) -> tuple[dict[str, Any] | None, str]:
    """Return what holds the field at *path*, and its key there."""
    *holders, key = path.split(".")
    here: Any = document
    for holder in holders:
        inner = here.get(holder)
        if inner is None and make:
            inner = here[holder] = {}
        if not isinstance(inner, dict):
            return None, key
        here = inner
    return here, key


def _map(document: dict[str, Any], path: str, parameters: Mapping[str, Any]) -> bool:
    here, key = _place(document, path)
    said = rules.text(here.get(key)) if here else None
    if here is None or said is None or said not in parameters["values"]:
        return False
    here[key] = parameters["values"][said]
    return True


def _cast(document: dict[str, Any], path: str, parameters: Mapping[str, Any]) -> bool:
    here, key = _place(document, path)
    value = here.get(key) if here else None
    if here is None or value is None:
        return False
    cast = _CASTS[parameters["to"]](value)
    if cast is None or (type(cast) is type(value) and cast == value):
        return False
    here[key] = cast
    return True


def _default(document: dict[str, Any], path: str, parameters: Mapping[str, Any]) -> bool:
    here, key = _place(document, path, make=True)
    if here is None or here.get(key) not in (None, ""):
        return False
    here[key] = parameters["value"]
    return True


def _rename(document: dict[str, Any], path: str, parameters: Mapping[str, Any]) -> bool:
    here, key = _place(document, path)
    if not here or here.get(key) is None:
        return False
    there, name = _place(document, parameters["to"], make=True)
    if there is None or there.get(name) not in (None, ""):
        return False  # what is there already is not overwritten
    there[name] = here.pop(key)
    return True


def _number(value: Any) -> int | float | None:
    found = as_number(value)
    if found is None:
        return None
    return int(found) if found == found.to_integral_value() and abs(found) < 2**53 else float(found)


def _integer(value: Any) -> int | None:
    found = as_number(value)
    return int(found) if found is not None and found == found.to_integral_value() and abs(found) < 2**63 else None


def _boolean(value: Any) -> bool | None:
    said = (rules.text(value) or "").strip().lower()
    return True if said in _TRUE else False if said in _FALSE else None


_CASTS: dict[str, Any] = {"number": _number, "integer": _integer, "string": rules.text, "boolean": _boolean}
_ACTIONS = {Action.MAPPING: _map, Action.CAST: _cast, Action.DEFAULT: _default, Action.RENAME: _rename}
