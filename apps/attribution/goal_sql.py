"""Goals as ClickHouse expressions over `events`: every word of a customer's goes in as a bound parameter."""

from dataclasses import dataclass, field
from typing import Any

from apps.attribution.domain.goals import EVENT_FIELDS, Filter, Rule

REFUND_EVENT = "Order Refunded"


@dataclass(slots=True)
class Parameters:
    """Collects values under names of their own."""

    prefix: str = "g"
    values: dict[str, Any] = field(default_factory=dict)

    def bind(self, value: object, kind: str = "String") -> str:
        """Return the expression that stands for *value*."""
        name = f"{self.prefix}{len(self.values)}"
        self.values[name] = value
        return f"{{{name}:{kind}}}"


def meets(rule: Rule, parameters: Parameters) -> str:
    """Return the condition under which an event meets the goal."""
    conditions = [_condition(one, parameters) for one in rule.filters]
    return f"({' AND '.join([meets_name(rule.kind, rule.event_name, parameters), *conditions])})"


def meets_name(kind: str, name: str, parameters: Parameters) -> str:
    """Return the condition on kind and name alone; an empty name means any."""
    of_kind = f"kind = {parameters.bind(kind)}"
    return f"({of_kind} AND name = {parameters.bind(name)})" if name else f"({of_kind})"


def worth(rule: Rule, parameters: Parameters) -> str:
    """Return the expression of an event's value for the goal: Decimal(18, 4), 0 where there is none."""
    if rule.fixed_value is not None:
        return f"CAST({parameters.bind(str(rule.fixed_value))}, 'Decimal(18, 4)')"
    if rule.value_field:
        return f"ifNull(toDecimal64OrNull({_text(rule.value_field, parameters)}, 4), toDecimal64(0, 4))"
    return "ifNull(value, toDecimal64(0, 4))"


# What takes money back, whichever goal it is asked for; `refunds` holds those that name an order.
IS_REFUND = f"(kind = 'track' AND (name = '{REFUND_EVENT}' OR ifNull(value < 0, false)))"


def is_refund(rule: Rule) -> str:
    """Return the condition under which an event that meets the goal takes money back instead."""
    return "false" if rule.fixed_value is not None else IS_REFUND


_SIGNS = {"more_than": ">", "less_than": "<", "at_least": ">=", "at_most": "<="}
_TEXT_CONDITIONS = {
    "equals": "{text} = {value}",
    "not_equals": "{text} != {value}",
    "contains": "position({text}, {value}) > 0",
    "starts_with": "startsWith({text}, {value})",
    "is_set": "{text} != ''",
    "is_not_set": "{text} = ''",
}


def _condition(one: Filter, parameters: Parameters) -> str:
    text = _text(one.path, parameters)
    if one.operator in _SIGNS:
        number = parameters.bind(float(one.value), "Float64")
        return f"ifNull(toFloat64OrNull({text}) {_SIGNS[one.operator]} {number}, false)"
    value = parameters.bind(one.value) if "{value}" in _TEXT_CONDITIONS[one.operator] else ""
    return _TEXT_CONDITIONS[one.operator].format(text=text, value=value)


def _text(path: str, parameters: Parameters) -> str:
    """Return the expression of a property as text: an unquoted text, else the JSON as it stands, '' when absent."""
    if path in EVENT_FIELDS:
        return EVENT_FIELDS[path]
    keys = ", ".join(_key(part, parameters) for part in path.split("."))
    raw, text = f"JSONExtractRaw(properties, {keys})", f"JSONExtractString(properties, {keys})"
    return f"if(JSONType(properties, {keys}) = 'String', {text}, if({raw} = 'null', '', {raw}))"


def _key(part: str, parameters: Parameters) -> str:
    # ClickHouse counts elements of a list from 1. A whole number names an element, as in `items.0.sku`.
    return parameters.bind(int(part) + 1, "Int64") if part.isdecimal() and len(part) < 10 else parameters.bind(part)
