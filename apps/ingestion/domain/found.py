"""Events as the live page and the debugger receive them."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from apps.ingestion.domain.turned_away import TurnedAway

STORED, WAITING = "stored", "waiting"


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which happenings are looked for; what is empty asks for all.

    *state* is stored, duplicate, quarantined, refused or waiting; *name* and *text* are found anywhere, in any case,
    *text* in ids, addresses and content. A person is given by the ids as sent and by the keys that events have of
    them (`person_keys`), of which *device_key* and *device_id* may leave one device. Instants are of the receipt.
    """

    state: str = ""
    kind: str = ""
    name: str = ""
    stream_id: int = 0
    text: str = ""
    ids: tuple[str, ...] = ()
    person_keys: tuple[int, ...] = ()
    device_key: int = 0
    device_id: str = ""
    order_id: str = ""
    message_id: str = ""
    since: datetime | None = None
    until: datetime | None = None

    @property
    def is_of_somebody(self) -> bool:
        """Tell whether one person's, one device's or one message's are looked for."""
        return bool(self.ids or self.person_keys or self.device_key or self.device_id or self.message_id)


@dataclass(frozen=True, slots=True)
class Happening:
    """One event that was received, as a row: stored, or with another end (R9)."""

    state: str
    reason: str
    message_id: str
    kind: str
    name: str
    received_at: datetime
    decided_at: datetime | None  # None while it waits
    stream_id: int
    anonymous_id: str
    user_id: str
    page_path: str
    channel: str
    source: str
    value: Decimal | None
    currency: str
    country: str
    device: str
    detail: str = ""
    field: str = ""


@dataclass(frozen=True, slots=True)
class HappeningPage:
    """Happenings, newest first, and where the next page begins (empty: nowhere)."""

    rows: tuple[Happening, ...]
    next_cursor: str = ""


@dataclass(frozen=True, slots=True)
class Arrivals:
    """What has arrived since a moment: the newest rows, and how many there were in all."""

    rows: tuple[Happening, ...]
    matched: int


@dataclass(frozen=True, slots=True)
class SentPayload:
    """What the log held of a stored event, and when the store could show the event."""

    payload: str
    inserted_at: datetime


@dataclass(frozen=True, slots=True)
class FoundOutcome:
    """One end of a message that was not stored: duplicate, quarantined or refused.

    When it happened is None where that was not read or may not be kept, when it was logged where no log was asked.
    """

    outcome: str
    reason: str
    detail: str
    field: str
    stream_id: int
    received_at: datetime
    decided_at: datetime
    payload: str
    occurred_at: datetime | None = None
    logged_at: datetime | None = None


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

    message_id: str
    stream_id: int
    received_at: datetime
    logged_at: datetime
    is_accepted: bool  # else the door refused it, and its reason is stored next
    payload: str


@dataclass(frozen=True, slots=True)
class FoundEvent:
    """Everything known of a message id: the stored event's fields (empty when none was stored) and the other ends.

    A message without any of them may still be *waiting* on the log for the writer. Calls with it that the door did
    not take are *turned_away*.
    """

    message_id: str
    fields: Mapping[str, object]
    outcomes: tuple[FoundOutcome, ...]
    waiting: tuple[WaitingEvent, ...] = ()
    sent: SentPayload | None = None
    turned_away: tuple[TurnedAway, ...] = ()

    @property
    def is_stored(self) -> bool:
        """Tell whether the event is among the facts."""
        return bool(self.fields)


@dataclass(frozen=True, slots=True)
class MinuteCount:
    """How many events were received in the minute that begins at *starts_at*."""

    starts_at: datetime
    events: int
