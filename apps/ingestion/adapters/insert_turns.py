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

import json
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import NamedTuple, cast
from zlib import crc32

import numpy as np
import structlog
from django.db import DatabaseError, InterfaceError, connection, transaction

from apps.ingestion.domain.ports import EventStore, Inserted, StoreUnavailable
from apps.ingestion.domain.seen import Hashes, SeenIds, id_hashes

log = structlog.get_logger(__name__)
_BEGIN = "INSERT INTO ingestion_insertturn (id, newest) VALUES (%(turn)s, 0) ON CONFLICT (id) DO NOTHING"
_HOLD = "SELECT newest, months FROM ingestion_insertturn WHERE id = %(turn)s FOR UPDATE"
_TAKE = "UPDATE ingestion_insertturn SET newest = %(moment)s WHERE id = %(turn)s"
_END = "UPDATE ingestion_insertturn SET months = months || %(months)s::jsonb WHERE id = %(turn)s"
_MOST_TRIES = 5  # each after the block of another writer that stood still: two are hardly ever seen


class _Turn(NamedTuple):
    """One turn: its moment, that of the one before, and the last moment of each month."""

    moment: int
    before: int
    months: dict[str, int]


class _Overtaken(Exception):
    """The store has a block of another writer under the name of ours."""

    def __init__(self, month: str, since: int) -> None:
        super().__init__(month)
        self.month, self.since = month, since


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
        for _ in range(_MOST_TRIES):
            try:
                return self._in_turn(columns)
            except _Overtaken as one:
                self._go_past(one)
        raise StoreUnavailable("Other writers were first each time.")

    def _in_turn(self, columns: Mapping[str, Sequence[object]]) -> Inserted:
        with _turn(self._turn) as turn:
            if turn.before != self._last:
                self._learn(since=self._last + 1)
            doubles = self._stored(columns)
            months: dict[str, list[int]] = {}
            for place, month in enumerate(_months(columns["occurred_at"])):
                if place not in doubles:
                    months.setdefault(month, []).append(place)
            for month, places in months.items():
                self._insert_month(columns, month, places, turn)
            _end(self._turn, dict.fromkeys(months, turn.moment))
        self._last = turn.moment
        return Inserted(turn.moment, doubles)

    def _insert_month(
        self, columns: Mapping[str, Sequence[object]], month: str, places: Sequence[int], turn: _Turn
    ) -> None:
        """Insert rows of one month under the name that only this turn has, and see that they are those. May raise
        _Overtaken.
        """
        whole = len(places) == len(columns["message_id"])
        rows = columns if whole else {name: [one[at] for at in places] for name, one in columns.items()}
        before = turn.months.get(month, 0)
        token = f"after-{month}-{before}"
        self._store.insert("events", {**rows, "stored_at": [turn.moment] * len(places)}, token=token)
        if self._store.count_stamped(turn.moment, month=int(month)) < len(places):
            log.warning("writer.overtaken", month=month, since=before)
            raise _Overtaken(month, before)

    def _go_past(self, one: _Overtaken) -> None:
        """Learn what the other writer stored, whose turn was lost before it ended, and name the next block by it."""
        with _turn(self._turn) as turn:
            self._learn(since=one.since + 1)
            _end(self._turn, {one.month: max(turn.moment, one.since + 1)})

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

    def received(self, ids: Sequence[tuple[int, str]]) -> dict[tuple[int, str], int]:
        """Return when the stored ones of *ids* were received."""
        return self._store.received(ids)

    def newest_stored_at(self) -> int:
        """Return the largest `stored_at`."""
        return self._store.newest_stored_at()

    def id_hashes(self, *, since: int = 0) -> Iterator[Hashes]:
        """Yield the hashes of the ids stored from *since* on."""
        return self._store.id_hashes(since=since)

    def count_stamped(self, moment: int, *, month: int) -> int:
        """Return how many rows of a month carry a moment."""
        return self._store.count_stamped(moment, month=month)


@contextmanager
def _turn(number: int) -> Iterator[_Turn]:
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
                before, months = row
                moment = max(before + 1, time.time_ns() // 1_000_000)
                cursor.execute(_TAKE, {"turn": number, "moment": moment})
            yield _Turn(moment, before, json.loads(months) if isinstance(months, str) else months)
    except (DatabaseError, InterfaceError) as error:
        raise StoreUnavailable(f"The turn to insert cannot be had: {error}") from error


def _end(number: int, months: Mapping[str, int]) -> None:
    """Note the last moment of *months*, for whoever holds the turn. Part of its transaction."""
    with connection.cursor() as cursor:
        cursor.execute(_END, {"turn": number, "months": json.dumps(months)})


def _months(moments: Sequence[object]) -> list[str]:
    """Return the month of each moment (milliseconds) as the store has its partitions: 202611."""
    found = np.array(moments, dtype="datetime64[ms]").astype("datetime64[M]")
    names = {month: f"{month:%Y%m}" for month in set(found.tolist())}
    return [names[month] for month in found.tolist()]
