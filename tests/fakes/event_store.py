"""A store of events in memory."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from apps.ingestion.domain.ports import Inserted, StoreUnavailable
from apps.ingestion.domain.positions import Position, StoredEnd
from apps.ingestion.domain.seen import Hashes, id_hash


class MemoryStore:
    """Keeps rows in lists and remembers tokens; `is_down` makes every call fail."""

    def __init__(self) -> None:
        self.tables: dict[str, list[dict[str, Any]]] = {"events": [], "outcomes": [], "payloads": []}
        self.tokens: set[tuple[str, str]] = set()
        self.is_down = False

    def claim(self, shares: Collection[str]) -> bool:  # noqa: ARG002  one writer alone
        return False

    def insert(self, table: str, columns: Mapping[str, Sequence[object]], *, token: str, until: int = 0) -> Inserted:  # noqa: ARG002  it knows no clock
        self._check()
        if (table, token) in self.tokens:
            return Inserted()
        self.tokens.add((table, token))
        rows = zip(*columns.values(), strict=True)
        self.tables.setdefault(table, []).extend(dict(zip(columns, row, strict=True)) for row in rows)
        return Inserted()

    def deadline(self) -> int:
        return 0

    def received(self, ids: Sequence[tuple[int, str]]) -> dict[tuple[int, str], int]:
        self._check()
        stored = {(row["property_id"], row["message_id"]): row["received_at"] for row in self.tables["events"]}
        return {key: stored[key] for key in ids if key in stored}

    def ended(
        self, offsets: Sequence[str], *, properties: Collection[int], since: int, until: int
    ) -> Iterator[StoredEnd]:
        self._check()
        for row in self.tables["outcomes"]:
            is_within = row["property_id"] in properties and since <= row["received_at"] <= until
            if is_within and row["log_offset"] in offsets:
                position = Position(row["log_offset"], row["log_place"])
                yield StoredEnd(position, row["received_at"], row["outcome"])

    def newest_stored_at(self) -> int:
        self._check()
        return max((row["stored_at"] for row in self.tables["events"]), default=0)

    def now(self) -> int:
        return 0

    def count_stamped(self, moment: int, *, month: int) -> int:  # noqa: ARG002  tests have few rows
        self._check()
        return sum(row["stored_at"] == moment for row in self.tables["events"])

    def id_hashes(self, *, since: int = 0) -> Iterator[Hashes]:
        self._check()
        rows = [row for row in self.tables["events"] if row["stored_at"] >= since]
        hashes = [id_hash(row["property_id"], row["message_id"]) for row in rows]
        yield np.array(hashes, dtype=np.uint64)

    def _check(self) -> None:
        if self.is_down:
            raise StoreUnavailable("The store is down.")
