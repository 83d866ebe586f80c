"""Journeys in ClickHouse: written by statement, counted, tidied up."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import attribution as engine
from apps.attribution import journey_sql
from apps.attribution.domain.goals import Rule
from apps.attribution.domain.reading import ReadingRules
from apps.shared import clickhouse

_EVENTS_PER_SLICE = 3_000_000
WIDEST_MS = engine.WIDEST_LOOKBACK // timedelta(milliseconds=1)


def slices_for(events: int) -> int:
    """Return in how many parts a property with so many events is built, so that each fits into memory."""
    return max(1, -(-events // _EVENTS_PER_SLICE))


def write_journeys(
    property_id: int, rules: Sequence[Rule], reach: journey_sql.Reach, reading: ReadingRules, *,
    since: datetime, version: int,
) -> None:  # fmt: skip
    """Write the conversions in reach from *since* on with their touchpoints."""
    statement = journey_sql.journeys(rules, reach, reading)
    clickhouse.command(
        f"INSERT INTO journeys ({journey_sql.JOURNEY_COLUMNS})\n{statement.sql}",
        property_id=property_id,
        since=since,
        widest_ms=WIDEST_MS,
        version=version,
        **statement.parameters,
    )


def write_refunds(property_id: int, rules: Sequence[Rule], *, build: int, orders: Sequence[str] | None) -> None:
    """Write the refunds of conversions that this build wrote and of *orders*; of every order when that is None."""
    refundable = [rule for rule in rules if rule.fixed_value is None]
    if not refundable:
        return
    scope = "true"
    parameters: dict[str, Any] = {}
    if orders is not None:
        refunded = _refunded(property_id, orders, build)
        if not refunded:
            return
        scope, parameters = "order_id IN {refunded:Array(String)}", {"refunded": refunded}
    statement = journey_sql.refunds(refundable, order_scope=scope, parameters=parameters)
    clickhouse.command(
        statement.sql, property_id=property_id, version=conversion_version(build) + 1, **statement.parameters
    )


def _refunded(property_id: int, orders: Sequence[str], build: int) -> list[str]:
    """Return which of *orders*, and of the orders of conversions that a build wrote, have a refund.

    Most have none: then nothing looks for their sales, which would read every journey.
    """
    sql = """
        SELECT DISTINCT order_id FROM refunds
        WHERE property_id = {property_id:UInt64} AND (order_id IN {orders:Array(String)} OR order_id IN (
            SELECT order_id FROM journeys
            WHERE property_id = {property_id:UInt64} AND version = {built:UInt64} AND order_id != ''
        ))
    """
    scope: dict[str, Any] = {"orders": list(orders), "built": conversion_version(build)}
    return clickhouse.select(sql, str, property_id=property_id, limits=clickhouse.JOB, **scope)


def conversion_version(build: int) -> int:
    """Return the row version of a build's conversions; its refunds are one above, for they know the order's sale."""
    return build * 2


def count_written(property_id: int, build: int) -> int:
    """Return how many rows a build wrote."""
    sql = """
        SELECT count() FROM journeys
        WHERE property_id = {property_id:UInt64} AND version >= {version:UInt64}
    """
    return clickhouse.select(sql, int, property_id=property_id, version=conversion_version(build))[0]


def drop_replaced(property_id: int, rules: Sequence[Rule], build: int, *, since: datetime) -> None:
    """Delete what a full build of *rules* did not write again: older goal versions, events that are gone."""
    gone = """
        property_id = {property_id:UInt64} AND goal_id IN {goals:Array(UInt64)} AND version < {version:UInt64}
        AND toUnixTimestamp64Milli(converted_at) >= {since_ms:Int64}
    """
    scope: dict[str, Any] = {
        "goals": [rule.goal_id for rule in rules],
        "version": conversion_version(build),
        # A number, because a delete is stored as text and an instant does not survive that.
        "since_ms": engine.milliseconds(since),
    }
    _delete("journeys", gone, property_id, scope)


def drop_goal(property_id: int, goal_id: int) -> None:
    """Delete the journeys of one goal, or of one trial."""
    gone = "property_id = {property_id:UInt64} AND goal_id = {goal_id:UInt64}"
    _delete("journeys", gone, property_id, {"goal_id": goal_id})


def drop_all_but(property_id: int, goals: Sequence[int]) -> None:
    """Delete the journeys of goals that are no more."""
    gone = "property_id = {property_id:UInt64} AND goal_id NOT IN {goals:Array(UInt64)}"
    _delete("journeys", gone, property_id, {"goals": list(goals)})


def _delete(table: str, gone: str, property_id: int, parameters: dict[str, Any]) -> None:
    """Delete rows if there are any: a delete that finds nothing still rewrites masks of parts."""
    count = f"SELECT count() FROM {table} FINAL WHERE {gone}"
    if clickhouse.select(count, int, property_id=property_id, limits=clickhouse.JOB, **parameters)[0]:
        clickhouse.command(f"DELETE FROM {table} WHERE {gone}", property_id=property_id, **parameters)


def merge_parts(least: int, *, region: str | None = None) -> int:
    """Merge every partition of a region's journeys with at least *least* parts, so that FINAL has nothing to do."""
    sql = """
        SELECT partition_id FROM system.parts
        WHERE database = currentDatabase() AND table = 'journeys' AND active
        GROUP BY partition_id
        HAVING count() >= {least:UInt64} OR (count() = 1 AND max(level) = 0 AND {least:UInt64} = 1)
    """
    partitions = list(clickhouse.select_for_platform(sql, str, region=region, least=least))
    for partition in partitions:
        optimize = f"OPTIMIZE TABLE journeys PARTITION ID '{int(partition)}' FINAL"
        clickhouse.command_for_platform(optimize, region=region)
    return len(partitions)
