"""A goal as a rule: which events meet it and what they are worth."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

TEXT_OPERATORS: Final = ("equals", "not_equals", "contains", "starts_with")
NUMBER_OPERATORS: Final = ("more_than", "less_than", "at_least", "at_most")
PRESENCE_OPERATORS: Final = ("is_set", "is_not_set")
OPERATORS: Final = TEXT_OPERATORS + NUMBER_OPERATORS + PRESENCE_OPERATORS
# Facts of the event itself, named `event.…` so that no property of a customer can be mistaken for one.
EVENT_FIELDS: Final = {
    f"event.{column}": column for column in ("page_path", "page_url", "title", "country", "device", "os", "browser")
}
MAX_FILTERS: Final = 10


class BadFilter(ValueError):
    """A condition cannot be understood."""


@dataclass(frozen=True, slots=True)
class Filter:
    """One condition: a property path such as `cart.items.0.sku`, an operator, a value."""

    path: str
    operator: str
    value: str = ""

    def __post_init__(self) -> None:
        if not self.path.strip("."):
            raise BadFilter("A condition needs a property.")
        if self.path.startswith("event.") and self.path not in EVENT_FIELDS:
            raise BadFilter(f"{self.path} is not a field of events; use one of {', '.join(EVENT_FIELDS)}.")
        if self.operator not in OPERATORS:
            raise BadFilter(f"{self.operator!r} is not an operator.")
        if self.operator in NUMBER_OPERATORS:
            self._check_number()

    def _check_number(self) -> None:
        try:
            is_finite = Decimal(self.value).is_finite()
        except ArithmeticError:
            is_finite = False
        if not is_finite:
            raise BadFilter(f"{self.path}: {self.value!r} is not a number.")


@dataclass(frozen=True, slots=True)
class Rule:
    """One version of a goal, complete."""

    goal_id: int
    version: int
    kind: str
    event_name: str
    filters: tuple[Filter, ...] = ()
    value_field: str = ""
    fixed_value: Decimal | None = None
    is_once: bool = False
    milestone: "Rule | None" = None


def rule_of(goal_id: int, version: int, definition: Mapping[str, Any], milestone: Rule | None = None) -> Rule:
    """Return the rule that a stored definition states; raises BadFilter."""
    fixed = definition.get("fixed_value")
    return Rule(
        goal_id=goal_id,
        version=version,
        kind=definition["kind"],
        event_name=definition["event_name"],
        filters=read_filters(definition["filters"]),
        value_field=definition["value_field"],
        fixed_value=None if fixed is None else Decimal(fixed),
        is_once=definition["counting"] == "once",
        milestone=milestone,
    )


def read_filters(stored: object) -> tuple[Filter, ...]:
    """Return stored conditions as values; raises BadFilter."""
    if not isinstance(stored, list) or len(stored) > MAX_FILTERS:
        raise BadFilter(f"Conditions are a list of at most {MAX_FILTERS}.")
    found = []
    for one in stored:
        if not isinstance(one, list) or len(one) != 3 or not all(isinstance(part, str) for part in one):
            raise BadFilter("A condition is a list of three texts: property, operator, value.")
        found.append(Filter(*one))
    return tuple(found)
