"""The whole of a period, and why part of it has no credit: both always add up."""

from datetime import timedelta
from typing import Any

from apps.attribution.domain.results import CurrencyTotal, Totals, UnattributedRow
from apps.attribution.queries.scope import Filters, Period, Scope, matches, money, scope_of
from apps.shared import clickhouse

# The engine's unattributed_reason(), in its order.
REASON = """multiIf(
    touches > 0, '', person_id = 0, 'identity_missing', empty(touch_ages_ms), 'no_touchpoint', 'outside_window'
)"""
REASONS = ("no_touchpoint", "outside_window", "identity_missing")
# Shown beside the sum: conversions that only direct visits were credited for, and repeats that do not count.
ASIDE = ("direct_only", "repeat")


def totals(
    property_id: int,
    *,
    goal_id: int,
    period: Period,
    click_lookback: timedelta | None = None,
    view_lookback: timedelta | None = None,
    filters: Filters = (),
) -> Totals:
    """Return the sums of a period. With filters on touchpoints, of the conversions that such a touchpoint reached."""
    scope = scope_of(
        property_id,
        goal_id=goal_id,
        period=period,
        click_lookback=click_lookback,
        view_lookback=view_lookback,
        filters=filters,
    )
    journeys = f"""
        SELECT person_id, is_refund, is_counted, {", ".join(scope.pool())}, currency AS own_currency,
            reinterpretAsInt64(value) AS own_stored
        FROM journeys FINAL WHERE {scope.where} AND {matches(scope)}
    """
    sql = f"""
        SELECT
            countIf(is_counted AND NOT is_refund), sumIf(stored, is_counted), sumIf(stored, is_counted AND is_refund),
            uniqExactIf(person_id, is_counted AND NOT is_refund AND person_id != 0),
            countIf(is_counted AND NOT is_refund AND touches > 0), sumIf(stored, is_counted AND touches > 0),
            countIf(NOT is_counted AND NOT is_refund)
        FROM ({journeys})
    """
    row = clickhouse.select(sql, lambda *figures: figures, property_id=property_id, **scope.bound.values)[0]
    return _totals(row, _other_currencies(property_id, scope, journeys))


def unattributed(
    property_id: int,
    *,
    goal_id: int,
    period: Period,
    click_lookback: timedelta | None = None,
    view_lookback: timedelta | None = None,
    filters: Filters = (),
) -> list[UnattributedRow]:
    """Return why conversions have no credit. The rows that are part of the total and `attributed` add up to it."""
    scope = scope_of(
        property_id,
        goal_id=goal_id,
        period=period,
        click_lookback=click_lookback,
        view_lookback=view_lookback,
        filters=filters,
    )
    is_direct_only = "touches > 0 AND countEqual(pool_channels, 'Direct') = touches"
    sql = f"""
        SELECT reason, countIf(NOT is_refund), sum(stored)
        FROM (
            SELECT is_refund, {", ".join(scope.pool())},
                multiIf(NOT is_counted, 'repeat', {is_direct_only}, 'direct_only', {REASON}) AS reason
            FROM journeys FINAL WHERE {scope.where} AND {matches(scope)}
        )
        WHERE reason != ''
        GROUP BY reason
    """
    rows = clickhouse.select(sql, lambda *row: row, property_id=property_id, **scope.bound.values)
    found = {reason: (conversions, money(units)) for reason, conversions, units in rows}
    return [
        UnattributedRow(reason, *found.get(reason, (0, money(0))), is_part_of_total=reason in REASONS)
        for reason in REASONS + ASIDE
    ]


def _other_currencies(property_id: int, scope: Scope, journeys: str) -> tuple[CurrencyTotal, ...]:
    sql = f"""
        SELECT own_currency, countIf(NOT is_refund), sum(own_stored)
        FROM ({journeys})
        WHERE is_counted AND own_currency NOT IN ('', {scope.bound.bind(scope.info.currency)})
        GROUP BY own_currency
        ORDER BY own_currency
    """
    rows = clickhouse.select(sql, lambda *row: row, property_id=property_id, **scope.bound.values)
    return tuple(CurrencyTotal(currency, conversions, money(units)) for currency, conversions, units in rows)


def _totals(row: tuple[Any, ...], others: tuple[CurrencyTotal, ...]) -> Totals:
    conversions, net, refunds, persons, attributed, attributed_net, repeats = row
    return Totals(
        conversions=conversions,
        revenue=money(net),
        refunds=money(refunds),
        persons=persons,
        attributed=attributed,
        unattributed=conversions - attributed,
        attributed_revenue=money(attributed_net),
        unattributed_revenue=money(net - attributed_net),
        repeats=repeats,
        other_currencies=others,
    )
