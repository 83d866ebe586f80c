"""Events off the log with all their facts; what a context says is worked out once and remembered.

The events of one visitor on one page state the same context, byte for byte, and those of a server nearly always do.
What the steps make of it (`pipeline.OF_CONTEXT`) is kept as an event that holds nothing else, and copied.
"""

from collections.abc import Callable, Hashable
from functools import cache
from typing import cast

from apps.ingestion.domain import pipeline
from apps.ingestion.domain.deliveries import Delivery, Item
from apps.ingestion.domain.events import Dropped, Event, Surroundings
from apps.ingestion.domain.payload import (
    NO_PAYLOAD,
    NO_PROPERTIES,
    Payload,
    Properties,
    SealedPayload,
    decode_context,
    decode_properties,
    decode_sealed,
)
from apps.ingestion.domain.reading import text

_copy: Callable[[Event], Event] = Event.__copy__  # type: ignore[attr-defined]  # `copy.copy` first asks which this is
# Some 30 MB of contexts, and none so long that it is one of a kind.
_MOST, _LONGEST = 16_384, 2_048


class Contexts:
    """What contexts say, in each of the surroundings they came in. When there are too many, it begins anew."""

    def __init__(self) -> None:
        self._known: dict[Surroundings, dict[Hashable, Event]] = {}
        self._size = 0

    def reader(
        self, delivery: Delivery, surroundings: Surroundings, *, logged_at: int = 0, stored_at: int = 0
    ) -> "Reader":
        """Return the reader of the events of *delivery*, which carry the two moments."""
        return Reader(self, delivery, surroundings, (logged_at, stored_at))

    def known(self, surroundings: Surroundings) -> dict[Hashable, Event]:
        """Return what is remembered of *surroundings*."""
        return self._known.get(surroundings, {})

    def remember(self, surroundings: Surroundings, key: Hashable, said: Event) -> dict[Hashable, Event]:
        """Keep *said* under *key*, and return what is remembered of *surroundings* now."""
        if self._size >= _MOST:
            self._known.clear()
            self._size = 0
        known = self._known.setdefault(surroundings, {})
        known[key] = said
        self._size += 1
        return known


class Reader:
    """Reads the events of one delivery."""

    def __init__(
        self, contexts: Contexts, delivery: Delivery, surroundings: Surroundings, moments: tuple[int, int]
    ) -> None:
        self._contexts, self._received_at, self._surroundings = contexts, delivery.received_at, surroundings
        self._known, self._moments = contexts.known(surroundings), moments
        self._steps = _of_event(pipeline.AFTER_DOOR)

    def event(self, item: Item) -> Event | Dropped:
        """Return the event of *item* with all its facts. Raises whatever reading it may raise."""
        payload = decode_sealed(item.payload)
        facts = (decode_properties(payload.properties) or NO_PROPERTIES) if payload.properties else NO_PROPERTIES
        key = _key(payload, facts)
        event = _copy(self._known.get(key) or self._said(key, payload, facts, item))
        event.message_id, event.kind, event.occurred_at = item.message_id, item.kind, item.occurred_at
        event.name = (payload.event if item.kind == "track" else payload.name) or ""
        event.received_at, event.country, event.link_id = self._received_at, item.country, item.link_id
        event.logged_at, event.stored_at = self._moments
        event.payload, event.facts, event.raw = cast(Payload, payload), facts, item.payload
        for step in self._steps:
            outcome = step(event, self._surroundings)
            if outcome is not event:
                return outcome
        # What was read is in the columns now: let go of it, or a block holds every event twice.
        event.payload, event.facts = NO_PAYLOAD, NO_PROPERTIES
        return event

    def _said(self, key: Hashable, payload: SealedPayload, facts: Properties, item: Item) -> Event:
        context = decode_context(payload.context) if payload.context else None
        said = Event(0, 0, "", "", "", 0, 0, facts=facts, raw=item.payload)
        said.payload = Payload(context=context, group_id=payload.group_id)
        pipeline.run(said, self._surroundings, pipeline.OF_CONTEXT)
        said.payload, said.facts, said.raw = NO_PAYLOAD, NO_PROPERTIES, b""
        if len(payload.context) <= _LONGEST:
            self._known = self._contexts.remember(self._surroundings, key, said)
        return said


@cache
def _of_event(steps: tuple[pipeline.Step, ...]) -> tuple[pipeline.Step, ...]:
    return tuple(step for step in steps if step not in pipeline.OF_CONTEXT)


def _key(payload: SealedPayload, facts: Properties) -> Hashable:
    """Return everything that the steps of `pipeline.OF_CONTEXT` read of an event, besides its surroundings."""
    context = bytes(payload.context)
    if payload.group_id is facts.url is facts.path is facts.referrer is facts.title is None:
        return context
    page = (text(facts.url), text(facts.path), text(facts.referrer), text(facts.title))
    return (context, payload.group_id, *page)
