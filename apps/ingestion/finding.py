"""Questions about single events: what arrived last, how much per minute, and what became of one message (R9)."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

import msgspec
import structlog

from apps.ingestion import wiring
from apps.ingestion.domain import deliveries
from apps.ingestion.domain.deliveries import Item, Refusal
from apps.ingestion.domain.found import (
    EndCount,
    FoundEvent,
    FoundOutcome,
    MinuteCount,
    NameCount,
    RecentEvent,
    WaitingEvent,
)
from apps.ingestion.domain.outcomes import readable
from apps.ingestion.domain.ports import LogUnavailable
from apps.ingestion.facts import Event
from apps.shared import clickhouse

# Looked through one after the other, so that a busy property pays for ten minutes and a quiet one still finds its last.
_SPANS = (timedelta(minutes=10), timedelta(days=1), timedelta(days=30), timedelta(days=36_500))
_RECENT = """message_id, kind, name, received_at, anonymous_id, user_id, page_path, channel, source, value, currency,
    country, device"""
_MOST_ENDS = 50
_MOST_WAITING = 200  # the newest deliveries: more would be megabytes for one page, and the writer empties the log soon

log = structlog.get_logger(__name__)


def recent_events(
    property_id: int, *, now: datetime, kind: str = "", name: str = "", limit: int = 100
) -> list[RecentEvent]:
    """Return the events that were stored last, newest first; *name* is found anywhere in a name, in any case."""
    sql = f"""
        SELECT {_RECENT} FROM events
        WHERE property_id = {{property_id:UInt64}} AND stored_at > {{since:DateTime64(3, 'UTC')}}
            AND ({{kind:String}} = '' OR kind = {{kind:String}})
            AND ({{name:String}} = '' OR positionCaseInsensitiveUTF8(name, {{name:String}}) > 0)
        ORDER BY stored_at DESC, received_at DESC, message_id
        LIMIT {{limit:UInt32}}
    """
    rows: list[RecentEvent] = []
    for span in _SPANS:
        since = max(now - span, datetime(1970, 1, 2, tzinfo=UTC))
        rows = clickhouse.select(sql, _recent, property_id=property_id, since=since, kind=kind, name=name, limit=limit)
        if len(rows) == limit:
            break
    return rows


def events_per_minute(property_id: int, *, now: datetime, minutes: int = 30) -> list[MinuteCount]:
    """Return the count of each of the last *minutes*, oldest first, the running one last; empty ones are 0."""
    newest = now.replace(second=0, microsecond=0)
    oldest = newest - timedelta(minutes=minutes - 1)
    sql = """
        SELECT toStartOfMinute(received_at) AS minute, count() FROM events
        WHERE property_id = {property_id:UInt64} AND stored_at >= {since:DateTime64(3, 'UTC')}
            AND received_at >= {since:DateTime64(3, 'UTC')}
        GROUP BY minute
    """
    rows = clickhouse.select(sql, lambda *row: row, property_id=property_id, since=oldest)
    found = {_utc(minute): count for minute, count in rows}
    axis = (oldest + timedelta(minutes=number) for number in range(minutes))
    return [MinuteCount(minute, found.get(minute, 0)) for minute in axis]


def events_in_last_minute(property_id: int, *, now: datetime) -> int:
    """Return how many events were received in the 60 seconds before *now*."""
    sql = """
        SELECT count() FROM events
        WHERE property_id = {property_id:UInt64} AND stored_at >= {since:DateTime64(3, 'UTC')}
            AND received_at >= {since:DateTime64(3, 'UTC')}
    """
    return clickhouse.select(sql, int, property_id=property_id, since=now - timedelta(minutes=1))[0]


def ends_by_reason(property_id: int, *, now: datetime, days: int) -> list[EndCount]:
    """Return why events of the last *days* were not stored, the most frequent first."""
    sql = """
        SELECT outcome, reason, count() AS events FROM outcomes
        WHERE property_id = {property_id:UInt64} AND received_at >= {since:DateTime64(3, 'UTC')}
            AND outcome IN ('duplicate', 'quarantined', 'refused')
        GROUP BY outcome, reason ORDER BY events DESC, reason LIMIT 100
    """
    return clickhouse.select(sql, EndCount, property_id=property_id, since=now - timedelta(days=days))


def names_used(property_id: int, *, now: datetime, days: int) -> list[NameCount]:
    """Return the sources, mediums and campaigns of the last *days* with their events, the most used first."""
    sql = """
        SELECT pair.1 AS field, pair.2 AS name, count() AS events
        FROM (
            SELECT arrayJoin([('source', toString(source)), ('medium', toString(medium)),
                ('campaign', toString(campaign))]) AS pair
            FROM events
            WHERE property_id = {property_id:UInt64} AND has_source
                AND occurred_at >= {since:DateTime64(3, 'UTC')}
        )
        WHERE name != '' GROUP BY field, name ORDER BY events DESC, field, name LIMIT 5000
    """
    return clickhouse.select(sql, NameCount, property_id=property_id, since=now - timedelta(days=days))


def find_event(property_id: int, *, message_id: str) -> FoundEvent:
    """Return what became of a message: the stored event and every other end it had, or that it waits on the log.

    Never raises for an unknown id. A log that does not answer only means that what waits there is not seen.
    """
    stored = f"""
        SELECT {", ".join(_columns())} FROM events
        WHERE property_id = {{property_id:UInt64}} AND message_id = {{message_id:String}}
        ORDER BY stored_at LIMIT 1
    """
    ends = f"""
        SELECT outcome, reason, detail, field, stream_id, received_at, decided_at, payload FROM outcomes
        WHERE property_id = {{property_id:UInt64}} AND message_id = {{message_id:String}}
        ORDER BY decided_at LIMIT {_MOST_ENDS}
    """
    rows = clickhouse.select(stored, lambda *row: row, property_id=property_id, message_id=message_id)
    outcomes = clickhouse.select(ends, _outcome, property_id=property_id, message_id=message_id)
    if rows or outcomes:
        return FoundEvent(message_id, _fields(rows[0]) if rows else {}, tuple(outcomes))
    return FoundEvent(message_id, {}, (), tuple(_waiting(property_id, message_id)))


def _waiting(property_id: int, message_id: str) -> Iterator[WaitingEvent]:
    try:
        entries = wiring.event_log().waiting(most=_MOST_WAITING)
    except LogUnavailable as error:
        log.warning("finding.log_unavailable", error=str(error))
        return
    for entry in entries:
        try:
            delivery = deliveries.decode(entry.body)
        except (msgspec.MsgspecError, deliveries.UnknownVersion):
            continue  # the writer gives it its end
        if delivery.property_id != property_id:
            continue
        held: list[Item | Refusal] = [*delivery.items, *delivery.refusals]
        for item in held:
            if item.message_id == message_id:
                times = _instant(delivery.received_at), _instant(entry.logged_at)
                yield WaitingEvent(delivery.stream_id, *times, isinstance(item, Item), readable(item.payload))


def _instant(milliseconds: int) -> datetime:
    return datetime.fromtimestamp(milliseconds / 1000, UTC)


@cache
def _columns() -> tuple[str, ...]:
    names = (field.column for field in Event._meta.concrete_fields)  # noqa: SLF001  Django's documented name
    return (*(name for name in names if name != "property_id"), "logged_at")


def _fields(row: tuple[Any, ...]) -> dict[str, object]:
    return dict(zip(_columns(), map(_utc, row), strict=True))


def _recent(*row: Any) -> RecentEvent:
    return RecentEvent(*map(_utc, row))


def _outcome(*row: Any) -> FoundOutcome:
    return FoundOutcome(*map(_utc, row))


def _utc(value: Any) -> Any:
    """Return a value of the store, an instant with its zone."""
    return value.replace(tzinfo=UTC) if isinstance(value, datetime) and value.tzinfo is None else value
