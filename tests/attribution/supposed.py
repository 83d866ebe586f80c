"""What a scenario says by the reports and by the engine, one journey after the other, to be compared."""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

import attribution as engine
from apps.attribution import queries, services
from apps.attribution.domain.scenarios import Scenario
from apps.attribution.domain.trials import TrialRules
from tests.attribution import brute_force, worlds
from tests.attribution.brute_force import TestGoal

PERIOD = (datetime(2026, 2, 1, tzinfo=UTC), datetime(2026, 8, 1, tzinfo=UTC))
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
SALE = TestGoal(lambda one: one.event.name == "Order Completed")
OVERRIDES = (
    engine.LookbackOverride(source="google", click=2 * DAY),
    engine.LookbackOverride(campaign="spring", click=60 * DAY, view=7 * DAY),
    engine.LookbackOverride("google", "brand", "boots", click=HOUR),
)
World = list[worlds.Sent]


def in_force(property_id: int, **changes: Any) -> Scenario:
    now = queries.rule_values(property_id)
    return replace(Scenario(now.goal_id, now.method, now.click_lookback, now.view_lookback), **changes)


def by_engine(
    journeys: list[engine.Journey], spec: engine.MethodSpec, lookbacks: Callable[[engine.Journey], engine.Lookbacks]
) -> dict[str, tuple[float, Decimal]]:
    """Return conversions and euros by channel, "" being unattributed, one journey after the other."""
    found: dict[str, list[Any]] = defaultdict(lambda: [0.0, Decimal(0)])
    for journey in journeys:
        conversion = journey.conversion
        if not journey.is_counted or not PERIOD[0] <= conversion.converted_at < PERIOD[1]:
            continue
        is_refund = bool(conversion.refund_of) or conversion.value < 0 or conversion.value.is_signed()
        own = journey
        if conversion.currency not in ("", "EUR"):
            own = replace(journey, conversion=replace(conversion, value=Decimal(0)))
        elif not conversion.currency:
            own = replace(journey, conversion=replace(conversion, currency="EUR"))
        for part in engine.credit(spec, own, lookbacks(journey)):
            key = part.channel if part.touchpoint is not None or part.channel == engine.BASELINE else ""
            found[key][0] += 0 if is_refund else part.share
            found[key][1] += part.amount
    return {key: (round(share, 6), money) for key, (share, money) in found.items() if share or money}


def by_sql(property_id: int, scenario: Scenario) -> dict[str, tuple[float, Decimal]]:
    """Return the same from the reports, and check that rows and the unattributed are the whole, exactly."""
    rows = queries.credit_by(property_id, period=PERIOD, **scenario.question())
    totals = queries.totals(property_id, period=PERIOD, **scenario.bounds())
    assert sum(row.conversions for row in rows) + totals.unattributed == pytest.approx(totals.conversions, abs=1e-6)
    assert sum(row.revenue for row in rows) + totals.unattributed_revenue == totals.revenue
    found = {row.key: (round(row.conversions, 6), row.revenue) for row in rows}
    found[""] = (float(totals.unattributed), totals.unattributed_revenue)
    return {key: figures for key, figures in found.items() if any(figures)}


def check(found: dict[str, tuple[float, Decimal]], wanted: dict[str, tuple[float, Decimal]]) -> None:
    assert found.keys() == wanted.keys()
    for key, (share, money) in wanted.items():
        assert found[key][0] == pytest.approx(share, abs=1e-5), key
        assert found[key][1] == money, key


def usual(scenario: Scenario) -> Callable[[engine.Journey], engine.Lookbacks]:
    lookbacks = engine.Lookbacks(scenario.click_lookback, scenario.view_lookback, scenario.overrides or ())
    return lambda _: lookbacks


def build(sent: World, goal: TestGoal, **options: Any) -> list[engine.Journey]:
    every = {one.event.id: one for one in sent}
    met = {name for name, one in every.items() if goal.meets(one)}
    rule = _rule(every, met, goal)
    return engine.build_journeys([replace(one.event, value=goal.worth(one)) for one in every.values()], rule, **options)


def _rule(every: dict[str, worlds.Sent], met: set[str], goal: TestGoal) -> engine.GoalRule:
    taken = set() if goal.is_fixed else {name for name, one in every.items() if brute_force._takes_back(one.event)}
    orders = {every[name].event.order_id for name in met - taken} - {""}
    refunds = {name for name in taken if name in met or every[name].event.order_id in orders}
    return engine.GoalRule(
        is_conversion=lambda event: event.id in met,
        is_refund=lambda event: event.id in refunds,
        counting="once" if goal.is_once else "every",
    )


def tried(property_id: int, rules: TrialRules) -> int:
    window = (PERIOD[0], PERIOD[1])
    row = services.ask_trial(property_id=property_id, rules=rules, window=window, asked_by=None, now=timezone.now())
    done = services.run_trial(trial_id=row.pk, clock=timezone.now)
    assert done.status == "succeeded", done.error
    return int(done.pk)
