"""Several writers insert in turn, so that what is stored later has the later `stored_at`, and once.

Whoever follows `stored_at` asks for what is newer than the last that it saw. Two writers at once could show a later
moment before an earlier one, and the earlier one would be missed. One row in PostgreSQL is the turn and the clock of
all of them; a writer that dies loses it with its connection.

A turn is also where doubles end. A writer that stood still may hold a block that another has stored since, and what
it judged before its turn is worth nothing. In its turn nobody else inserts: what the others stored since its own last
turn is read then, and rows of the block that are among it are left out.
"""

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import cast
from zlib import crc32

import numpy as np
from django.db import DatabaseError, InterfaceError, connection, transaction

from apps.ingestion.domain.ports import EventStore, Inserted, StoreUnavailable
from apps.ingestion.domain.seen import Hashes, SeenIds, id_hashes

_BEGIN = "INSERT INTO ingestion_insertturn (id, newest) VALUES (%(turn)s, 0) ON CONFLICT (id) DO NOTHING"
_HOLD = "SELECT newest FROM ingestion_insertturn WHERE id = %(turn)s FOR UPDATE"
_TAKE = "UPDATE ingestion_insertturn SET newest = %(moment)s WHERE id = %(turn)s"


class InTurn:
    """The store behind a turn; all but the insert of events goes straight through. Each region has its own turn."""

    def __init__(self, store: EventStore, region: str = "") -> None:
        self._store = store
        self._turn = 1 + crc32(region.encode())
        # What others stored, from the moment of this writer's last turn on: `SeenIds` of writers are older than that.
        self._others = SeenIds()
        self._last = store.newest_stored_at()

    def insert(self, table: str, columns: Mapping[str, Sequence[object]], *, token: str) -> Inserted:
        """Insert one block, stamped with the moment of its turn, without what another writer has stored meanwhile.

        Raises StoreUnavailable.
        """
        if table != "events":
            return self._store.insert(table, columns, token=token)
        with _turn(self._turn) as (stored_at, before):
            if before != self._last:
                for hashes in self._store.id_hashes(since=self._last + 1):
                    self._others.add(hashes)
            doubles = self._stored(columns)
            kept = [place for place in range(len(columns["message_id"])) if place not in doubles]
            if kept:
                rest = columns if not doubles else {name: [one[at] for at in kept] for name, one in columns.items()}
                # Other rows are another block: under the same name the engine would take them for a repeat.
                name = token if not doubles else f"{token}-rest"
                self._store.insert(table, {**rest, "stored_at": [stored_at] * len(kept)}, token=name)
            self._last = stored_at
        return Inserted(stored_at, doubles)

    def _stored(self, columns: Mapping[str, Sequence[object]]) -> dict[int, int]:
        """Return which rows of a block another writer has stored, by place, with when they were received."""
        if not self._others.size:
            return {}
        keys = cast("list[tuple[int, str]]", list(zip(columns["property_id"], columns["message_id"], strict=True)))
        hashes = id_hashes(keys)
        suspected = np.flatnonzero(self._others.suspects(hashes))
        found = self._store.received([keys[place] for place in suspected]) if suspected.size else {}
        return {int(place): found[keys[place]] for place in suspected if keys[place] in found}

    def received(self, ids: Sequence[tuple[int, str]]) -> dict[tuple[int, str], int]:
        """Return when the stored ones of *ids* were received."""
        return self._store.received(ids)

    def newest_stored_at(self) -> int:
        """Return the largest `stored_at`."""
        return self._store.newest_stored_at()

    def id_hashes(self, *, since: int = 0) -> Iterator[Hashes]:
        """Yield the hashes of the ids stored from *since* on."""
        return self._store.id_hashes(since=since)


@contextmanager
def _turn(number: int) -> Iterator[tuple[int, int]]:
    """Hold the turn; its moment is later than the one before, which comes along, whatever the machines' clocks say."""
    try:
        connection.close_if_unusable_or_obsolete()
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute(_HOLD, {"turn": number})  # waits here for the others
                if (row := cursor.fetchone()) is None:  # the first turn ever; somebody else may be taking it
                    cursor.execute(_BEGIN, {"turn": number})
                    cursor.execute(_HOLD, {"turn": number})
                    row = cursor.fetchone()
                (before,) = row
                moment = max(before + 1, time.time_ns() // 1_000_000)
                cursor.execute(_TAKE, {"turn": number, "moment": moment})
            yield moment, before
    except (DatabaseError, InterfaceError) as error:
        raise StoreUnavailable(f"The turn to insert cannot be had: {error}") from error
