"""Events as the live page and the debugger receive them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class RecentEvent:
    """One stored event, as a row."""

    message_id: str
    kind: str
    name: str
    received_at: datetime
    anonymous_id: str
    user_id: str
    page_path: str
    channel: str
    source: str
    value: Decimal | None
    currency: str
    country: str
    device: str


@dataclass(frozen=True, slots=True)
class FoundOutcome:
    """One end of a message that was not stored: duplicate, quarantined or refused."""

    outcome: str
    reason: str
    detail: str
    field: str
    stream_id: int
    received_at: datetime
    decided_at: datetime
    payload: str


@dataclass(frozen=True, slots=True)
class EndCount:
    """How many events ended in one way for one reason."""

    outcome: str
    reason: str
    events: int


@dataclass(frozen=True, slots=True)
class NameCount:
    """How many events carry a name of a source, a medium or a campaign."""

    field: str
    name: str
    events: int


@dataclass(frozen=True, slots=True)
class WaitingEvent:
    """A message that is on the log and has no end yet."""

    stream_id: int
    received_at: datetime
    logged_at: datetime
    is_accepted: bool  # else the door refused it, and its reason is stored next
    payload: str


@dataclass(frozen=True, slots=True)
class FoundEvent:
    """Everything known of a message id: the stored event's fields (empty when none was stored) and the other ends.

    A message without any of them may still be *waiting* on the log for the writer.
    """

    message_id: str
    fields: Mapping[str, object]
    outcomes: tuple[FoundOutcome, ...]
    waiting: tuple[WaitingEvent, ...] = ()

    @property
    def is_stored(self) -> bool:
        """Tell whether the event is among the facts."""
        return bool(self.fields)


@dataclass(frozen=True, slots=True)
class MinuteCount:
    """How many events were received in the minute that begins at *starts_at*."""

    starts_at: datetime
    events: int
