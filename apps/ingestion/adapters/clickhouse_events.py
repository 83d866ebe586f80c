"""Events and outcomes in ClickHouse."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from decimal import Decimal

import numpy as np

from apps.ingestion.domain.ports import Inserted, StoreUnavailable
from apps.ingestion.domain.positions import Position, StoredEnd
from apps.ingestion.domain.seen import Hashes
from apps.shared import clickhouse
from apps.shared.repeated import Repeated

# Ids of one question to the skip index: more make the statement long without making it faster.
_IDS_AT_ONCE = 5_000

_AMOUNTS = frozenset({Decimal, type(None)})  # what a column with amounts may begin with

_RECEIVED = """
SELECT property_id, message_id, toUnixTimestamp64Milli(min(received_at))
FROM events
WHERE property_id IN {properties:Array(UInt64)} AND message_id IN {ids:Array(String)}
GROUP BY property_id, message_id
"""
_STAMPED = """
SELECT count() FROM events
WHERE stored_at = fromUnixTimestamp64Milli({moment:Int64}) AND toYYYYMM(occurred_at) = {month:UInt32}
"""
# Bounded by property and time, which are the table's order: offsets have no index.
_ENDED = """
SELECT log_offset, log_place, toUnixTimestamp64Milli(received_at), outcome FROM outcomes
WHERE property_id IN {properties:Array(UInt64)} AND log_offset IN {offsets:Array(String)}
    AND received_at BETWEEN fromUnixTimestamp64Milli({since:Int64}) AND fromUnixTimestamp64Milli({until:Int64})
"""
# One row carries many hashes: a row each would cost the driver more than the query costs the store.
_HASHES = """
SELECT groupArray(hash) FROM (
    SELECT xxHash64(concat(toString(property_id), ':', message_id)) AS hash, rowNumberInAllBlocks() AS number
    FROM events WHERE stored_at >= fromUnixTimestamp64Milli({since:Int64})
)
GROUP BY intDiv(number, 100000)
"""


class ClickhouseEvents:
    """The store of the writer of a region."""

    def __init__(self, region: str = "") -> None:
        self._region = region

    def claim(self, shares: Collection[str]) -> bool:  # noqa: ARG002
        """Tell that nobody else inserts: one writer alone has the whole log."""
        return False

    def insert(self, table: str, columns: Mapping[str, Sequence[object]], *, token: str, until: int = 0) -> Inserted:
        """Insert one block as it is; the engine ignores one whose token it has seen, and refuses it after *until*."""
        told = {name: values for name, values in columns.items() if _tells(values)}
        with _unavailable():
            clickhouse.insert(table, told, token=token, until=until, region=self._region)
        return Inserted()

    def deadline(self) -> int:
        """Return 0: nobody else inserts, so what was read stays true."""
        return 0

    def received(self, ids: Sequence[tuple[int, str]]) -> dict[tuple[int, str], int]:
        """Return when the stored ones of *ids* were received."""
        found: dict[tuple[int, str], int] = {}
        for start in range(0, len(ids), _IDS_AT_ONCE):
            part = ids[start : start + _IDS_AT_ONCE]
            with _unavailable():
                rows = clickhouse.select_for_platform(
                    _RECEIVED,
                    lambda *row: row,
                    region=self._region,
                    properties=sorted({property_id for property_id, _ in part}),
                    ids=[message_id for _, message_id in part],
                )
                found.update(((property_id, message_id), received) for property_id, message_id, received in rows)
        return found

    def ended(
        self, offsets: Sequence[str], *, properties: Collection[int], since: int, until: int
    ) -> Iterator[StoredEnd]:
        """Yield the ends of the entries at *offsets*, received from *since* to *until*."""
        for start in range(0, len(offsets), _IDS_AT_ONCE):
            with _unavailable():
                rows = clickhouse.select_for_platform(
                    _ENDED,
                    lambda *row: row,
                    region=self._region,
                    properties=sorted(properties),
                    offsets=list(offsets[start : start + _IDS_AT_ONCE]),
                    since=since,
                    until=until,
                )
            for offset, place, received_at, outcome in rows:
                yield StoredEnd(Position(offset, place), received_at, outcome)

    def newest_stored_at(self) -> int:
        """Return the largest `stored_at`."""
        sql = "SELECT toUnixTimestamp64Milli(max(stored_at)) FROM events"
        with _unavailable():
            (newest,) = clickhouse.select_for_platform(sql, int, region=self._region)
        return max(newest, 0)

    def now(self) -> int:
        """Return the time of the store, in seconds."""
        with _unavailable():
            (now,) = clickhouse.select_for_platform("SELECT toUnixTimestamp(now())", int, region=self._region)
        return now

    def count_stamped(self, moment: int, *, month: int) -> int:
        """Return how many rows of a month (202611) carry a moment of storing."""
        with _unavailable():
            (count,) = clickhouse.select_for_platform(_STAMPED, int, region=self._region, moment=moment, month=month)
        return count

    def id_hashes(self, *, since: int = 0) -> Iterator[Hashes]:
        """Yield the hashes of the ids stored from *since* on."""
        with _unavailable():
            for hashes in clickhouse.select_for_platform(_HASHES, lambda part: part, region=self._region, since=since):
                yield np.array(hashes, dtype=np.uint64)


def _tells(values: Sequence[object]) -> bool:
    """Tell whether a column is worth sending: one of defaults alone the engine makes itself. No amount is not 0.00."""
    said = values.values if isinstance(values, Repeated) else values
    return any(said) or (type(values[0]) in _AMOUNTS and Decimal in map(type, values))


@contextmanager
def _unavailable() -> Iterator[None]:
    try:
        yield
    except (clickhouse.StoreUnavailable, clickhouse.QueryTooLarge) as error:
        raise StoreUnavailable(str(error)) from error
