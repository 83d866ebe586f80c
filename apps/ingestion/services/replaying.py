"""Events out of quarantine go through the door once more, with the id and the times that they had (R2).

The writer knows a second copy of the same delivery by its id and the time it was received, so that replaying twice
changes nothing. Whoever has refused since is left out; an agreement inside an old event does not take that back (R8).
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from apps.compliance.api import Consent
from apps.ingestion.domain import deliveries, pipeline
from apps.ingestion.domain.deliveries import Delivery, Item, Refusal
from apps.ingestion.domain.events import Dropped, End, Event, Surroundings
from apps.ingestion.domain.payload import Payload
from apps.ingestion.domain.ports import ConsentMemory, EventLog
from apps.ingestion.domain.reading import read_again
from apps.ingestion.services.appending import append_all

CONSENT = "consent_denied"


class Kept(NamedTuple):
    """An event in quarantine with what it takes to read it again; instants are milliseconds.

    *decided_at* is when it is decided that it leaves, which is after everything that was decided of it before.
    """

    message_id: str
    stream_id: int
    kind: str
    name: str
    occurred_at: int
    received_at: int
    country: str
    link_id: int
    user_agent: str
    decided_at: int
    payload: bytes


class Replayed(NamedTuple):
    """What became of one: on the log again (as an event, or as one that the door keeps back again), or left out."""

    message_id: str
    is_sent: bool
    dropped: Dropped | None


class Heard:
    """A memory of consent that answers and learns nothing: what an old event says is no news."""

    def __init__(self, memory: ConsentMemory) -> None:
        self._memory = memory

    @property
    def is_idle(self) -> bool:
        """Tell whether nobody has said anything."""
        return self._memory.is_idle

    def prepare(self, events: Sequence[bytes]) -> None:
        """Look up everybody in *events* at once."""
        self._memory.prepare(events)

    def state_of(self, payload: Payload) -> Consent:
        """Return what is remembered of a person."""
        return self._memory.state_of(payload)

    def note(self, payload: Payload, state: Consent) -> None:
        """Learn nothing."""

    def keep(self) -> None:
        """Keep nothing."""


def replay_events(
    kept: Sequence[Kept],
    *,
    surroundings_of: Callable[[Kept], Surroundings],
    memory: ConsentMemory,
    log: EventLog,
) -> list[Replayed]:
    """Put *kept* on the log again and say what became of each. Raises LogUnavailable."""
    memory.prepare([one.payload for one in kept])
    parts: dict[tuple[int, int, str], Delivery] = {}
    answers: list[Replayed] = []
    for one in kept:
        about = surroundings_of(one)
        item, dropped = _judge(one, about, memory)
        answers.append(Replayed(one.message_id, item is not None, dropped))
        if item is None:
            continue
        delivery = parts.setdefault((one.stream_id, one.received_at, one.user_agent), _delivery(one, about))
        delivery.decided_after = max(delivery.decided_after, one.decided_at)
        if isinstance(item, Item):
            delivery.items.append(item)
        else:
            delivery.refusals.append(item)
    append_all(list(parts.values()), log)
    return answers


def _judge(one: Kept, about: Surroundings, memory: ConsentMemory) -> tuple[Item | Refusal | None, Dropped | None]:
    read = read_again(
        one.payload,
        message_id=one.message_id,
        kind=one.kind,
        occurred_at=one.occurred_at,
        received_at=one.received_at,
    )
    if isinstance(read, Dropped):
        return _kept_back(one, read), read
    if memory.state_of(read.payload) is Consent.DENIED:
        return None, Dropped(End.REFUSED, CONSENT, "The person has refused since.", "context.consent")
    outcome = pipeline.run(read, about, pipeline.DOOR)
    if isinstance(outcome, Event):
        outcome.country = outcome.country or one.country
        item = deliveries.item(outcome)
        item.link_id = one.link_id
        return item, None
    if outcome.reason == CONSENT:
        return None, outcome
    return _kept_back(one, outcome), outcome


def _kept_back(one: Kept, dropped: Dropped) -> Refusal:
    """Return what fails at the door again; it goes back into quarantine, whatever a client would be told."""
    return Refusal(
        one.message_id,
        End.QUARANTINED,
        dropped.reason,
        dropped.detail[:500],
        dropped.field[:200],
        one.payload,
        one.kind,
        one.name,
        one.occurred_at,
        one.country,
    )


def _delivery(one: Kept, about: Surroundings) -> Delivery:
    return Delivery(
        deliveries.VERSION, about.property_id, one.stream_id, about.stream_kind, one.received_at, one.user_agent, [], []
    )
