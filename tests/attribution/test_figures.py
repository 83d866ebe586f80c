"""Every figure of the door against a brute-force computation over the raw events (R3, R4, R6)."""

import random
from collections import defaultdict
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from math import isclose
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

import attribution as engine
from apps.attribution import api, services
from tests.attribution import brute_force, worlds
from tests.attribution.brute_force import TestGoal

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clickhouse")]
PERIOD = (datetime(2026, 3, 2, tzinfo=UTC), datetime(2026, 8, 1, tzinfo=UTC))
LOOKBACKS = engine.Lookbacks(click=timedelta(days=30), view=timedelta(days=1))
METHODS = ("last_touch", "last_non_direct", "first_touch", "linear", "position_based", "time_decay")
SALE = TestGoal(lambda one: one.event.name == "Order Completed")


class Measured:
    """A built property, with the engine's journeys of its period."""

    def __init__(self, property_id: int, *, is_once: bool = False) -> None:
        self.property_id = property_id
        world = worlds.random_world(random.Random(f"figures {is_once}"), 400)
        worlds.store(property_id, world, timezone.now())
        goal = services.create_goal(
            property_id=property_id,
            made_by=None,
            name="Sale",
            event_name="Order Completed",
            counting="once" if is_once else "every",
        )
        services.build_journeys(property_id=property_id, clock=timezone.now)
        self.bounds: dict[str, Any] = {"goal_id": goal.pk, "period": PERIOD}
        every = brute_force.engine_journeys(world, TestGoal(SALE.meets, is_once=is_once))
        rows = {
            one.conversion_id: one for one in brute_force.expected_rows(world, TestGoal(SALE.meets, is_once=is_once))
        }
        self.rows = {name: row for name, row in rows.items() if any(one.conversion.id == name for one in every)}
        self.every = [one for one in every if PERIOD[0] <= one.conversion.converted_at < PERIOD[1]]
        self.journeys = [one for one in self.every if one.is_counted]

    def is_refund(self, journey: engine.Journey) -> bool:
        """Tell whether a journey is a refund's."""
        return self.rows[journey.conversion.id].is_refund

    def euros(self, journey: engine.Journey) -> bool:
        """Tell whether a journey's money is the property's."""
        return self.rows[journey.conversion.id].currency in ("", "EUR")

    def credit(self, method: str, key: str = "channel") -> dict[str, tuple[float, Decimal]]:
        """Return conversions and money of each key by the engine alone."""
        found: dict[str, tuple[float, Decimal]] = defaultdict(lambda: (0.0, Decimal(0)))
        for journey in self.journeys:
            for one in engine.credit(engine.METHODS[method].spec, journey, LOOKBACKS):
                if one.touchpoint:
                    name = getattr(one.touchpoint, key)
                    share = 0.0 if self.is_refund(journey) else one.share
                    money = one.amount if self.euros(journey) else Decimal(0)
                    found[name] = (found[name][0] + share, found[name][1] + money)
        return dict(found)


@pytest.fixture
def measured(property_id: int) -> Measured:
    """A property of which everything counts."""
    return Measured(property_id)


def _same(found: float, wanted: float) -> bool:
    return isclose(found, wanted, rel_tol=0, abs_tol=1e-7)


@pytest.mark.parametrize("dimension", ["channel", "campaign"])
def test_credit_by_every_method_equals_brute_force(measured: Measured, dimension: str) -> None:
    for method in METHODS:
        rows = api.credit_by(measured.property_id, method=method, dimension=dimension, **measured.bounds)

        wanted = measured.credit(method, dimension)
        assert {row.key for row in rows if row.conversions or row.revenue} <= wanted.keys()
        for row in rows:
            conversions, revenue = wanted.get(row.key, (0.0, Decimal(0)))
            assert (_same(row.conversions, conversions), row.revenue) == (True, revenue), (method, row)
        assert _same(sum(row.share for row in rows), 1.0)


def test_credit_by_touchpoint_filter_keeps_credit_of_whole_journey(measured: Measured) -> None:
    rows = api.credit_by(
        measured.property_id,
        method="linear",
        dimension="channel",
        filters=(("channel", "Email"), ("country", "DE")),
        **measured.bounds,
    )

    assert [(row.key, _same(row.conversions, measured.credit("linear")["Email"][0])) for row in rows] == [
        ("Email", True)
    ]
    assert rows[0].revenue == measured.credit("linear")["Email"][1]


def test_compare_methods_says_what_each_method_says(measured: Measured) -> None:
    rows = api.compare_methods(measured.property_id, methods=METHODS, **measured.bounds)

    for method in METHODS:
        found = {row.key: row for row in rows if row.method == method}
        for key, (conversions, revenue) in measured.credit(method).items():
            assert _same(found[key].conversions, conversions)
            assert found[key].revenue == revenue


