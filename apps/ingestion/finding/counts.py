"""How many events there are: per minute, by reason of their end, by the names of their campaigns."""

from datetime import datetime, timedelta

from apps.ingestion.domain.found import EndCount, MinuteCount, NameCount
from apps.ingestion.finding.values import utc
from apps.shared import clickhouse


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
    found = {utc(minute): count for minute, count in rows}
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
