"""What was sent, kept beside the stored event for a few days: which events of a block, and how long (ADR 0073)."""

from collections.abc import Sequence

from apps.ingestion.domain.events import Event

PAYLOAD_DAYS = 3  # the TTL of the table says the same
KEPT_OF_A_BLOCK = 200  # of one property: all of a quiet one, a sample of a busy one, so that it costs next to nothing
COLUMNS = ("property_id", "message_id", "device_key", "person_key", "received_at", "payload")


def columns_of(events: Sequence[Event]) -> dict[str, Sequence[object]]:
    """Return the columns of `payloads` for the events of one block; of many, evenly spaced ones.

    The bytes are those on the log: the door put only accepted events there, with the address taken out (R8).
    """
    rows = [
        (
            event.property_id,
            event.message_id,
            event.device_key,
            event.person_key,
            event.received_at,
            bytes(event.raw).decode("utf-8", "replace"),
        )
        for kept in _by_property(events).values()
        for event in kept[:: -(-len(kept) // KEPT_OF_A_BLOCK)]
        if event.raw
    ]
    return dict(zip(COLUMNS, zip(*rows, strict=True), strict=True)) if rows else {}


def _by_property(events: Sequence[Event]) -> dict[int, list[Event]]:
    found: dict[int, list[Event]] = {}
    for event in events:
        found.setdefault(event.property_id, []).append(event)
    return found
