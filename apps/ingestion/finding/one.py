"""What became of one message: the stored event, what was sent, every other end, or that it waits (R9)."""

from functools import cache
from typing import Any

from apps.ingestion.domain.found import FoundEvent, FoundOutcome, SentPayload
from apps.ingestion.domain.payloads import PAYLOAD_DAYS
from apps.ingestion.facts import Event
from apps.ingestion.finding.turned import turned_away_with
from apps.ingestion.finding.values import utc
from apps.ingestion.finding.waiting import waiting
from apps.shared import clickhouse

_MOST_ENDS = 50
_SENT = f"""
    SELECT payload, inserted_at FROM payloads
    WHERE property_id = {{property_id:UInt64}} AND message_id = {{message_id:String}}
        AND received_at > now() - INTERVAL {PAYLOAD_DAYS} DAY
    ORDER BY inserted_at LIMIT 1
"""


def find_event(property_id: int, *, message_id: str) -> FoundEvent:
    """Return what became of a message: the stored event and every other end it had, or that it waits on the log.

    Never raises for an unknown id. A log that does not answer only means that what waits there is not seen. Many have
    no id at all, and nothing becomes of them together.
    """
    if not message_id:
        return FoundEvent(message_id, {}, (), ())
    stored = f"""
        SELECT {", ".join(_columns())} FROM events
        WHERE property_id = {{property_id:UInt64}} AND message_id = {{message_id:String}}
        ORDER BY stored_at LIMIT 1
    """
    ends = f"""
        SELECT outcome, reason, detail, field, stream_id, received_at, decided_at, payload,
            nullIf(occurred_at, toDateTime64(0, 3)), nullIf(logged_at, toDateTime64(0, 3))
        FROM outcomes
        WHERE property_id = {{property_id:UInt64}} AND message_id = {{message_id:String}}
        ORDER BY decided_at LIMIT {_MOST_ENDS}
    """
    rows = clickhouse.select(stored, lambda *row: row, property_id=property_id, message_id=message_id)
    outcomes = clickhouse.select(ends, _outcome, property_id=property_id, message_id=message_id)
    if not rows and not outcomes:
        return find_waiting(property_id, message_id=message_id)
    turned = turned_away_with(property_id, message_id=message_id)
    sent = clickhouse.select(_SENT, _payload, property_id=property_id, message_id=message_id) if rows else []
    fields = _fields(rows[0]) if rows else {}
    return FoundEvent(message_id, fields, tuple(outcomes), (), next(iter(sent), None), turned)


def find_waiting(property_id: int, *, message_id: str) -> FoundEvent:
    """Return what can be known of a message while the store is away: that it waits on the log, or was not taken."""
    held = tuple(one for one in waiting(property_id) if one.message_id == message_id)
    return FoundEvent(message_id, {}, (), held, turned_away=turned_away_with(property_id, message_id=message_id))


@cache
def _columns() -> tuple[str, ...]:
    names = (field.column for field in Event._meta.concrete_fields)  # noqa: SLF001  Django's documented name
    return (*(name for name in names if name != "property_id"), "logged_at")


def _fields(row: tuple[Any, ...]) -> dict[str, object]:
    return dict(zip(_columns(), map(utc, row), strict=True))


def _payload(*row: Any) -> SentPayload:
    return SentPayload(*map(utc, row))


def _outcome(*row: Any) -> FoundOutcome:
    return FoundOutcome(*map(utc, row))
