"""When something came last, and how much came by now on such days."""

from datetime import UTC, datetime
from typing import Any, NamedTuple

from apps.quality.domain.fields import subject
from apps.quality.domain.rules import Rule, matches
from apps.shared import clickhouse

_MOST_NAMES = 20_000


class Window(NamedTuple):
    """A span in which events are counted."""

    since: datetime
    until: datetime


def newest_event(property_id: int, rule: Rule) -> datetime | None:
    """Return when the newest event that *rule* is about was received, or None."""
    sql = f"""
        SELECT kind, if(kind = 'track', name, '') AS called, max(received_at) FROM events
        WHERE property_id = {{property_id:UInt64}} AND ({{stream_id:UInt64}} = 0 OR stream_id = {{stream_id:UInt64}})
        GROUP BY kind, called LIMIT {_MOST_NAMES}
    """
    rows = clickhouse.select(sql, lambda *row: row, property_id=property_id, stream_id=rule.stream_id or 0)
    found = [at for kind, name, at in rows if matches(rule.event, subject(kind, name))]
    return max(found).replace(tzinfo=UTC) if found else None


def volumes(property_id: int, rule: Rule, windows: list[Window]) -> list[int]:
    """Return how many events that *rule* is about were received within each of *windows*."""
    sql = f"""
        SELECT kind, if(kind = 'track', name, '') AS called, count() FROM events
        WHERE property_id = {{property_id:UInt64}} AND ({{stream_id:UInt64}} = 0 OR stream_id = {{stream_id:UInt64}})
            AND stored_at >= {{since:DateTime64(3, 'UTC')}} AND received_at >= {{since:DateTime64(3, 'UTC')}}
            AND received_at < {{until:DateTime64(3, 'UTC')}}
        GROUP BY kind, called LIMIT {_MOST_NAMES}
    """
    counts = []
    for window in windows:
        given: Any = {"since": window.since, "until": window.until, "stream_id": rule.stream_id or 0}
        rows = clickhouse.select(sql, lambda *row: row, property_id=property_id, **given)
        counts.append(sum(events for kind, name, events in rows if matches(rule.event, subject(kind, name))))
    return counts
