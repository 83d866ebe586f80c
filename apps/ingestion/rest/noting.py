"""Notes of calls that are not taken, where it is known whose they are."""

import time
from collections.abc import Collection

from apps.ingestion import wiring
from apps.ingestion.domain import turned_away


def note(
    *, property_id: int, stream_id: int, region: str, status: int, reason: str, bodies: Collection[object]
) -> None:
    """Note that a call with *bodies* (one event each, or what may hold several) was answered *status*. Never raises."""
    notes = wiring.notes(region)
    if not notes.may_add():
        return
    text = turned_away.note(
        at=time.time_ns() // 1_000_000,
        status=status,
        reason=reason,
        bodies=(one for one in bodies if isinstance(one, bytes)),
        events=len(bodies),
        key=wiring.key_of_notes(property_id),
    )
    notes.add(stream_id, status, text)