def test_credit_by_day_follows_the_clock_of_the_property(measured: Measured) -> None:
    points = api.credit_by_day(measured.property_id, method="linear", grain="day", **measured.bounds)

    wanted: dict[Any, float] = defaultdict(float)
    for journey in measured.journeys:
        if engine.unattributed_reason(journey, LOOKBACKS) is None and not measured.is_refund(journey):
            wanted[journey.conversion.converted_at.astimezone(ZoneInfo("Europe/Berlin")).date()] += 1
    found: dict[Any, float] = defaultdict(float)
    for point in points:
        found[point.starts_on] += point.conversions
    assert {day: round(count, 6) for day, count in found.items() if count} == wanted


@pytest.mark.parametrize("is_once", [False, True])
def test_totals_and_reasons_add_up_to_the_raw_events(property_id: int, is_once: bool) -> None:
    measured = Measured(property_id, is_once=is_once)

    totals = api.totals(property_id, **measured.bounds)
    reasons = api.unattributed(property_id, **measured.bounds)

    sales = [one for one in measured.journeys if not measured.is_refund(one)]
    euros = [one for one in measured.journeys if measured.euros(one)]
    refunds = [one.conversion.value for one in euros if measured.is_refund(one)]
    assert totals.conversions == len(sales)
    assert totals.revenue == sum((one.conversion.value for one in euros), Decimal(0))
    assert totals.refunds == sum(refunds, Decimal(0))
    assert totals.repeats == sum(not one.is_counted and not measured.is_refund(one) for one in measured.every)
    part = [row for row in reasons if row.is_part_of_total]
    assert totals.attributed + sum(row.conversions for row in part) == totals.conversions
    assert totals.attributed_revenue + sum(row.revenue for row in part) == totals.revenue
    for row in part:
        why = [one for one in measured.journeys if engine.unattributed_reason(one, LOOKBACKS) == row.reason]
        assert row.conversions == sum(not measured.is_refund(one) for one in why)
        assert row.revenue == sum((one.conversion.value for one in why if measured.euros(one)), Decimal(0))
    others = [one for one in measured.journeys if not measured.euros(one)]
    dollars = [("USD", sum((one.conversion.value for one in others), Decimal(0)))] if others else []
    assert [(row.currency, row.revenue) for row in totals.other_currencies] == dollars


def test_conversions_pages_hold_each_once_newest_first(measured: Measured) -> None:
    found: list[api.ConversionRow] = []
    cursor = ""
    while True:
        page = api.conversions(measured.property_id, method="linear", cursor=cursor, limit=7, **measured.bounds)
        found += page.rows
        cursor = page.next_cursor
        if not cursor:
            break

    wanted = sorted(measured.every, key=lambda one: (one.conversion.converted_at, one.conversion.id), reverse=True)
    assert [one.id for one in found] == [one.conversion.id for one in wanted]
    assert [one.value for one in found] == [one.conversion.value for one in wanted]
    assert [one.reason for one in found] == [engine.unattributed_reason(one, LOOKBACKS) or "" for one in wanted]


def test_journey_tells_credit_money_rule_and_versions(measured: Measured) -> None:
    for journey in measured.every[:25]:
        detail = api.journey(
            measured.property_id,
            conversion_id=journey.conversion.id,
            goal_id=measured.bounds["goal_id"],
            method="position_based",
        )

        told = engine.explain(journey, engine.METHODS["position_based"].spec, LOOKBACKS)
        assert [(one.id, one.credit, one.why) for one in detail.touchpoints] == [
            (one.touchpoint.id, one.share, one.text) for one in told.touches
        ]
        assert sum(one.money for one in detail.touchpoints) in (journey.conversion.value, 0)
        assert (detail.goal_version, detail.settings_version, detail.method) == (1, 1, "position_based")


def test_unknown_goal_method_dimension_and_conversion_have_names_of_their_own(measured: Measured) -> None:
    bounds = {**measured.bounds, "method": "linear"}
    with pytest.raises(api.UnknownGoal):
        api.credit_by(measured.property_id, **{**bounds, "goal_id": 0})
    with pytest.raises(api.UnknownMethod):
        api.credit_by(measured.property_id, **{**bounds, "method": "guess"})
    with pytest.raises(api.UnknownDimension):
        api.credit_by(measured.property_id, dimension="value) --", **bounds)
    with pytest.raises(api.UnknownConversion):
        api.journey(measured.property_id, conversion_id="'", goal_id=measured.bounds["goal_id"], method="linear")
