"""Several writers insert in turn, so that what is stored later has the later `stored_at`, and once.

Whoever follows `stored_at` asks for what is newer than the last that it saw. Two writers at once could show a later
moment before an earlier one, and the earlier one would be missed. One row in PostgreSQL is the turn and the clock of
all of them; a writer that dies loses it with its connection.

A turn is also where doubles end. A writer that stood still may hold a block that another has stored since, and what
it judged before its turn is worth nothing. In its turn nobody else inserts: what the others stored since its own last
turn is read then, and rows of the block that are among it are left out.

Nor is a turn over when its writer believes so: it may stand still in its turn, lose the connection that is the lock,
and insert after others have. So a block is named by the turn before it, for each month of events, which is a
partition: of two that hold the same turn the store takes the first, and whoever is second sees that it is.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import cast
from zlib import crc32

import numpy as np
import structlog

from apps.ingestion.adapters.claims import Claims
from apps.ingestion.adapters.deadlines import Deadlines
from apps.ingestion.adapters.ends_in_turn import insert_ends
from apps.ingestion.adapters.turn import Overtaken, Turn, by_month, end_turn, rows_of, turn
from apps.ingestion.domain.ports import EventStore, Inserted, StoreUnavailable
from apps.ingestion.domain.positions import StoredEnd
from apps.ingestion.domain.seen import Hashes, SeenIds, id_hashes

log = structlog.get_logger(__name__)
_MOST_TRIES = 5  # each after the block of another writer that stood still: two are hardly ever seen


class InTurn:
    """The store behind a turn, one for each region; all but the inserts of events and of ends goes straight through."""

    def __init__(self, store: EventStore, region: str = "") -> None:
        self._store = store
        self._turn = 1 + crc32(region.encode())
        # What others stored, from the moment of this writer's last turn on: `SeenIds` of writers are older than that.
        self._others = SeenIds()
        self._last = store.newest_stored_at()
        self._claims, self._deadlines = Claims(), Deadlines(store)

    def claim(self, shares: Collection[str]) -> bool:
        """Let no other writer insert what it has read of *shares* of the log, and tell whether one could until now.

        All that others inserted of it can be read then. Raises StoreUnavailable.
        """
        if not self._claims.are_new(shares):
            return False
        with turn(self._turn) as held:
            self._claims.claim(self._turn)
            if held.before != self._last:
                self._learn(since=self._last + 1)
        self._claims.note()
        self._last = held.moment
        return True

    def insert(self, table: str, columns: Mapping[str, Sequence[object]], *, token: str, until: int = 0) -> Inserted:
        """Insert one block without what another writer has stored meanwhile; events get the moment of their turn.

        Raises StoreUnavailable, which is TakenOver if another writer has claimed a share of the log that it is of.
        """
        if table not in ("events", "outcomes"):
            return self._store.insert(table, columns, token=token, until=until)
        for _ in range(_MOST_TRIES):
            try:
                return self._in_turn(columns) if table == "events" else self._ends(columns)
            except Overtaken as one:
                self._go_past(one)
            except StoreUnavailable:
                self._deadlines.forget()
                raise
        raise StoreUnavailable("Other writers were first each time.")

    def _in_turn(self, columns: Mapping[str, Sequence[object]]) -> Inserted:
        with turn(self._turn, until=self._deadlines.next()) as held:
            self._claims.check(held.owners)
            if held.before != self._last:
                self._learn(since=self._last + 1)
            doubles = self._stored(columns)
            months = by_month(columns["occurred_at"], doubles)
            for month, places in months.items():
                self._insert_month(columns, month, places, held)
            end_turn(self._turn, dict.fromkeys(months, held.moment))
        self._last = held.moment
        return Inserted(held.moment, doubles)

    def _ends(self, columns: Mapping[str, Sequence[object]]) -> Inserted:
        until = self._deadlines.next()
        moment, before = insert_ends(self._store, columns, number=self._turn, claims=self._claims, until=until)
        if before == self._last:  # else others stored events since, which are still to be learnt
            self._last = moment
        return Inserted()

    def _insert_month(
        self, columns: Mapping[str, Sequence[object]], month: str, places: Sequence[int], held: Turn
    ) -> None:
        """Insert rows of one month under the name that only this turn has, and see that they are those. May raise
        Overtaken.
        """
        stamped = {**rows_of(columns, places), "stored_at": [held.moment] * len(places)}
        self._store.insert("events", stamped, token=held.token(month), until=held.until)
        if self._store.count_stamped(held.moment, month=int(month)) < len(places):
            since = held.months.get(month, 0)
            log.warning("writer.overtaken", month=month, since=since)
            raise Overtaken(month, since)

    def _go_past(self, one: Overtaken) -> None:
        """Learn what the other writer stored, whose turn was lost before it ended, and name the next block by it."""
        with turn(self._turn) as held:
            self._learn(since=one.since + 1)
            end_turn(self._turn, {one.month: max(held.moment, one.since + 1)})

    def _learn(self, *, since: int) -> None:
        for hashes in self._store.id_hashes(since=since):
            self._others.add(hashes)

    def _stored(self, columns: Mapping[str, Sequence[object]]) -> dict[int, int]:
        """Return which rows of a block another writer has stored, by place, with when they were received."""
        if not self._others.size:
            return {}
        keys = cast("list[tuple[int, str]]", list(zip(columns["property_id"], columns["message_id"], strict=True)))
        hashes = id_hashes(keys)
        suspected = np.flatnonzero(self._others.suspects(hashes))
        found = self._store.received([keys[place] for place in suspected]) if suspected.size else {}
        return {int(place): found[keys[place]] for place in suspected if keys[place] in found}

    def deadline(self) -> int:
        """Return until when a block is good that rests on what is read from now on, in seconds since 1970."""
        return self._deadlines.next()

    def received(self, ids: Sequence[tuple[int, str]]) -> dict[tuple[int, str], int]:
        """Return when the stored ones of *ids* were received."""
        return self._store.received(ids)

    def ended(
        self, offsets: Sequence[str], *, properties: Collection[int], since: int, until: int
    ) -> Iterator[StoredEnd]:
        """Yield the ends of the entries at *offsets*, received from *since* to *until*."""
        return self._store.ended(offsets, properties=properties, since=since, until=until)

    def newest_stored_at(self) -> int:
        """Return the largest `stored_at`."""
        return self._store.newest_stored_at()

    def id_hashes(self, *, since: int = 0) -> Iterator[Hashes]:
        """Yield the hashes of the ids stored from *since* on."""
        return self._store.id_hashes(since=since)

    def now(self) -> int:
        """Return the time of the store, in seconds."""
        return self._store.now()

    def count_stamped(self, moment: int, *, month: int) -> int:
        """Return how many rows of a month carry a moment."""
        return self._store.count_stamped(moment, month=month)
