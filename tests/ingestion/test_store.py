"""What the writer's store keeps of a block."""

from decimal import Decimal

import pytest

from apps.ingestion.adapters.clickhouse_events import ClickhouseEvents
from apps.shared import clickhouse as store

pytestmark = [pytest.mark.stores, pytest.mark.usefixtures("clickhouse")]

MONTH = 31 * 86_400_000
BEGIN = 946_684_800_000  # the year 2000


def block(size: int, **columns: list[object]) -> dict[str, list[object]]:
    moments: list[object] = [BEGIN + number * MONTH for number in range(size)]
    return {
        "property_id": [7] * size,
        "message_id": [f"m-{number}" for number in range(size)],
        "occurred_at": moments,
        "received_at": moments,
        "stored_at": moments,
        **columns,
    }


def test_block_over_many_months_is_stored_whole() -> None:
    ClickhouseEvents().insert("events", block(130), token="long")

    found = store.select(
        "SELECT count(), uniq(toYYYYMM(occurred_at)) FROM events WHERE property_id = {property_id:UInt64}",
        lambda *row: row,
        property_id=7,
    )
    assert found == [(130, 130)]


def test_amounts_of_nothing_stay_amounts_beside_columns_without_a_value() -> None:
    events = ClickhouseEvents()
    events.insert("events", block(2, value=[Decimal("0.0000")] * 2, source=["", ""], link_id=[0, 0]), token="zero")
    other = block(2, value=[None, None], source=["", "news"], has_source=[False, True])
    events.insert("events", {**other, "message_id": ["n-0", "n-1"]}, token="none")

    found = store.select(
        """
        SELECT message_id, value, source, link_id, has_source FROM events
        WHERE property_id = {property_id:UInt64} ORDER BY message_id
        """,
        lambda *row: row,
        property_id=7,
    )
    assert found == [
        ("m-0", Decimal(0), "", 0, False),
        ("m-1", Decimal(0), "", 0, False),
        ("n-0", None, "", 0, False),
        ("n-1", None, "news", 0, True),
    ]


def test_block_that_comes_twice_is_stored_once() -> None:
    for _ in range(2):
        ClickhouseEvents().insert("events", block(3), token="same")

    count = "SELECT count() FROM events WHERE property_id = {property_id:UInt64}"
    assert store.select(count, int, property_id=7) == [3]


@pytest.mark.parametrize("table", ["events", "payloads"])
def test_parts_are_merged_by_tens(table: str) -> None:
    asked = "SELECT engine_full FROM system.tables WHERE database = currentDatabase() AND name = {table:String}"
    (engine,) = store.select_for_platform(asked, str, table=table)

    assert "merge_selector_base = 10" in engine


def test_a_block_of_events_is_few_files_until_parts_are_large() -> None:
    """Each file of a part is made and synced by itself: a hundred of them cost more than the rows (ADR 0115)."""
    size = 4_000
    long = ["x" * 4_000] * size  # 16 MB, which ClickHouse itself would store as a file for each column
    moments: list[object] = [BEGIN] * size
    at = dict.fromkeys(("occurred_at", "received_at", "stored_at"), moments)
    ClickhouseEvents().insert("events", {**block(size), **at, "properties": long}, token="wide")

    kinds = (
        "SELECT DISTINCT part_type FROM system.parts WHERE active AND database = currentDatabase() AND table = 'events'"
    )
    assert list(store.select_for_platform(kinds, str)) == ["Compact"]
