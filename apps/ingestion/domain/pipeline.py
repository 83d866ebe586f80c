"""The way of an event: named steps, each of which adds to it or ends it.

The door runs what can end an event, so that its answer is truthful; the writer runs what only adds facts, so that the
client does not wait for them. An import runs both. `benchmarks/collect.py` and `writer.py` measure the two halves.
"""

from collections.abc import Callable

import msgspec
from xxhash import xxh64_intdigest

import attribution as engine
from apps.compliance.api import BadConsentString, Consent
from apps.ingestion.domain import agents, consents, money, places
from apps.ingestion.domain.advertising import without_advertising
from apps.ingestion.domain.context_facts import context_facts, rest_of_context
from apps.ingestion.domain.events import LONGEST_WORD, Dropped, End, Event, Surroundings
from apps.ingestion.domain.payload import decode_payload
from apps.ingestion.domain.reading import facts_of, text

Step = Callable[[Event, Surroundings], Event | Dropped]

_AMOUNTS = ("revenue", "value", "total")
_WITH_TRAITS = frozenset({"identify", "group"})
_WITH_MONEY = frozenset({"track", "spend"})
_NO_IDS = engine.IdentityRules().ignored()
_encode = msgspec.json.Encoder().encode
_decode_fields = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode


def run(event: Event, surroundings: Surroundings, steps: tuple[Step, ...]) -> Event | Dropped:
    """Pass one event through *steps*, each of which fills it in place, stopping at the first that drops it instead."""
    for step in steps:
        outcome = step(event, surroundings)
        if outcome is not event:
            return outcome
    return event


def drop_without_consent(event: Event, surroundings: Surroundings) -> Event | Dropped:
    """End what a person did not agree to, and remember what they said (R8). Ad spend is nobody's."""
    payload, memory = event.payload, surroundings.memory
    context = payload.context
    is_silent = context is None or (context.consent is None and context.gpc is None)
    if is_silent and surroundings.asks_nobody and (memory is None or memory.is_idle):
        return event  # as nearly all of them: the rest of this costs microseconds
    if event.kind == "spend":
        return event
    rules = surroundings.consent
    try:
        said = consents.stated(context, at=event.occurred_at, months=rules.tcf_months)
    except BadConsentString as error:
        return Dropped(End.REFUSED, "bad_consent", str(error), "context.consent")
    before = consents.remembered(memory, payload, said) if memory is not None else Consent.UNKNOWN
    country = _country(event, surroundings) if rules.asks_in else ""
    signal = surroundings.sends_signal or consents.signals(context)
    agreed = consents.agreed(said, before, signal=signal, country=country, rules=rules)
    if agreed is Consent.MEASUREMENT:
        return _for_measurement_alone(event)
    if agreed is Consent.GRANTED:
        return event
    return Dropped(End.REFUSED, "consent_denied", consents.why(said, before, signal=signal), "context.consent")


def _for_measurement_alone(event: Event) -> Event:
    """Take out what serves advertising, before anything of the event is kept."""
    raw = bytes(event.raw)
    cleaned = without_advertising(raw)
    if cleaned is not raw:
        event.raw, event.payload = cleaned, decode_payload(cleaned)
        event.facts = facts_of(event.payload)
    return event


def drop_bot(event: Event, _surroundings: Surroundings) -> Event | Dropped:
    """End what a crawler did. Judged by the user agent that the client states; a server's own library is no visitor."""
    stated = event.payload.context.user_agent if event.payload.context else None
    if isinstance(stated, str) and stated and agents.is_bot(stated):
        return Dropped(End.REFUSED, "bot", f"A crawler: {stated[:200]}", "context.userAgent")
    return event


def drop_bad_money(event: Event, _surroundings: Surroundings) -> Event | Dropped:
    """Quarantine an amount that cannot be added up: it is worth a look, and no figure may hold it."""
    if event.kind not in _WITH_MONEY:
        return event
    facts = event.facts
    if not (facts.revenue is facts.value is facts.total is None):
        bad = _read_amount(event)
        if bad is not None:
            return bad
    if event.kind == "spend" and (event.value is None or event.value < 0):
        return Dropped(End.QUARANTINED, "bad_amount", "Ad spend is an amount from 0 on.", "properties.value")
    if facts.currency is None:
        return event
    try:
        event.currency = money.currency_code(facts.currency)
    except money.NotMoney as error:
        return Dropped(End.QUARANTINED, "bad_currency", str(error), "properties.currency")
    return event


