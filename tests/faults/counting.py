"""Clients that go on until they are heard, and the count afterwards: acknowledged is stored, once (R1, R2)."""

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from tests.ingestion.chaos_house import House, Sender
from tests.ingestion.processes import wait_until

TRUTHFUL = {0, 429, 503}  # no answer, and the two that say: again, later


class Load:
    """Some senders at once."""

    def __init__(self, house: House, prefix: str, senders: int) -> None:
        self.house, self.prefix, self.stop = house, prefix, threading.Event()
        port = house.processes["collect"].port
        self.senders = [
            Sender(port, f"{prefix}{number}-", self.stop, sizes=(1, 60), pause=0.02) for number in range(senders)
        ]

    def acknowledged(self) -> set[str]:
        """Return the ids that were acknowledged."""
        return set().union(*(sender.acknowledged for sender in self.senders))

    def refusals(self) -> Counter[int]:
        """Return how often which answer came that was no acknowledgement; 0 is none."""
        return sum((sender.refusals for sender in self.senders), Counter())

    def finish(self) -> str:
        """Stop, wait until everything is stored, compare, and return the figures in words."""
        self.stop.set()
        for sender in self.senders:
            sender.join(40)
        assert not any(sender.is_alive() for sender in self.senders)
        wait_until(lambda: self.house.waiting() == 0, 120, self.house.processes["writer"].said)
        rows, acknowledged = Counter(self.house.rows(self.prefix)), self.acknowledged()
        unsure = set().union(*(sender.unsure for sender in self.senders))
        assert acknowledged - set(rows) == set(), "acknowledged and not stored"
        assert [one for one, count in rows.items() if count > 1] == [], "stored twice"
        assert set(rows) - acknowledged <= unsure, "stored and never sent"
        assert set(self.refusals()) <= TRUTHFUL, self.refusals()
        return (
            f"{len(acknowledged):,} acknowledged, {len(set(rows) & acknowledged):,} of them stored once, "
            f"0 lost, 0 twice; {self.refusals().total():,} requests not acknowledged ({dict(self.refusals())})"
        )


@contextmanager
def load(house: House, prefix: str, *, senders: int = 3) -> Iterator[Load]:
    """Send for the time of the block."""
    made = Load(house, prefix, senders)
    for sender in made.senders:
        sender.start()
    try:
        yield made
    finally:
        made.stop.set()
