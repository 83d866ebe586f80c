"""What other apps want to hear when events were stored. They register; ingestion knows none of them."""

from collections.abc import Callable
from dataclasses import dataclass

import structlog

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Arrival:
    """Events of one property that a block has just stored."""

    property_id: int
    events: int
    earliest_occurred_at: int
    stored_at: int


@dataclass(frozen=True, slots=True)
class News:
    """What a round of the writer did for one property, for pages that watch: counts, and up to which moment."""

    property_id: int
    stored: int
    ended: int  # duplicates, quarantined and refused ones
    stored_at: int


Listener = Callable[[Arrival], None]
LISTENERS: list[Listener] = []


def register(listener: Listener) -> Listener:
    """Call *listener* after every block; register it once, in ready()."""
    if listener not in LISTENERS:
        LISTENERS.append(listener)
    return listener


def announce(arrival: Arrival) -> None:
    """Tell every listener. One that fails is logged and holds up neither the others nor the writer.

    The events are stored already and the periodic job finds them, so a lost announcement costs only time.
    """
    for listener in LISTENERS:
        try:
            listener(arrival)
        except Exception:
            log.exception("arrivals.listener_failed", listener=getattr(listener, "__qualname__", repr(listener)))
