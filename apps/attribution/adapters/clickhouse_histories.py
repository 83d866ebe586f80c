"""Everybody's history in ClickHouse: drawn from the events, a drawing at a time."""

from collections.abc import Callable
from datetime import datetime

from apps.attribution import training_sql
from apps.attribution.domain.reading import ReadingRules, WhoIsWho
from apps.shared import clickhouse

_EVENTS_PER_SLICE = 2_000_000


def draw(
    property_id: int,
    *,
    drawing: int,
    drawn_from: datetime,
    told: Callable[[float], None],
    who: WhoIsWho,
    reading: ReadingRules,
) -> None:
    """Write a drawing of all histories from an instant on; *told* hears which part is done after each slice."""
    sql = "SELECT count() FROM events WHERE property_id = {property_id:UInt64}"
    slices = max(1, -(-clickhouse.select(sql, int, property_id=property_id)[0] // _EVENTS_PER_SLICE))
    for number in range(slices):
        statement = training_sql.histories(who, reading, slice_number=number, slices=slices)
        clickhouse.command(
            statement.sql, property_id=property_id, drawn_from=drawn_from, version=drawing,
            **statement.parameters,
        )  # fmt: skip
        told((number + 1) / slices)


def drop_others(property_id: int, *, drawing: int) -> None:
    """Delete every drawing but one."""
    _delete(property_id, "version != {drawing:UInt64}", drawing)


def drop(property_id: int, *, drawing: int) -> None:
    """Delete one drawing."""
    _delete(property_id, "version = {drawing:UInt64}", drawing)


def _delete(property_id: int, which: str, drawing: int) -> None:
    gone = f"property_id = {{property_id:UInt64}} AND {which}"
    count = f"SELECT count() FROM histories WHERE {gone}"
    if clickhouse.select(count, int, property_id=property_id, drawing=drawing, limits=clickhouse.JOB)[0]:
        clickhouse.command(f"DELETE FROM histories WHERE {gone}", property_id=property_id, drawing=drawing)
