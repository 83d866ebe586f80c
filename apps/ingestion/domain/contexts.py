"""Events off the log with all their facts; what a context says is worked out once and remembered.

The events of one visitor on one page state the same context, byte for byte, and those of a server nearly always do.
What `pipeline.put_context` makes of it is kept, and every event with that context carries the same object.
"""

import secrets
from collections.abc import Hashable
from functools import cache
from typing import cast

from xxhash import xxh3_128_digest

from apps.ingestion.domain import pipeline
from apps.ingestion.domain.deliveries import Delivery, Item
from apps.ingestion.domain.events import ContextFacts, Dropped, Event, Surroundings
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

# Some 30 MB of contexts, and none so long that it is one of a kind.
_MOST, _LONGEST = 65_536, 2_048
# A context is known by its hash: to keep and compare its bytes costs more than reading it. Nobody who sends knows the
# seed, so none can make two contexts that are taken for one.
_SEED = secrets.randbits(64)


class Contexts:
    """What contexts say, in each of the surroundings they came in. When there are too many, it begins anew."""

    def __init__(self) -> None:
        self._known: dict[Surroundings, dict[Hashable, ContextFacts]] = {}
        self._size = 0

    def reader(
        self, delivery: Delivery, surroundings: Surroundings, *, logged_at: int = 0, stored_at: int = 0
    ) -> "Reader":
        """Return the reader of the events of *delivery*, which carry the two moments."""
        return Reader(self, delivery, surroundings, (logged_at, stored_at))

    def known(self, surroundings: Surroundings) -> dict[Hashable, ContextFacts]:
        """Return what is remembered of *surroundings*."""
        return self._known.get(surroundings, {})

    def remember(self, surroundings: Surroundings, key: Hashable, said: ContextFacts) -> dict[Hashable, ContextFacts]:
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
        kind, (logged_at, stored_at) = item.kind, self._moments
        event = Event(
            0,
            0,
            item.message_id,
            kind,
            (payload.event if kind == "track" else payload.name) or "",
            item.occurred_at,
            self._received_at,
            logged_at,
            stored_at,
            item.country,
            item.link_id,
            payload=cast(Payload, payload),
            facts=facts,
            raw=item.payload,
        )
        event.of_context = self._known.get(key) or self._said(key, payload, event)
        for step in self._steps:
            outcome = step(event, self._surroundings)
            if outcome is not event:
                return outcome
        # What was read is in the columns now: let go of it, or a block holds every event twice.
        event.payload, event.facts = NO_PAYLOAD, NO_PROPERTIES
        return event

    def _said(self, key: Hashable, payload: SealedPayload, event: Event) -> ContextFacts:
        context = decode_context(payload.context) if payload.context else None
        alike = Event(0, 0, "", "", "", 0, 0, facts=event.facts, raw=event.raw)
        alike.payload = Payload(context=context, group_id=payload.group_id, category=payload.category)
        pipeline.put_context(alike, self._surroundings)
        if len(payload.context) <= _LONGEST:
            self._known = self._contexts.remember(self._surroundings, key, alike.of_context)
        return alike.of_context


@cache
def _of_event(steps: tuple[pipeline.Step, ...]) -> tuple[pipeline.Step, ...]:
    return tuple(step for step in steps if step is not pipeline.put_context)


def _key(payload: SealedPayload, facts: Properties) -> Hashable:
    """Return what stands for all that `pipeline.put_context` reads of an event, besides its surroundings."""
    context = xxh3_128_digest(payload.context, _SEED)
    if payload.group_id is payload.category is facts.url is facts.path is facts.referrer is facts.title is None:
        return context
    page = (text(facts.url), text(facts.path), text(facts.referrer), text(facts.title))
    return (context, payload.group_id, text(payload.category), *page)
