"""Credit by channel, source, medium or campaign: method arithmetic over journeys, at read time."""

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Literal

from apps.attribution import method_sql
from apps.attribution.domain.results import CreditPoint, CreditRow, MethodCredit
from apps.attribution.domain.supposing import NOTHING, Supposed
from apps.attribution.queries.asking import Asked, Query, Rows
from apps.attribution.queries.scope import Filters, Period, Scope, columns_of, money, scope_of

Grain = Literal["day", "week", "month"]
_STARTS = {"day": "toDate({at})", "week": "toMonday({at})", "month": "toStartOfMonth({at})"}


def _credit_sum(credit: str) -> str:
    """Return the sum of shares, to nine digits: threads add up in any order, and the last bits differ with it (R7)."""
    return f"round(toFloat64(sum(if(is_refund, 0, {credit}))), 9)"


@Query
def credit_by(  # noqa: PLR0913  keyword-only, and each is one control of the page
    property_id: int,
    *,
    goal_id: int,
    period: Period,
    method: str,
    dimension: str = "channel",
    click_lookback: timedelta | None = None,
    view_lookback: timedelta | None = None,
    filters: Filters = (),
    limit: int = 100,
    supposed: Supposed = NOTHING,
) -> Asked[list[CreditRow]]:
    """Return who gets the credit, most first. Money is net of refunds and in the property's currency only."""
    scope = scope_of(
        property_id,
        goal_id=goal_id,
        period=period,
        click_lookback=click_lookback,
        view_lookback=view_lookback,
        filters=filters,
        supposed=supposed,
    )
    columns = columns_of(scope, "m", method)
    sql = f"""
        SELECT key, {_credit_sum(columns.credit)} AS credit, sum({columns.money}),
            countIf(is_first_of_key AND NOT is_refund),
            if(sum(credit) OVER () > 0, round(credit / sum(credit) OVER (), 9), 0)
        FROM ({_journeys(scope, dimension, [columns])})
        ARRAY JOIN {method_sql.joined([columns])},
            {_first_of_key(columns)} AS is_first_of_key
        {_touch_filter(scope)}
        GROUP BY key
        ORDER BY credit DESC, key
        LIMIT {scope.bound.bind(limit, "UInt32")}
    """
    return Asked(property_id, sql, scope.bound.values, lambda rows: [_credit_row(*row) for row in rows])


@Query
def credit_by_day(  # noqa: PLR0913  keyword-only, and each is one control of the page
    property_id: int,
    *,
    goal_id: int,
    period: Period,
    method: str,
    dimension: str = "channel",
    grain: Grain = "day",
    click_lookback: timedelta | None = None,
    view_lookback: timedelta | None = None,
    filters: Filters = (),
) -> Asked[list[CreditPoint]]:
    """Return the credit of each key in each day, week or month of the property's time zone, in order of time."""
    scope = scope_of(
        property_id,
        goal_id=goal_id,
        period=period,
        click_lookback=click_lookback,
        view_lookback=view_lookback,
        filters=filters,
    )
    columns = columns_of(scope, "m", method)
    local = f"toTimeZone(converted_at, {scope.bound.bind(scope.info.time_zone)})"
    sql = f"""
        SELECT {_STARTS[grain].format(at=local)} AS starts_on, key,
            {_credit_sum(columns.credit)}, sum({columns.money})
        FROM ({_journeys(scope, dimension, [columns])})
        ARRAY JOIN {method_sql.joined([columns])}
        {_touch_filter(scope)}
        GROUP BY starts_on, key
        ORDER BY starts_on, key
    """
    return Asked(property_id, sql, scope.bound.values, lambda rows: [_credit_point(*row) for row in rows])


@Query
def compare_methods(
    property_id: int,
    *,
    goal_id: int,
    period: Period,
    methods: tuple[str, ...],
    dimension: str = "channel",
    click_lookback: timedelta | None = None,
    view_lookback: timedelta | None = None,
    filters: Filters = (),
) -> Asked[list[MethodCredit]]:
    """Return the credit of each key by several methods in one reading: method by method, most credit first."""
    scope = scope_of(
        property_id,
        goal_id=goal_id,
        period=period,
        click_lookback=click_lookback,
        view_lookback=view_lookback,
        filters=filters,
    )
    every = [columns_of(scope, f"m{number}", name) for number, name in enumerate(methods)]
    sums = ", ".join(f"({_credit_sum(one.credit)}, sum({one.money}))" for one in every)
    sql = f"""
        SELECT key, [{sums}]
        FROM ({_journeys(scope, dimension, every)})
        ARRAY JOIN {method_sql.joined(every)}
        {_touch_filter(scope)}
        GROUP BY key
    """
    return Asked(property_id, sql, scope.bound.values, lambda rows: _by_method(methods, rows))


def _by_method(methods: tuple[str, ...], rows: Rows) -> list[MethodCredit]:
    found: list[MethodCredit] = []
    for number, name in enumerate(methods):
        whole = sum(figures[number][0] for _, figures in rows)
        of_method = [
            MethodCredit(name, key, *_figures(figures[number]), figures[number][0] / whole if whole else 0.0)
            for key, figures in rows
        ]
        found += sorted(of_method, key=lambda one: (-one.conversions, one.key))
    return found


def _journeys(scope: Scope, dimension: str, methods: Sequence[method_sql.MethodColumns]) -> str:
    listed = ", ".join([*scope.pool(dimension), *scope.passing()])
    rows = f"""
        SELECT is_refund, converted_at, milestone_age_ms, {listed}
        FROM {scope.journeys} WHERE {scope.where} AND is_counted
    """
    return method_sql.nested(rows, methods)


def _first_of_key(columns: method_sql.MethodColumns) -> str:
    """Return the array that tells the first touchpoint of each key; a baseline is its own."""
    first = "arrayMap(nth -> nth = 1, arrayEnumerateUniq(pool_keys))"
    return f"arrayResize({first}, touches + (touches > 0), 1)" if columns.has_baseline else first


def _touch_filter(scope: Scope) -> str:
    return "WHERE pool_passing[place]" if scope.touch_where else ""


def _figures(figures: tuple[float, int]) -> tuple[float, Decimal]:
    return float(figures[0]), money(figures[1])


def _credit_row(key: str, credit: float, units: int, touched: int, share: float) -> CreditRow:
    return CreditRow(key, float(credit), money(units), touched, float(share))


def _credit_point(starts_on: date, key: str, credit: float, units: int) -> CreditPoint:
    return CreditPoint(starts_on, key, float(credit), money(units))
