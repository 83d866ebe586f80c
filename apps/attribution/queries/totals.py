"""The whole of a period, and why part of it has no credit: both always add up."""

from datetime import timedelta
from typing import Any

from apps.attribution.domain.results import CurrencyTotal, Totals, UnattributedRow
from apps.attribution.domain.supposing import NOTHING, Supposed
from apps.attribution.queries import limited
from apps.attribution.queries.asking import Asked, Query, Rows
from apps.attribution.queries.scope import Filters, Period, matches, money, scope_of

# The engine's unattributed_reason(), in its order.
REASON = """multiIf(
    touches > 0, '', person_id = 0, 'identity_missing', empty(touch_ages_ms), 'no_touchpoint', 'outside_window'
)"""
REASONS = ("no_touchpoint", "outside_window", "identity_missing")
# Shown beside the sum: conversions that only direct visits were credited for, and repeats that do not count.
ASIDE = ("direct_only", "repeat")


@Query
def totals(
    property_id: int,
    *,
    goal_id: int,
    period: Period,
    method: str = limited.METHOD,
    click_lookback: timedelta | None = None,
    view_lookback: timedelta | None = None,
    filters: Filters = (),
    supposed: Supposed = NOTHING,
) -> Asked[Totals]:
    """Return the sums of a period. With filters on touchpoints, of the conversions that such a touchpoint reached.

    Whoever is limited to some sources gets the sums of what *method* credits to them; nobody else's depend on it.
    """
    scope = scope_of(
        property_id,
        goal_id=goal_id,
        period=period,
        click_lookback=click_lookback,
        view_lookback=view_lookback,
        filters=filters,
        supposed=supposed,
    )
    if scope.limits.sources:
        return limited.totals(scope, property_id=property_id, method=method)
    other = f"is_counted AND own_currency NOT IN ('', {scope.bound.bind(scope.info.currency)})"
    sql = f"""
        SELECT
            countIf(is_counted AND NOT is_refund), sumIf(stored, is_counted), sumIf(stored, is_counted AND is_refund),
            uniqExactIf(person_id, is_counted AND NOT is_refund AND person_id != 0),
            countIf(is_counted AND NOT is_refund AND touches > 0), sumIf(stored, is_counted AND touches > 0),
            countIf(NOT is_counted AND NOT is_refund),
            -- The count of rows keeps a currency whose sums are zero.
            sumMapIf([own_currency], [1], [toUInt64(NOT is_refund)], [own_stored], {other})
        FROM (
            SELECT person_id, is_refund, is_counted, {", ".join(scope.pool())}, toString(currency) AS own_currency,
                reinterpretAsInt64(value) AS own_stored
            FROM journeys FINAL WHERE {scope.where} AND {matches(scope)}
        )
    """
    return Asked(property_id, sql, scope.bound.values, lambda rows: _totals(*rows[0]))


@Query
def unattributed(
    property_id: int,
    *,
    goal_id: int,
    period: Period,
    click_lookback: timedelta | None = None,
    view_lookback: timedelta | None = None,
    filters: Filters = (),
) -> Asked[list[UnattributedRow]]:
    """Return why conversions have no credit. The rows that are part of the total and `attributed` add up to it."""
    scope = scope_of(
        property_id,
        goal_id=goal_id,
        period=period,
        click_lookback=click_lookback,
        view_lookback=view_lookback,
        filters=filters,
    )
    if scope.limits.sources:  # what nobody has credit for belongs to none of their sources
        scope.where += " AND false"
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
    return Asked(property_id, sql, scope.bound.values, _reasons)


def _reasons(rows: Rows) -> list[UnattributedRow]:
    found = {reason: (conversions, money(units)) for reason, conversions, units in rows}
    return [
        UnattributedRow(reason, *found.get(reason, (0, money(0))), is_part_of_total=reason in REASONS)
        for reason in REASONS + ASIDE
    ]


def _totals(
    conversions: int,
    net: int,
    refunds: int,
    persons: int,
    attributed: int,
    attributed_net: int,
    repeats: int,
    others: tuple[Any, ...],
) -> Totals:
    currencies, _, counts, sums = others
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
        other_currencies=tuple(
            CurrencyTotal(currency, count, money(units))
            for currency, count, units in zip(currencies, counts, sums, strict=True)
        ),
    )
