"""Events that were received, whatever became of them: stored ones, those with another end, those that wait (R9)."""

import base64
import binascii
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from apps.ingestion.domain.found import WAITING, Arrivals, Happening, HappeningPage, Wanted
from apps.ingestion.finding.conditions import Conditions, union
from apps.ingestion.finding.held import held
from apps.ingestion.finding.values import utc
from apps.shared import clickhouse

MOST = 200
# Looked through one after the other, so that a busy property pays for ten minutes and a quiet one still finds its last.
_SPANS = (timedelta(minutes=10), timedelta(days=1), timedelta(days=30), timedelta(days=36_500))
_BEGINNING = datetime(1970, 1, 2, tzinfo=UTC)
_TIES = "decided_at DESC, state, reason, detail, field, name, user_id, anonymous_id"  # of rows that have the same place
_MOST_ALIKE = 1_000_000


class Place(NamedTuple):
    """The last row of a page, and how many rows of its very moment and id were shown up to it."""

    received_at: datetime
    message_id: str
    shown: int


def happenings(property_id: int, wanted: Wanted, *, now: datetime, cursor: str = "", limit: int = 50) -> HappeningPage:
    """Return what was received, newest first. A cursor that cannot be read starts from the top.

    What waits on the log stands on the first page, above all that the store knows.
    """
    limit = min(max(limit, 1), MOST)
    if wanted.state == WAITING:
        return HappeningPage(tuple(held(property_id, wanted))[:limit])
    first = () if cursor or wanted.state else tuple(held(property_id, wanted))[:limit]
    after = _read_cursor(cursor)
    rows: list[Happening] = []
    for since in _beginnings(wanted, after, now):
        rows = _read(property_id, wanted, since=since, after=after, limit=limit + 1)
        if len(rows) > limit:
            break
    more = _cursor(rows[:limit], after) if len(rows) > limit else ""
    known = {row.message_id for row in rows}
    return HappeningPage((*(one for one in first if one.message_id not in known), *rows[:limit]), more)


def arrivals(property_id: int, wanted: Wanted, *, after: datetime, to: datetime, limit: int) -> Arrivals:
    """Return what found its end after *after* and up to *to*: the newest rows, and how many there were in all."""
    if wanted.state == WAITING:
        return Arrivals((), 0)
    asked = Conditions(wanted, is_brief=True)
    asked.decided(after=after, to=to)
    order = f"ORDER BY decided_at DESC, received_at DESC, message_id LIMIT {asked.bind(limit + 1, 'UInt32')}"
    rows = _select(property_id, f"SELECT * FROM ({union(asked)}) {order}", asked.values)
    if len(rows) <= limit:
        return Arrivals(tuple(rows), len(rows))
    count = f"SELECT count() FROM ({union(asked)})"
    (matched,) = clickhouse.select(count, int, property_id=property_id, **asked.values)
    return Arrivals(tuple(rows[:limit]), matched)


def _read(property_id: int, wanted: Wanted, *, since: datetime, after: Place | None, limit: int) -> list[Happening]:
    asked = Conditions(wanted)
    asked.received(since=since, to=after and (after.received_at, after.message_id))
    order = f"ORDER BY received_at DESC, message_id DESC, {_TIES} LIMIT {asked.bind(limit, 'UInt32')}"
    if after and after.shown:
        order += f" OFFSET {asked.bind(after.shown, 'UInt32')}"
    return _select(property_id, f"SELECT * FROM ({union(asked)}) {order}", asked.values)


def _beginnings(wanted: Wanted, after: Place | None, now: datetime) -> Iterator[datetime]:
    """Yield how far back to look, further each time; one person's events are few, and found at once."""
    bound = max(wanted.since or _BEGINNING, _BEGINNING)
    end = min(after.received_at if after else now, wanted.until or now)
    for span in _SPANS[-1:] if wanted.is_of_somebody else _SPANS:
        # Subtracting first would leave the range of datetime, and nothing was received before the beginning.
        yield max(bound, end - span if span < end - _BEGINNING else _BEGINNING)
        if span >= end - bound:
            return


def _select(property_id: int, sql: str, values: Mapping[str, Any]) -> list[Happening]:
    return clickhouse.select(sql, _happening, property_id=property_id, **values)


def _happening(*row: Any) -> Happening:
    return Happening(*map(utc, row))


def _cursor(rows: list[Happening], after: Place | None) -> str:
    """Return where the page behind *rows* begins. What came together and has no id, or the same, is counted."""
    key = rows[-1].received_at, rows[-1].message_id
    shown = sum((row.received_at, row.message_id) == key for row in rows)
    if after and shown == len(rows) and key == (after.received_at, after.message_id):
        shown += after.shown
    return base64.urlsafe_b64encode(f"{key[0].isoformat()} {shown} {key[1]}".encode()).decode()


def _read_cursor(cursor: str) -> Place | None:
    if not cursor:
        return None
    try:
        at, shown, name = base64.urlsafe_b64decode(cursor.encode()).decode().split(" ", 2)
        return Place(datetime.fromisoformat(at).astimezone(UTC), name, min(max(int(shown), 0), _MOST_ALIKE))
    except (ValueError, binascii.Error, OverflowError):
        return None
