"""Journeys of random worlds by the engine alone, in the shape that the rows of ClickHouse have."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import Decimal
from typing import Any, NamedTuple

import attribution as engine
from apps.shared import clickhouse
from tests.attribution.worlds import Sent, key


class Row(NamedTuple):
    """What both sides must agree on."""

    conversion_id: str
    is_refund: bool
    is_counted: bool
    converted_ms: int
    credited_ms: int
    value: Decimal
    currency: str
    refund_of: str
    milestone_age_ms: int | None
    touches: tuple[tuple[str, str, int, str, str, str, str, str], ...]


@dataclass(frozen=True, slots=True)
class TestGoal:
    """A goal in plain Python, beside the one that is stored."""

    __test__ = False

    meets: Callable[[Sent], bool]
    worth: Callable[[Sent], Decimal] = lambda sent: sent.event.value or Decimal(0)
    is_fixed: bool = False
    is_once: bool = False
    milestone: Callable[[Sent], bool] = lambda _: False


def engine_journeys(sent: Iterable[Sent], goal: TestGoal, **rules: Any) -> list[engine.Journey]:
    """Return the engine's journeys of a goal; *rules* are those of `engine.build_journeys`."""
    every = {one.event.id: one for one in sent}
    met = {name for name, one in every.items() if goal.meets(one)}
    taken = set() if goal.is_fixed else {name for name, one in every.items() if _takes_back(one.event)}
    orders = {every[name].event.order_id for name in met - taken} - {""}
    refunds = {name for name in taken if name in met or every[name].event.order_id in orders}
    rule = engine.GoalRule(
        is_conversion=lambda event: event.id in met,
        is_refund=lambda event: event.id in refunds,
        is_milestone=lambda event: goal.milestone(every[event.id]),
        counting="once" if goal.is_once else "every",
    )
    events = [replace(one.event, value=goal.worth(one)) for one in every.values()]
    return engine.build_journeys(events, rule, **rules)


def expected_rows(sent: Iterable[Sent], goal: TestGoal, **rules: Any) -> list[Row]:
    """Return what ClickHouse must hold for a goal, by id."""
    journeys = engine_journeys(sent, goal, **rules)
    currencies = {one.conversion.id: one.conversion.currency for one in journeys}
    return sorted(_row(one, currencies) for one in journeys)


def stored_rows(property_id: int, goal_id: int) -> list[Row]:
    """Return what ClickHouse holds for a goal, by id."""
    sql = """
        SELECT conversion_id, is_refund, is_counted, toUnixTimestamp64Milli(converted_at),
            toUnixTimestamp64Milli(credited_at), value, currency, refund_of, milestone_age_ms,
            arrayZip(touch_ids, touch_kinds, touch_ages_ms, touch_channels, touch_sources, touch_mediums,
                touch_campaigns, touch_ad_groups)
        FROM journeys FINAL
        WHERE property_id = {property_id:UInt64} AND goal_id = {goal_id:UInt64}
    """
    return sorted(clickhouse.select(sql, _stored, property_id=property_id, goal_id=goal_id))


def stored_persons(property_id: int) -> dict[int, int]:
    """Return the person of every id whose person is another one, as ClickHouse holds it."""
    sql = "SELECT key, person_id FROM persons FINAL WHERE property_id = {property_id:UInt64}"
    return dict(clickhouse.select(sql, lambda *row: row, property_id=property_id))


def stored_person(person: str, persons: Mapping[int, int]) -> str:
    """Return a person of the engine as ClickHouse names them; one without id is called by the conversion."""
    return person.removeprefix("?") if person.startswith("?") else str(persons.get(key(person), key(person)))


def dealt(paths: engine.PathArrays, groups: int) -> engine.PathArrays:
    """Return paths whose people are dealt into fewer groups: a divisor of those they are in."""
    return replace(paths, groups=paths.groups % groups, n_groups=groups)


def _stored(*values: Any) -> Row:
    return Row(*values[:-1], tuple(tuple(touch) for touch in values[-1]))


def _takes_back(event: engine.Event) -> bool:
    return event.kind == "track" and (event.name == "Order Refunded" or (event.value is not None and event.value < 0))


def _row(journey: engine.Journey, currencies: dict[str, str]) -> Row:
    conversion = journey.conversion
    is_refund = bool(conversion.refund_of) or conversion.value < 0 or conversion.value.is_signed()
    milestone = None
    if journey.milestone_at is not None and not (is_refund and not conversion.refund_of):
        milestone = (conversion.counted_from - journey.milestone_at) // timedelta(milliseconds=1)
    return Row(
        conversion_id=conversion.id,
        is_refund=is_refund,
        is_counted=journey.is_counted,
        converted_ms=engine.milliseconds(conversion.converted_at),
        credited_ms=engine.milliseconds(conversion.counted_from),
        value=conversion.value,
        currency=conversion.currency or currencies.get(conversion.refund_of, ""),
        refund_of=conversion.refund_of,
        milestone_age_ms=milestone,
        touches=tuple(
            (
                one.id,
                one.kind.value,
                engine.age_ms(one, conversion),
                one.channel,
                one.source,
                one.medium,
                one.campaign,
                one.ad_group,
            )
            for one in engine.in_touch_order(journey.touchpoints)
        ),
    )
