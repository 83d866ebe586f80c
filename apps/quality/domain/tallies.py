"""What the inspections of one block count, as rows: by property, stream and expectation.

Beside them may stand how far a share of the log is counted: a row of property 0, in the same partition, so that the
engine takes both or none (ADR 0120).
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from xxhash import xxh64_intdigest

from apps.ingestion.domain.events import Event
from apps.ingestion.domain.inspections import Columns, Finding
from apps.ingestion.domain.marks import Mark
from apps.quality.domain.plans import CheckSet, Plan

TABLE = "quality_checks"
SLOT = 900_000  # milliseconds: from quarters of an hour the days of every time zone add up
COLUMNS = ("property_id", "expectation_id", "stream_id", "slot", "checked", "flagged", "quarantined")
_MARK_COLUMNS = ("log_offset", "logged_at")
_NO_MARK = (-1, 0)


def share_id(share: str) -> int:
    """Return the number under which the mark of a share of the log stands."""
    return xxh64_intdigest(share.encode())


class BlockTally:
    """Counts what was asked, by kinds of events, and what failed."""

    def __init__(self) -> None:
        self._asked: Counter[CheckSet] = Counter()
        self._failed: Counter[tuple[CheckSet, int, bool]] = Counter()

    def add(self, event: Event, finding: Finding | None, inspector: Plan) -> None:
        """Count *event*."""
        asked = inspector.asked(event)
        if not asked.ids:
            return
        self._asked[asked] += 1
        if finding is not None:
            for expectation in finding.expectations:
                self._failed[asked, expectation, finding.is_quarantined] += 1

    def tables(self, *, stored_at: int, marks: Mapping[str, Mark] | None = None) -> Mapping[str, Columns]:
        """Return the rows with those of *marks*, by share; none where nothing was asked."""
        checked: Counter[tuple[int, int, int]] = Counter()
        for asked, events in self._asked.items():
            for expectation in asked.ids:
                checked[asked.property_id, expectation, asked.stream_id] += events
        if not checked:
            return {}
        failed: Counter[tuple[int, int, int, bool]] = Counter()
        for (asked, expectation, is_quarantined), events in self._failed.items():
            failed[asked.property_id, expectation, asked.stream_id, is_quarantined] += events
        slot = stored_at - stored_at % SLOT
        rows = [(*key, slot, events, failed[*key, False], failed[*key, True]) for key, events in checked.items()]
        if not marks:
            return {TABLE: _columns(COLUMNS, rows)}
        # The row of a mark counts one: merges drop what is zero throughout.
        whole = [(*row, *_NO_MARK) for row in rows]
        whole += [(0, 0, share_id(share), slot, 1, 0, 0, *mark) for share, mark in marks.items()]
        return {TABLE: _columns(COLUMNS + _MARK_COLUMNS, whole)}


def _columns(names: Sequence[str], rows: Sequence[tuple[Any, ...]]) -> Columns:
    return dict(zip(names, map(list, zip(*rows, strict=True)), strict=True))
