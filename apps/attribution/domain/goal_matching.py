"""Whether an event meets a goal, one event at a time: what `goal_sql.py` asks ClickHouse, in plain Python."""

import json
import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import ROUND_DOWN, Decimal
from typing import Any, Final

from apps.attribution.domain.goals import Filter, Rule

REFUND_EVENT: Final = "Order Refunded"
_NUMBER: Final = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?")
_AMOUNT: Final = re.compile(r"[+-]?\d{1,14}(?:\.\d+)?")
_STORED: Final = Decimal("0.0001")
_TEXT_CONDITIONS: Final[Mapping[str, Callable[[str, str], bool]]] = {
    "equals": operator.eq,
    "not_equals": operator.ne,
    "contains": operator.contains,
    "starts_with": str.startswith,
    "is_set": lambda text, _: text != "",
    "is_not_set": lambda text, _: text == "",
}
_NUMBER_CONDITIONS: Final[Mapping[str, Callable[[float, float], bool]]] = {
    "more_than": operator.gt,
    "less_than": operator.lt,
    "at_least": operator.ge,
    "at_most": operator.le,
}


@dataclass(frozen=True, slots=True)
class Happened:
    """An event as goals read it; `facts` are the fields named `event.…` without that beginning."""

    kind: str
    name: str
    value: Decimal | None = None
    properties: Mapping[str, Any] = field(default_factory=dict)
    facts: Mapping[str, str] = field(default_factory=dict)


def meets(rule: Rule, event: Happened) -> bool:
    """Tell whether an event meets a goal."""
    if event.kind != rule.kind or (rule.event_name and event.name != rule.event_name):
        return False
    return all(_holds(one, event) for one in rule.filters)


def worth(rule: Rule, event: Happened) -> Decimal:
    """Return what an event is worth for a goal, to four decimals; 0 where it says nothing."""
    if rule.fixed_value is not None:
        return rule.fixed_value
    if rule.value_field:
        text = _text(rule.value_field, event)
        return Decimal(text).quantize(_STORED, ROUND_DOWN) if _AMOUNT.fullmatch(text) else Decimal(0)
    return Decimal(0) if event.value is None else event.value


def takes_back(rule: Rule, event: Happened) -> bool:
    """Tell whether an event takes money back; nothing does where each conversion is worth the same."""
    if rule.fixed_value is not None or event.kind != "track":
        return False
    return event.name == REFUND_EVENT or (event.value is not None and event.value < 0)


def _holds(one: Filter, event: Happened) -> bool:
    text = _text(one.path, event)
    if one.operator in _TEXT_CONDITIONS:
        return _TEXT_CONDITIONS[one.operator](text, one.value)
    return bool(_NUMBER.fullmatch(text)) and _NUMBER_CONDITIONS[one.operator](float(text), float(one.value))


def _text(path: str, event: Happened) -> str:
    """Return a property as text: an unquoted text, else the JSON as it stands, empty when absent or null."""
    if path.startswith("event."):
        return event.facts.get(path.removeprefix("event."), "")
    found: Any = event.properties
    for part in path.split("."):
        found = _part(found, part)
    if found is None:
        return ""
    return found if isinstance(found, str) else json.dumps(found, separators=(",", ":"), ensure_ascii=False)


def _part(holder: Any, name: str) -> Any:
    if isinstance(holder, Mapping):
        return holder.get(name)
    if isinstance(holder, list) and name.isdecimal() and int(name) < len(holder):
        return holder[int(name)]
    return None
