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
from apps.ingestion.domain.events import LONGEST_WORD, Dropped, End, Event, Surroundings
from apps.ingestion.domain.origins import Stated, origin_of
from apps.ingestion.domain.payload import Campaign, Context, Page, decode_payload
from apps.ingestion.domain.reading import facts_of, text

Step = Callable[[Event, Surroundings], Event | Dropped]

CLICK_PARAMETER = "tbclid"  # what our own links append to the landing page
LONGEST_ADDRESS = 8_192
_NO_CONTEXT, _NO_PAGE = Context(), Page()
_AMOUNTS = ("revenue", "value", "total")
_WITH_TRAITS = frozenset({"identify", "group"})
_WITH_MONEY = frozenset({"track", "spend"})
_AS_COLUMNS = frozenset({"ip", "userAgent", "locale", "page", "campaign", "consent", "gpc"})
_NO_IDS = engine.IdentityRules().ignored()
_encode = msgspec.json.Encoder().encode


class _Surrounded(msgspec.Struct, rename="camel"):
    context: dict[str, msgspec.Raw] | None = None
    group_id: str | int | None = None


_decode_fields = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode
_decode_surrounded = msgspec.json.Decoder(_Surrounded).decode


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


def put_page(event: Event, _surroundings: Surroundings) -> Event:
    """Add where it happened."""
    page, facts = _page(event), event.facts
    event.page_url = (text(page.url) or text(facts.url))[:LONGEST_ADDRESS]
    event.page_path = (text(page.path) or text(facts.path) or _path_of(event.page_url))[:LONGEST_ADDRESS]
    event.title = (text(page.title) or text(facts.title))[:LONGEST_ADDRESS]
    return event


def put_channel(event: Event, surroundings: Surroundings) -> Event:
    """Add the facts of the source: what the client states, the address, the click id, the referrer."""
    campaign = event.payload.context.campaign if event.payload.context else None
    found = origin_of(
        event.page_url,
        text(_page(event).referrer) or text(event.facts.referrer),
        surroundings.own_domains,
        surroundings.referrer_exclusions,
        _stated(campaign) if campaign else (),
        surroundings.click_ids,
    )
    event.source, event.medium, event.campaign, event.term, event.content = found.words
    event.click_id_kind, event.click_id = found.click_id_kind, found.click_id
    event.referrer_host, event.has_source, event.channel = found.referrer_host, found.has_source, found.channel
    if campaign and campaign.channel is not None:
        event.channel = text(campaign.channel)[:LONGEST_WORD] or event.channel
    return event


def put_own_click(event: Event, _surroundings: Surroundings) -> Event:
    """Add the id of the click on one of our links that led to this page."""
    if not event.click_id and f"{CLICK_PARAMETER}=" in event.page_url:
        found = event.page_url.partition(f"{CLICK_PARAMETER}=")[2]
        event.click_id_kind, event.click_id = CLICK_PARAMETER, found.split("&", 1)[0].split("#", 1)[0][:LONGEST_WORD]
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


def put_device(event: Event, surroundings: Surroundings) -> Event:
    """Add device, system, browser and language."""
    context = event.payload.context or _NO_CONTEXT
    user_agent = text(context.user_agent)
    if not user_agent and surroundings.stream_kind != "server":
        user_agent = surroundings.user_agent
    event.device, event.os, event.browser = agents.agent(user_agent)
    if event.device == "bot":  # a robot by its own word ended before; this is a program that sends for somebody
        event.device = "other"
    if context.os is not None and context.os.name:
        event.os = text(context.os.name)[:LONGEST_WORD]
    if surroundings.stream_kind in ("ios", "android") and event.device in ("", "other", "bot"):
        event.device = "tablet" if context.device and "tablet" in text(context.device.type).lower() else "mobile"
    event.locale = text(context.locale)[:64]
    return event


def put_country(event: Event, surroundings: Surroundings) -> Event:
    """Add the country of the address, and take the address itself out of what is kept.

    An address that the client states is the person's; the request's own says nothing when a server sends.
    """
    context = event.payload.context
    event.country = surroundings.country
    if context is not None and context.ip is not None and (stated := text(context.ip)):
        event.country = places.country_of(stated) or event.country
        event.raw = _without_address(bytes(event.raw), stated)
    return event


def _without_address(raw: bytes, stated: str) -> bytes:
    cleaned = raw.replace(_encode(stated), b'""')
    if len(cleaned) != len(raw):
        return cleaned
    # Written with escapes, or as a number: then the field itself is emptied.
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


def put_context(event: Event, _surroundings: Surroundings) -> Event:
    """Add what of the context is no column."""
    payload = event.payload
    event.context = _rest_of_context(event) if payload.context is not None or payload.group_id is not None else ""
    return event


DOOR: tuple[Step, ...] = (drop_without_consent, drop_bot, drop_bad_money, put_country)
WRITER: tuple[Step, ...] = (
    put_identity,
    put_page,
    put_channel,
    put_own_click,
    put_money,
    put_device,
    put_properties,
    put_context,
)
# What these add follows from the context, the group and the page among the properties, and from nothing else of the
# event; nor do the other steps read it. So events that agree in those share it: see `contexts`.
OF_CONTEXT: tuple[Step, ...] = (put_page, put_channel, put_own_click, put_device, put_context)
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
    stated = text(event.payload.context.ip) if event.payload.context else ""
    return places.country_of(stated) or surroundings.country


def _page(event: Event) -> Page:
    return (event.payload.context or _NO_CONTEXT).page or _NO_PAGE


def _stated(campaign: Campaign) -> Stated:
    fields = ("source", "medium", "name", "term", "content")
    return tuple((field, text(getattr(campaign, field))) for field in fields if getattr(campaign, field))


def _path_of(url: str) -> str:
    if not url:
        return ""
    _, slashes, rest = url.partition("//")
    path = "/" + rest.partition("/")[2] if slashes else url
    return path.partition("?")[0].partition("#")[0]


def _rest_of_context(event: Event) -> str:
    around = _decode_surrounded(event.raw)
    rest: dict[str, object] = {name: value for name, value in (around.context or {}).items() if name not in _AS_COLUMNS}
    referrer = _page(event).referrer
    if referrer:
        rest["referrer"] = text(referrer)
    if around.group_id is not None:
        rest["groupId"] = around.group_id
    return _encode(rest).decode() if rest else ""
