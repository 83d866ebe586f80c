"""Several writers insert in turn, so that what is stored later has the later `stored_at`.

Whoever follows `stored_at` asks for what is newer than the last that it saw. Two writers at once could show a later
moment before an earlier one, and the earlier one would be missed. One row in PostgreSQL is the turn and the clock of
all of them; a writer that dies loses it with its connection.
"""

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

from django.db import DatabaseError, InterfaceError, connection, transaction

from apps.ingestion.domain.ports import EventStore, StoreUnavailable
from apps.ingestion.domain.seen import Hashes

_TAKE = """
INSERT INTO ingestion_insertturn AS turn (id, newest) VALUES (1, %(now)s)
ON CONFLICT (id) DO UPDATE SET newest = greatest(turn.newest + 1, excluded.newest)
RETURNING newest
"""


class InTurn:
    """The store behind a turn; all but the insert of events goes straight through."""

    def __init__(self, store: EventStore) -> None:
        self._store = store

    def insert(self, table: str, columns: Mapping[str, Sequence[object]], *, token: str) -> int:
        """Insert one block, stamped with the moment of its turn, and return it. Raises StoreUnavailable."""
        if table != "events":
            return self._store.insert(table, columns, token=token)
        with _turn() as stored_at:
            count = len(columns["message_id"])
            self._store.insert(table, {**columns, "stored_at": [stored_at] * count}, token=token)
        return stored_at

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
def _turn() -> Iterator[int]:
    """Hold the turn; the moment is later than every one before, whatever the clocks of the machines say."""
    try:
        connection.close_if_unusable_or_obsolete()
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute(_TAKE, {"now": time.time_ns() // 1_000_000})
                (moment,) = cursor.fetchone()
            yield moment
    except (DatabaseError, InterfaceError) as error:
        raise StoreUnavailable(f"The turn to insert cannot be had: {error}") from error
