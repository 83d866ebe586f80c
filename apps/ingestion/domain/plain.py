"""Events about which the door has nothing to decide: nearly all of them, read in one pass.

An event is plain when it reads well and every step of `pipeline.DOOR` would hand it on as it came. That alone is told
here: what is not plain is read and judged by those steps, which stay the only place that ends or changes an event.
"""

from collections.abc import Callable
from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct

from apps.ingestion.domain import agents, instants
from apps.ingestion.domain.deliveries import Item
from apps.ingestion.domain.events import Surroundings
from apps.ingestion.domain.payload import (
    LONGEST_ID,
    Context,
    Properties,
    ShortId,
    ShortName,
)
from apps.ingestion.domain.reading import NotJson, check_json, occurred_at

Read = Callable[[bytes], Item | None]

# Group and alias ask for more ids, and are few; of ad spend there is none at this door.
_KINDS = frozenset({"track", "page", "screen", "identify"})
_UNREADABLE = (msgspec.MsgspecError, UnicodeError, RecursionError, NotJson, instants.NotAnInstant)
# The most frequent ones; what others mean, and whether they mean anything, is said by the step that reads money.
_CURRENCIES = frozenset({"AUD", "BRL", "CAD", "CHF", "CNY", "EUR", "GBP", "INR", "JPY", "KZT", "PLN", "RUB", "USD"})


class _Event(Struct, rename="camel", gc=False):
    """What the door looks at, in one pass; the decoder refuses what is too long or of another type."""

    message_id: Annotated[str, Meta(min_length=1, max_length=LONGEST_ID)]
    type: str = ""
    anonymous_id: ShortId = None
    user_id: ShortId = None
    previous_id: ShortId = None
    group_id: ShortId = None
    event: ShortName = None
    name: ShortName = None
    category: Any = None  # the writer reads it
    timestamp: str | int | float | None = None
    original_timestamp: str | int | float | None = None
    sent_at: str | int | float | None = None
    context: Context | None = None
    properties: Properties | None = None


_decode = msgspec.json.Decoder(_Event).decode


def reader(
    surroundings: Surroundings,
    *,
    kind: str,
    kinds: frozenset[str],
    received_at: int,
    batch_sent_at: str | float | None,
    largest: int,
) -> Read | None:
    """Return what makes the item of a plain event, and None of any other; None where no event is plain.

    *kind* is what the address says, empty in a batch, where each event says it itself.
    """
    if not surroundings.asks_nobody:
        return None
    memory, country, allowed = surroundings.memory, surroundings.country, kinds & _KINDS
    latest = received_at + instants.MOST_FUTURE

    def item(raw: bytes) -> Item | None:
        if len(raw) > largest or not (memory is None or memory.is_idle):
            return None
        try:
            check_json(raw)
            event = _decode(raw)
            moment = occurred_at(event, batch_sent_at, received_at)
        except _UNREADABLE:
            return None
        said = kind or event.type
        if said not in allowed or not ((event.event or said != "track") and (event.anonymous_id or event.user_id)):
            return None
        if not (instants.EARLIEST <= moment <= latest and _is_free(event.context, event.properties)):
            return None
        return Item(event.message_id, said, moment if moment < received_at else received_at, raw, country)

    return item


def _is_free(context: Context | None, facts: Properties | None) -> bool:
    """Tell whether nothing is said of consent, of an address, a place, a crawler, or of money but a plain currency."""
    if context is not None:
        if not (context.consent is context.gpc is context.ip is context.location is None):
            return False
        agent = context.user_agent
        if agent is not None and (type(agent) is not str or agents.is_bot(agent)):
            return False
    if facts is None:
        return True
    code = facts.currency
    is_usual = code is None or (type(code) is str and code in _CURRENCIES)
    return is_usual and facts.revenue is facts.value is facts.total is None