def put_identity(event: Event, surroundings: Surroundings) -> Event:
    """Add the ids and their hashes: device first by its anonymous id, person first by the user id.

    What programs write where an id is missing is kept as sent and joins nobody.
    """
    payload = event.payload
    event.property_id, event.stream_id = surroundings.property_id, surroundings.stream_id
    anonymous_id, user_id = payload.anonymous_id, payload.user_id
    if type(anonymous_id) is not str:
        anonymous_id = text(anonymous_id) if anonymous_id is not None else ""
    if type(user_id) is not str:
        user_id = text(user_id) if user_id is not None else ""
    event.anonymous_id, event.user_id = anonymous_id, user_id
    if payload.previous_id is not None:
        event.previous_id = text(payload.previous_id)
    if event.kind == "spend":  # it is nobody's
        return event
    if anonymous_id in _NO_IDS:
        anonymous_id = ""
    if user_id in _NO_IDS:
        user_id = ""
    event.device_key = event.person_key = device_key(anonymous_id, user_id)
    if anonymous_id and user_id:  # with one id alone both keys are the same
        event.person_key = person_key(anonymous_id, user_id)
    return event


def put_money(event: Event, surroundings: Surroundings) -> Event:
    """Add value, currency and order. What was sent without a currency is in the property's."""
    if event.kind not in _WITH_MONEY:
        return event
    facts = event.facts
    if not (facts.order_id is facts.orderId is None):
        event.order_id = (text(facts.order_id) or text(facts.orderId))[:LONGEST_WORD]
    if event.value is not None:
        event.currency = event.currency or surroundings.currency
        if event.name == "Order Refunded":
            event.value = -abs(event.value)
    return event


def put_country(event: Event, surroundings: Surroundings) -> Event:
    """Add the country, and take the address out of what is kept.

    A place or an address that the client states is the person's; the request's own says nothing when a server sends.
    """
    context = event.payload.context
    event.country = _country(event, surroundings)
    if context is not None and context.ip is not None and (stated := text(context.ip)):
        event.raw = _without_address(bytes(event.raw), stated)
    return event


def _without_address(raw: bytes, stated: str) -> bytes:
    if places.is_address(stated):
        cleaned = raw.replace(_encode(stated), b'""')
        if len(cleaned) != len(raw):
            return cleaned
    # Written with escapes, or as a number, or no address but a word that may stand anywhere: the field is emptied.
    fields = _decode_fields(raw)
    context = {**_decode_fields(fields["context"]), "ip": msgspec.Raw(b'""')}
    return _encode({**fields, "context": context})


def put_properties(event: Event, _surroundings: Surroundings) -> Event:
    """Add the properties as sent, of identify and group the traits."""
    payload = event.payload
    if event.kind in _WITH_TRAITS:
        properties = payload.traits or payload.properties
    else:
        properties = payload.properties or payload.traits
    event.properties = str(properties, "utf-8") if properties else ""
    return event


def put_context(event: Event, surroundings: Surroundings) -> Event:
    """Add the facts of the context, all at once: what remembers them leaves this step out, see `contexts`."""
    payload = event.payload
    context, rest = payload.context, ""
    if context is not None or payload.group_id is not None or payload.category is not None:
        rest = rest_of_context(event.raw, context)
    event.of_context = context_facts(context, event.facts, surroundings, rest)
    return event


DOOR: tuple[Step, ...] = (drop_without_consent, drop_bot, drop_bad_money, put_country)
WRITER: tuple[Step, ...] = (put_identity, put_money, put_properties, put_context)
STEPS: tuple[Step, ...] = (*DOOR, *WRITER)
# `drop_bad_money` reads the amount along the way; the other judgements stand, for the door has given its answer.
AFTER_DOOR: tuple[Step, ...] = (drop_bad_money, *WRITER)


def device_key(anonymous_id: str, user_id: str) -> int:
    """Return the key of the machine that an event came from."""
    return xxh64_intdigest((f"a:{anonymous_id}" if anonymous_id else f"u:{user_id}").encode())


def person_key(anonymous_id: str, user_id: str) -> int:
    """Return the key of the person as far as this event alone knows."""
    return xxh64_intdigest((f"u:{user_id}" if user_id else f"a:{anonymous_id}").encode())


def _read_amount(event: Event) -> Dropped | None:
    for field in _AMOUNTS:
        try:
            event.value = money.amount(getattr(event.facts, field))
        except money.NotMoney as error:
            return Dropped(End.QUARANTINED, "bad_amount", str(error), f"properties.{field}")
        if event.value is not None:
            break
    return None


def _country(event: Event, surroundings: Surroundings) -> str:
    context = event.payload.context
    if context is None:
        return surroundings.country
    return places.country_said(context.location) or places.country_of(text(context.ip)) or surroundings.country
