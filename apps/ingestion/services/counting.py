"""What inspections count is in the store once, whoever reads the entries, and in whatever blocks (ADR 0120).

One reader has the whole log: what is read again is the same block, and its name keeps it from being counted again.
Where several share the log, counts are stored by share, each block of them with a mark of the last entry that they
are of, and named by the mark before it: of two writers that follow the same mark the store takes the first.
"""

import time
from collections.abc import Collection, Mapping, Sequence
from itertools import groupby
from operator import attrgetter
from typing import NamedTuple

from apps.ingestion.domain.inspections import Columns, Inspection, Tally
from apps.ingestion.domain.marks import Mark, Place
from apps.ingestion.domain.ports import Entry, EventLogReader, EventStore, StoreUnavailable
from apps.shared import clickhouse

_ASK_AFTER = 60.0  # seconds: what follows a mark is good for some minutes (ADR 0104)


class Counted(NamedTuple):
    """What is counted of one share in a block, its name, and until when it is good; `mark` where others count too."""

    share: str
    tables: Mapping[str, Columns]
    name: str
    until: int = 0
    mark: Mark | None = None


class Counting:
    """Knows how far each share of the log is counted."""

    def __init__(self, log: EventLogReader, store: EventStore, inspection: Inspection | None) -> None:
        self._log, self._store, self._inspection = log, store, inspection
        self._marks: dict[str, Mark] = {}
        self._until = 0
        self._asked_at = 0.0

    def begin(self, shares: Collection[str], *, has_claimed: bool) -> None:
        """Learn how far *shares* are counted, unless that is known. Raises StoreUnavailable."""
        if self._inspection is None or not shares:
            return
        is_old = time.monotonic() - self._asked_at > _ASK_AFTER
        if has_claimed or is_old or not self._marks.keys() >= set(shares):
            self._until, self._asked_at = self._store.deadline(), time.monotonic()
            known = sorted({*shares, *self._marks})
            self._marks = {share: Mark() for share in known} | self._stored(known)

    def forget(self) -> None:
        """Ask again: a round broke off, and some of it may be counted."""
        self._marks.clear()

    def open(self, block: Sequence[Entry]) -> Mapping[str, str | None]:
        """Return by offset which share each entry of *block* is counted for, None for one that is counted already.

        Empty where nobody else counts.
        """
        if not self._marks:
            return {}
        return {
            entry.offset: None if self._marks[place.share].covers(place) else place.share
            for entry, place in zip(block, self._log.places(block), strict=True)
        }

    def named(
        self, tallies: Mapping[str, Tally], block: Sequence[Entry], *, name: str, stored_at: int
    ) -> list[Counted]:
        """Return what *tallies* counted of *block*, by share, which is called *name* where nobody else counts."""
        if not self._marks:
            return [Counted("", tally.tables(stored_at=stored_at), name) for tally in tallies.values()]
        places = sorted(self._log.places(block), key=attrgetter("share"))
        return [
            self._marked(share, tallies[share], list(run), stored_at)
            for share, run in groupby(places, key=attrgetter("share"))
            if share in tallies
        ]

    def _marked(self, share: str, tally: Tally, places: Sequence[Place], stored_at: int) -> Counted:
        before = self._marks[share]
        mark = before.after(places)
        tables = tally.tables(stored_at=stored_at, marks={share: mark})
        if tables:  # else the store keeps its mark, which names the next
            self._marks[share] = mark
        return Counted(share, tables, f"{share}-after-{before.number}-{before.logged_at}", self._until, mark)

    def insert(self, counted: Sequence[Counted]) -> None:
        """Insert what is counted, and see that it is there.

        Raises StoreUnavailable, also where another writer has counted other entries after the same mark.
        """
        marks: dict[str, Mark] = {}
        for one in counted:
            for table, columns in one.tables.items():
                self._store.insert(table, columns, token=f"{one.name}-{table}", until=one.until)
                if one.mark:
                    marks[one.share] = one.mark
        if marks and self._stored(marks) != marks:
            raise StoreUnavailable("Another writer has counted the checks of some of these entries.")

    def _stored(self, shares: Collection[str]) -> dict[str, Mark]:
        try:
            return dict(self._inspection.marks(shares)) if self._inspection else {}
        except (clickhouse.StoreUnavailable, clickhouse.QueryTooLarge) as error:
            raise StoreUnavailable(str(error)) from error
