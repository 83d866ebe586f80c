"""Fixes of events as they were sent: one value for another, a cast, a default, another name."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Any

import msgspec

from apps.quality.domain import rules
from apps.quality.domain.amounts import as_number
from apps.quality.domain.fields import EACH, keys_of
from apps.quality.domain.marked import _
from apps.quality.domain.rules import ANY, BadRule, matches

LONGEST, MOST_PARTS = 200, 8
CASTS = ("number", "integer", "string", "boolean")
# What an event is and whose must stay: another id would be another event.
_ROOTS = ("properties", "traits", "context")
_WHOLE = ("event", "name", "userId", "anonymousId")
_NO_PLACE = _("A fix is of properties.…, traits.…, context.…, or one of %(others)s.")
_TRUE, _FALSE = frozenset({"true", "yes", "1", "on"}), frozenset({"false", "no", "0", "off"})
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
    rules.check_texts(parameters)
    if action not in set(Action):
        raise BadRule("action", f"{action!r} is none of {', '.join(Action)}.")
    match Action(action):
        case Action.MAPPING:
            pairs = parameters.get("values")
            if not isinstance(pairs, Mapping) or not 1 <= len(pairs) <= 500:
                raise BadRule("values", _("Name 1 to 500 values with what each becomes."))
        case Action.CAST:
            if parameters.get("to") not in CASTS:
                raise BadRule("to", f"A cast is to one of {', '.join(CASTS)}.")
        case Action.DEFAULT:
            if rules.text(parameters.get("value")) in (None, ""):
                raise BadRule("value", _("Give the value that is set where there is none."))
        case Action.RENAME:
            _check_path("to", str(parameters.get("to", "")))
            _check_holder(path, parameters["to"])


def fixed(raw: bytes, fixes: Sequence[Fix]) -> tuple[bytes, list[Fix]]:
    """Return an event with *fixes* made one after the other, and those that changed it. Raises msgspec.MsgspecError."""
    document = _decode(raw)
    made = [fix for fix in fixes if _ACTIONS[fix.action](document, fix.field, fix.parameters)]
    return (_encode(document) if made else raw), made


def _check_path(place: str, path: str) -> None:
    root, dot, _rest = path.partition(".")
    parts = path.split(".")
    is_long = len(path) > LONGEST or len(parts) > MOST_PARTS
    if path in _WHOLE and not is_long:
        return
    if root not in _ROOTS or not dot or not all(parts) or is_long or any(ord(sign) < 32 for sign in path):
        raise BadRule(place, _NO_PLACE, others=", ".join(_WHOLE))


def _check_holder(path: str, to: str) -> None:
    """Refuse a field inside itself, and let one of each item of a list move within its item: which other is meant?"""
    if to == path or to.startswith(f"{path}."):
        raise BadRule("to", _("A field cannot be renamed into itself."))
    holders = [one.rpartition(".")[0] for one in (path, to)]
    if EACH in path + to and (holders[0] != holders[1] or path.endswith(EACH) or to.endswith(EACH)):
        raise BadRule("to", _("A field of each item of a list can only be renamed within its item."))


def _places(here: Any, keys: tuple[str, ...], *, make: bool = False) -> Iterator[tuple[Any, Any]]:
    """Yield what holds the field at *keys*, and its key there: once for each item where the path says so."""
    key, rest = keys[0], keys[1:]
    if isinstance(here, list):
        is_place = key.isascii() and key.isdigit() and len(key) < 6 and int(key) < len(here)
        for place in range(len(here)) if key == EACH else [int(key)] if is_place else ():
            yield from _places(here[place], rest, make=make) if rest else [(here, place)]
    elif isinstance(here, dict) and key != EACH:
        length = next((size for size in range(len(keys), 1, -1) if ".".join(keys[:size]) in here), 1)
        if key not in here and length > 1:  # a key that holds dots itself
            key, rest = ".".join(keys[:length]), keys[length:]
        if not rest:
            yield here, key
            return
        if here.get(key) is None and make and rest[0] != EACH:
            here[key] = {}
        yield from _places(here.get(key), rest, make=make)


def _held(here: Any, key: Any) -> Any:
    return here[key] if isinstance(here, list) else here.get(key)


def _map(document: dict[str, Any], path: str, parameters: Mapping[str, Any]) -> bool:
    values, is_changed = parameters["values"], False
    for here, key in _places(document, keys_of(path)):
        said = rules.text(_held(here, key))
        if said is not None and said in values:
            here[key], is_changed = values[said], True
    return is_changed


def _cast(document: dict[str, Any], path: str, parameters: Mapping[str, Any]) -> bool:
    is_changed = False
    for here, key in _places(document, keys_of(path)):
        value = _held(here, key)
        cast = None if value is None else _CASTS[parameters["to"]](value)
        if cast is not None and not (type(cast) is type(value) and cast == value):
            here[key], is_changed = cast, True
    return is_changed


def _default(document: dict[str, Any], path: str, parameters: Mapping[str, Any]) -> bool:
    is_changed = False
    for here, key in _places(document, keys_of(path), make=True):
        if _held(here, key) in (None, ""):
            here[key], is_changed = parameters["value"], True
    return is_changed


def _rename(document: dict[str, Any], path: str, parameters: Mapping[str, Any]) -> bool:
    is_changed = False
    # What is gone from a list would move the rest of it: only members of objects are renamed.
    found = [(here, key) for here, key in _places(document, keys_of(path)) if isinstance(here, dict)]
    for here, key in found:
        if here.get(key) is None:
            continue
        to = keys_of(parameters["to"])
        place = next(iter([(here, to[-1])] if EACH in to else _places(document, to, make=True)), None)
        if place is None or _held(*place) not in (None, ""):
            continue  # what is there already is not overwritten
        place[0][place[1]] = here.pop(key)
        is_changed = True
    return is_changed


def _number(value: Any) -> int | float | None:
    found = as_number(value)
    if found is None:
        return None
    near = float(found)  # which rounds a fraction; a whole number would be another one
    is_out_of_reach = bool(found) and near in (float("inf"), float("-inf"), 0)
    if is_out_of_reach or (found == found.to_integral_value() and Decimal(near) != found):
        return None
    return int(near) if near.is_integer() and abs(near) < 2**53 else near


def _integer(value: Any) -> int | None:
    found = as_number(value)
    # abs() fails where an exponent is absurd
    is_held = found is not None and found == found.to_integral_value() and found.copy_abs() < 2**63
    return int(found) if found is not None and is_held else None


def _boolean(value: Any) -> bool | None:
    said = (rules.text(value) or "").strip().lower()
    return True if said in _TRUE else False if said in _FALSE else None


_CASTS: dict[str, Any] = {"number": _number, "integer": _integer, "string": rules.text, "boolean": _boolean}
_ACTIONS = {Action.MAPPING: _map, Action.CAST: _cast, Action.DEFAULT: _default, Action.RENAME: _rename}
