"""The list of conversions, newest first, a page at a time."""

import base64
import binascii
from datetime import UTC, datetime, timedelta
from typing import Any

import attribution as engine
from apps.attribution import method_sql
from apps.attribution.domain.results import ConversionPage, ConversionRow
from apps.attribution.queries.scope import Filters, Period, Scope, columns_of, matches, scope_of
from apps.attribution.queries.totals import REASON
from apps.shared import clickhouse

MOST = 500
_COLUMNS = """conversion_id, goal_id, person_id, converted_at, value, currency, order_id, country, device,
    is_refund, is_counted"""


def conversions(  # noqa: PLR0913  keyword-only, and each is one control of the page
    property_id: int,
    *,
    goal_id: int,
    period: Period,
    method: str,
    click_lookback: timedelta | None = None,
    view_lookback: timedelta | None = None,
    filters: Filters = (),
    reason: str = "",
    search: str = "",
    cursor: str = "",
    limit: int = 50,
) -> ConversionPage:
    """Return conversions and refunds, newest first, each with the channel that gets most of it or why none does.

    *search* finds an order id or a message id, by its beginning. A cursor that cannot be read starts from the top.
    """
    scope = scope_of(
        property_id,
        goal_id=goal_id,
        period=period,
        click_lookback=click_lookback,
        view_lookback=view_lookback,
        filters=filters,
    )
    if scope.limits:
        raise clickhouse.BeyondLimits("A conversion tells of every source that led to it.")
    columns = columns_of(scope, "m", method)
    shares = columns.arrays[0][0] if columns.arrays else ""
    winner = f"indexOf({shares}, arrayMax({shares}))" if shares else "m_winner"
    channel = f"if(winner > touches, '{engine.BASELINE}', toString(pool_channels[winner]))"
    limit = min(max(limit, 1), MOST)
    journeys = f"""
        SELECT {_COLUMNS}, milestone_age_ms, length(touch_ages_ms) AS touchpoints, {", ".join(scope.pool())},
            {REASON} AS reason
        FROM journeys FINAL
        WHERE {scope.where} AND {_narrowed(scope, reason, search, cursor)}
        ORDER BY converted_at DESC, conversion_id DESC
        LIMIT {scope.bound.bind(limit + 1, "UInt32")}
    """
    sql = f"""
        SELECT {_COLUMNS}, touchpoints, if(touches = 0, '', {channel}), reason
        FROM (SELECT *, {winner} AS winner FROM ({method_sql.nested(journeys, [columns])}))
        ORDER BY converted_at DESC, conversion_id DESC
    """
    rows = clickhouse.select(sql, _row, property_id=property_id, **scope.bound.values)
    more = cursor_of(rows[limit - 1].converted_at, rows[limit - 1].id) if len(rows) > limit else ""
    return ConversionPage(tuple(rows[:limit]), more)


def _narrowed(scope: Scope, reason: str, search: str, cursor: str) -> str:
    conditions = [matches(scope)]
    if reason == "repeat":
        conditions.append("NOT is_counted")
    elif reason == "direct_only":
        conditions.append("touches > 0 AND countEqual(pool_channels, 'Direct') = touches")
    elif reason:
        conditions.append(f"reason = {scope.bound.bind(reason)}")
    return " AND ".join([*conditions, *searched(scope, search), *after(scope, cursor)])


def after(scope: Scope, cursor: str) -> list[str]:
    """Return the condition that a row comes after *cursor*; none for one that cannot be read."""
    place = _read_cursor(cursor)
    if not place:
        return []
    at, name = scope.bound.bind(place[0], "DateTime64(3, 'UTC')"), scope.bound.bind(place[1])
    return [f"(converted_at, conversion_id) < ({at}, {name})"]


def searched(scope: Scope, search: str) -> list[str]:
    """Return the condition that an order id or a message id begins with *search*."""
    if not search:
        return []
    text = scope.bound.bind(search)
    return [f"(startsWith(order_id, {text}) OR startsWith(conversion_id, {text}))"]


def _row(*values: Any) -> ConversionRow:
    values = (*values[:3], utc(values[3]), *values[4:])
    return ConversionRow(*values)


def utc(value: datetime) -> datetime:
    """Return an instant of the store with its zone."""
    return value if value.tzinfo else value.replace(tzinfo=UTC)


def cursor_of(converted_at: datetime, conversion_id: str) -> str:
    """Return what a list goes on from."""
    text = f"{converted_at.isoformat()} {conversion_id}"
    return base64.urlsafe_b64encode(text.encode()).decode()


def _read_cursor(cursor: str) -> tuple[datetime, str] | None:
    if not cursor:
        return None
    try:
        at, _, name = base64.urlsafe_b64decode(cursor.encode()).decode().partition(" ")
        return datetime.fromisoformat(at).astimezone(UTC), name
    except (ValueError, binascii.Error, OverflowError):
        return None
