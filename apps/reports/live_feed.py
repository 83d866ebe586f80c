"""What one open live page has been shown, and what it is shown next: never more than a page can bear.

The writer only says that something came. Once a second at most the feed asks the store for what is wanted of it, so a
burst costs one question, however large it is; of many it shows the newest and says how many there were.
"""

import time
from collections import deque
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from django.template.loader import render_to_string
from django.utils import timezone, translation

from apps.ingestion import api as ingestion
from apps.orgs import api as orgs
from apps.reports.event_rows import MOST_ROWS, Rows

AT_ONCE = 20  # rows of one message: forty a second are more than anybody reads, and each has its price in the browser
_OVER = 10.0  # seconds over which the rate is counted
_UNSEEN = timedelta(seconds=30)  # longer than a block is on its way
_REMEMBERED = 500
Key = tuple[str, str, datetime]


class Feed:
    """Follows the ends that a property's events find."""

    def __init__(
        self,
        info: orgs.PropertyInfo,
        wanted: ingestion.Wanted,
        rows: Rows,
        *,
        language: str,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._info, self._wanted, self._rows, self._language, self._clock = info, wanted, rows, language, clock
        self._seen_to: datetime | None = None
        self._told_to = datetime.fromtimestamp(0, UTC)
        self._heard: deque[tuple[float, int]] = deque()
        self._shown: deque[Key] = deque(maxlen=_REMEMBERED)
        self._rate = -1.0

    @property
    def is_busy(self) -> bool:
        """Tell whether the rate that stands on the page is about to change."""
        return self._rate > 0

    def hear(self, news: Mapping[str, Any]) -> None:
        """Take in what the writer says: counts, and up to which moment everything can be read."""
        self._heard.append((self._clock(), news["stored"] + news["ended"]))
        self._told_to = max(self._told_to, datetime.fromtimestamp(news["stored_at"] / 1000, UTC))

    def next(self) -> str:
        """Return the next message, empty when nothing has changed: all of the last rows first, then what is new."""
        if self._seen_to is None:
            return self._begin()
        found = self._arrived()
        rate = self._count()
        if not found.matched and rate == self._rate:
            return ""
        self._rate = rate
        return self._message(found, is_whole=False)

    def _begin(self) -> str:
        now = timezone.now()
        page = ingestion.happenings(self._info.id, self._wanted, now=now, limit=MOST_ROWS)
        rows = tuple(row for row in page.rows if row.decided_at is not None)
        newest = max((row.decided_at for row in rows if row.decided_at), default=now - _UNSEEN)
        # A block may be half there: what it still lacks is asked for again, and what was shown is not shown twice.
        self._seen_to = max(newest - timedelta(milliseconds=1), now - _UNSEEN)
        self._shown.extend(map(_key, rows))
        self._rate = self._count()
        return self._message(ingestion.Arrivals(rows, 0), is_whole=True)

    def _arrived(self) -> ingestion.Arrivals:
        after, to = self._seen_to or self._told_to, self._told_to
        if to <= after:
            return ingestion.Arrivals((), 0)
        found = ingestion.arrivals(self._info.id, self._wanted, after=after, to=to, limit=AT_ONCE)
        self._seen_to = to
        rows = tuple(row for row in found.rows if _key(row) not in self._shown)
        self._shown.extend(map(_key, rows))
        return ingestion.Arrivals(rows, max(found.matched - (len(found.rows) - len(rows)), len(rows)))

    def _count(self) -> float:
        """Return the events a second, of all that arrived."""
        now = self._clock()
        while self._heard and self._heard[0][0] < now - _OVER:
            self._heard.popleft()
        return round(sum(events for _at, events in self._heard) / _OVER, 1)

    def _message(self, found: ingestion.Arrivals, *, is_whole: bool) -> str:
        with translation.override(self._language), timezone.override(self._info.time_zone):
            context = {
                "rows": self._rows.of(found.rows),
                "matched": found.matched,
                "is_whole": is_whole,
                "rate": self._rate,
                "one_of": round(found.matched / len(found.rows)) if found.rows else 0,
                "is_sampled": found.matched > len(found.rows),
            }
            return render_to_string("reports/_live_message.html", context)


def _key(row: ingestion.Happening) -> Key:
    return row.state, row.message_id, row.received_at
