"""The rows of events that were not stored."""

from typing import NamedTuple

from apps.ingestion.domain.deliveries import LONGEST_PAYLOAD, Delivery, Refusal
from apps.ingestion.domain.events import Dropped, End, Event
from apps.ingestion.domain.ports import Entry
from apps.ingestion.domain.positions import Position


class OutcomeRow(NamedTuple):
    """One row of the table `outcomes`."""

    property_id: int
    stream_id: int
    message_id: str
    outcome: str
    reason: str
    detail: str
    field: str
    received_at: int
    decided_at: int
    payload: str
    # Of what is quarantined, beside its whole payload: enough to read it again.
    kind: str = ""
    name: str = ""
    occurred_at: int = 0  # of all that was read, 0 of what was not
    country: str = ""
    link_id: int = 0
    user_agent: str = ""
    expectations: tuple[int, ...] = ()
    log_offset: str = ""
    log_place: int = 0

    @property
    def position(self) -> Position:
        """Return where on the log it came from."""
        return Position(self.log_offset, self.log_place)


OUTCOME_COLUMNS = OutcomeRow._fields


def of_refusal(delivery: Delivery, refusal: Refusal, decided_at: int, position: Position) -> OutcomeRow:
    """Return the row of what the door did not accept."""
    return OutcomeRow(
        delivery.property_id,
        delivery.stream_id,
        refusal.message_id,
        refusal.end,
        refusal.reason,
        refusal.detail,
        refusal.field,
        delivery.received_at,
        decided_at,
        whole(refusal.payload) if refusal.end == End.QUARANTINED else readable(refusal.payload),
        refusal.kind,
        refusal.name,
        refusal.occurred_at,
        refusal.country,
        user_agent=delivery.user_agent if refusal.kind else "",
        log_offset=position.offset,
        log_place=position.place,
    )


def of_event(event: Event, dropped: Dropped, decided_at: int, position: Position) -> OutcomeRow:
    """Return the row of what was accepted and ends here. Without consent only the count remains (R8)."""
    is_denied = dropped.reason == "consent_denied"
    return OutcomeRow(
        event.property_id,
        event.stream_id,
        "" if is_denied else event.message_id,
        dropped.end.value,
        dropped.reason,
        dropped.detail,
        dropped.field,
        event.received_at,
        decided_at,
        "" if is_denied else readable(bytes(event.raw[:LONGEST_PAYLOAD])),
        occurred_at=0 if is_denied else event.occurred_at,
        log_offset=position.offset,
        log_place=position.place,
    )


def of_quarantined(
    event: Event,
    dropped: Dropped,
    decided_at: int,
    position: Position,
    *,
    user_agent: str,
    expectations: tuple[int, ...] = (),
) -> OutcomeRow:
    """Return the row of an accepted event that is kept back, whole: it may be read again."""
    return of_event(event, dropped, decided_at, position)._replace(
        payload=whole(bytes(event.raw)),
        kind=event.kind,
        name=event.name,
        country=event.country,
        link_id=event.link_id,
        user_agent=user_agent,
        expectations=expectations,
    )


def of_unreadable(entry: Entry, detail: str, decided_at: int) -> OutcomeRow:
    """Return the row of an entry on the log that is no delivery; it belongs to no property that is known."""
    return _of_entry(entry, "quarantined", "unreadable", detail, decided_at)._replace(payload=readable(entry.body))


def of_foreign(entry: Entry, detail: str, decided_at: int) -> OutcomeRow:
    """Return the row of a delivery that is of another region: that it came, and nothing of what was in it."""
    return _of_entry(entry, "refused", "wrong_region", detail, decided_at)


def _of_entry(entry: Entry, outcome: str, reason: str, detail: str, decided_at: int) -> OutcomeRow:
    name, at = f"log-{entry.offset}", entry.logged_at
    return OutcomeRow(0, 0, name, outcome, reason, detail, "", at, decided_at, "", log_offset=entry.offset)


def whole(payload: bytes) -> str:
    """Return *payload* as text with nothing cut off: the door has bounded it."""
    return payload.decode("utf-8", "replace")


def readable(payload: bytes) -> str:
    """Return *payload* as text, whatever the bytes are."""
    return payload[:LONGEST_PAYLOAD].decode("utf-8", "replace")
