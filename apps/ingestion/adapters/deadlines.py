"""Until when the block of a turn is good, by the clock of the store, which alone sees when it comes (ADR 0104)."""

import time

from apps.ingestion.domain.ports import EventStore

# Seconds. The store remembers 100,000 blocks, which is half an hour at the most that turns allow.
LONGEST = 300
_ASK_AFTER = 60.0


class Deadlines:
    """Knows the store's clock by asking now and then. Time that passes unnoticed makes a deadline early, never late."""

    def __init__(self, store: EventStore) -> None:
        self._store = store
        self._ahead = 0.0
        self._asked_at: float | None = None

    def next(self) -> int:
        """Return the deadline of a turn that begins now, in seconds since 1970. Raises StoreUnavailable."""
        if self._asked_at is None or time.monotonic() - self._asked_at > _ASK_AFTER:
            said = self._store.now()
            self._asked_at = time.monotonic()
            self._ahead = said - self._asked_at
        return int(time.monotonic() + self._ahead + LONGEST)

    def forget(self) -> None:
        """Ask again next time: a block was refused, so the clocks may have moved apart."""
        self._asked_at = None
