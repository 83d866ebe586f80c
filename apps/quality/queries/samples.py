"""Stored events as samples: enough to learn a shape or to try an expectation, never more than a page can wait for."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any, NamedTuple

from apps.ingestion.domain.columns import event_of
from apps.ingestion.domain.events import Event
from apps.quality.domain.fields import COLUMNS
from apps.shared import clickhouse
from apps.shared.json_documents import read_json

_FROM = "property_id = {property_id:UInt64} AND stored_at >= {since:DateTime64(3, 'UTC')}"
_READ = ("stream_id", "kind", "name", "message_id", "properties", "context")
_EXTRA = tuple(sorted(set(COLUMNS.values()) - set(_READ)))


class EventName(NamedTuple):
    """An event that came: its kind, its name, since when, and how many."""

    kind: str
    name: str
    events: int
    first_at: datetime


class Sampled(NamedTuple):
    """Events to try something on, and how many there are in all."""

    events: list[Event]
    total: int


def event_names(property_id: int, *, since: datetime, most: int = 500) -> list[EventName]:
    """Return the events that came since, the most frequent first, each with its first time in all the past."""
    sql = f"""
        SELECT kind, if(kind = 'track', name, '') AS called, countIf(stored_at >= {{since:DateTime64(3, 'UTC')}}) AS n,
            min(stored_at)
        FROM events WHERE property_id = {{property_id:UInt64}}
        GROUP BY kind, called HAVING n > 0 ORDER BY n DESC, called LIMIT {int(most)}
    """
    return clickhouse.select(sql, EventName, property_id=property_id, since=since)


def documents_of(
    property_id: int, *, kind: str, name: str, since: datetime, until: datetime, most: int
) -> Iterator[Any]:
    """Yield the properties of at most *most* events of one kind, evenly from those that were stored within."""
    sql = f"""
        SELECT properties FROM events
        WHERE {_FROM} AND stored_at < {{until:DateTime64(3, 'UTC')}} AND kind = {{kind:String}}
            AND (kind != 'track' OR name = {{name:String}})
        ORDER BY cityHash64(message_id) LIMIT {int(most)}
    """
    rows = clickhouse.select(
        sql, str, property_id=property_id, since=since, until=until, kind=kind, name=name, limits=clickhouse.JOB
    )
    for text in rows:
        found = read_json(text) if text else {}
        yield found if isinstance(found, dict) else {}


def sample(property_id: int, *, subjects: list[str], stream_id: int | None, since: datetime, most: int) -> Sampled:
    """Return at most *most* of the events that were stored since then, as the writer saw them."""
    about = f"""{_FROM} AND if(kind = 'track', name, kind) IN {{subjects:Array(String)}}
        AND ({{stream_id:UInt64}} = 0 OR stream_id = {{stream_id:UInt64}})"""
    given: Any = {"property_id": property_id, "since": since, "subjects": subjects, "stream_id": stream_id or 0}
    (total,) = clickhouse.select(f"SELECT count() FROM events WHERE {about}", int, **given)
    sql = f"""
        SELECT toUnixTimestamp64Milli(received_at), {", ".join((*_READ, *_EXTRA))} FROM events
        WHERE {about} ORDER BY cityHash64(message_id) LIMIT {int(most)}
    """
    rows = clickhouse.select(sql, lambda *row: _event(property_id, row), **given) if total else []
    return Sampled(rows, total)


def _event(property_id: int, row: tuple[Any, ...]) -> Event:
    received_at, *values = row
    given = dict(zip((*_READ, *_EXTRA), values, strict=True))
    return event_of({"property_id": property_id, "occurred_at": received_at, "received_at": received_at, **given})
