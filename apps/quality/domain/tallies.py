"""What the inspections of one block count, as rows: by property, stream and expectation."""

from collections import Counter
from collections.abc import Mapping

from apps.ingestion.domain.events import Event
from apps.ingestion.domain.inspections import Columns, Finding
from apps.quality.domain.plans import CheckSet, Plan

TABLE = "quality_checks"
SLOT = 900_000  # milliseconds: from quarters of an hour the days of every time zone add up
COLUMNS = ("property_id", "expectation_id", "stream_id", "slot", "checked", "flagged", "quarantined")


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

    def tables(self, *, stored_at: int) -> Mapping[str, Columns]:
        """Return the rows, none where nothing was asked."""
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
        rows = [(*key[:3], slot, events, failed[*key, False], failed[*key, True]) for key, events in checked.items()]
        return {TABLE: dict(zip(COLUMNS, map(list, zip(*rows, strict=True)), strict=True))}
