"""Conversions one by one, for readers who are limited to a part: what their own sources have credit for.

Credit is worked out over whole journeys in ClickHouse, as everywhere; what leaves it is the reader's own touchpoints
with their credit. The value of a conversion, the number of its touchpoints and their places stay inside: with them, and
with lookbacks or filters of the reader's choice, the touchpoints of others could be counted and timed.
"""

from datetime import datetime, timedelta
from typing import Any

from apps.attribution import method_sql
from apps.attribution.domain.results import OwnConversion, OwnPage, OwnTouchpoint
from apps.attribution.queries.conversions import MOST, after, cursor_of, searched, utc
from apps.attribution.queries.scope import Filters, Period, Scope, columns_of, money, scope_of
from apps.shared import clickhouse

_ABOUT = "conversion_id, order_id, converted_at, country, device, is_refund"
_TOLD = "touch_ages_ms, touch_kinds, touch_channels, touch_sources, touch_mediums, touch_campaigns"
_MILLISECOND = timedelta(milliseconds=1)
_EVER = (datetime.fromisoformat("1971-01-01T00:00:00+00:00"), datetime.fromisoformat("2200-01-01T00:00:00+00:00"))


def own_conversions(
    property_id: int,
    *,
    goal_id: int,
    period: Period,
    method: str,
    filters: Filters = (),
    search: str = "",
    cursor: str = "",
    limit: int = 50,
) -> OwnPage:
    """Return the conversions and refunds that the reader's sources have credit for by *method*, newest first.

    Their credit and money add up to `totals` of the same reader. Raises as `scope_of` does.
    """
    scope = scope_of(property_id, goal_id=goal_id, period=period, filters=filters)
    limit = min(max(limit, 1), MOST)
    rows = _read(scope, method, [*searched(scope, search), *after(scope, cursor)], limit + 1)
    more = cursor_of(rows[limit - 1].converted_at, rows[limit - 1].id) if len(rows) > limit else ""
    return OwnPage(tuple(rows[:limit]), more)


def own_conversion(property_id: int, *, goal_id: int, conversion_id: str, method: str) -> OwnConversion | None:
    """Return one of them, or None: also where the conversion exists, but the reader's sources have no credit for it."""
    scope = scope_of(property_id, goal_id=goal_id, period=_EVER)
    rows = _read(scope, method, [f"conversion_id = {scope.bound.bind(conversion_id)}"], 1)
    return rows[0] if rows else None


def _read(scope: Scope, method: str, conditions: list[str], limit: int) -> list[OwnConversion]:
    columns = columns_of(scope, "m", method)
    where = " AND ".join([scope.where, "is_counted", *conditions])
    journeys = f"""
        SELECT {_ABOUT}, credited_at, milestone_age_ms, person_id, {", ".join([*scope.pool(), *scope.passing()])},
            arrayFilter((one, is_in) -> is_in, arrayZip({_TOLD}), inside) AS pool_told
        FROM journeys FINAL WHERE {where}
    """
    sql = f"""
        SELECT {_ABOUT}, any(credited_at), sum({columns.credit}) AS own_credit, sum({columns.money}),
            groupArray((toFloat64({columns.credit}), toInt64({columns.money}), pool_told[place]))
        FROM ({method_sql.nested(journeys, [columns])})
        ARRAY JOIN {method_sql.joined([columns])}
        WHERE place <= touches {"AND pool_passing[place]" if scope.touch_where else ""}
        GROUP BY {_ABOUT}
        HAVING own_credit > 0
        ORDER BY converted_at DESC, conversion_id DESC
        LIMIT {scope.bound.bind(limit, "UInt32")}
    """
    return clickhouse.select(sql, _conversion, property_id=scope.info.id, **scope.bound.values)


def _conversion(*row: Any) -> OwnConversion:
    name, order_id, converted_at, country, device, is_refund, credited_at, credit, units, touches = row
    own = [_touchpoint(utc(credited_at), *one) for one in touches]
    return OwnConversion(
        id=name,
        order_id=order_id,
        converted_at=utc(converted_at),
        country=country,
        device=device,
        is_refund=bool(is_refund),
        credit=0.0 if is_refund else float(credit),
        money=money(units),
        touchpoints=tuple(sorted(own, key=lambda one: (one.touched_at, one.source, one.campaign, one.kind))),
    )


def _touchpoint(credited_at: datetime, credit: float, units: int, told: tuple[Any, ...]) -> OwnTouchpoint:
    age, kind, channel, source, medium, campaign = told
    return OwnTouchpoint(
        touched_at=credited_at - age * _MILLISECOND,
        kind=kind,
        channel=channel,
        source=source,
        medium=medium,
        campaign=campaign,
        credit=float(credit),
        money=money(units),
    )
