"""Clicks on links and impressions of pixels become events like any other."""

from collections.abc import Callable
from typing import NamedTuple
from urllib.parse import urlencode

import msgspec

from apps.compliance.api import DEFAULT_RULES, Consent, ConsentRules, decide
from apps.ingestion.domain import consents, deliveries
from apps.ingestion.domain.advertising import without_advertising
from apps.ingestion.domain.deliveries import Delivery, Item
from apps.ingestion.domain.events import Dropped, End, Kind
from apps.ingestion.domain.links import Carried, LinkInfo
from apps.ingestion.domain.payload import decode_payload
from apps.ingestion.domain.ports import ConsentMemory, EventLog
from apps.ingestion.services.appending import append

# A link belongs to a property, not to a stream, and what follows it is a browser.
_NO_STREAM, _KIND = 0, "web"


class Visitor(NamedTuple):
    """Who follows a link, as far as the request tells."""

    user_agent: str
    country: str
    anonymous_id: str
    user_id: str
    is_bot: bool
    is_prefetch: bool = False
    consent: ConsentRules = DEFAULT_RULES
    sends_signal: bool = False
    memory: ConsentMemory | None = None
    advertising_id: str = ""
    carried: Carried = ()


class Clicked(NamedTuple):
    """Where a click was sent, and, where it may be a double, by what and for how long its machine is known again.

    `first` tells where the log does not: the value that stands under a name, the given one unless another came before.
    """

    sent_to: str
    name: str = ""
    milliseconds: int = 0
    first: Callable[..., str] | None = None


class Recorded(NamedTuple):
    """Under which id a click or an impression is on the log, and why it ends there, if so."""

    message_id: str
    dropped: Dropped | None


def record_link(
    link: LinkInfo,
    *,
    kind: Kind,
    message_id: str,
    visitor: Visitor,
    received_at: int,
    log: EventLog,
    occurred_at: int | None = None,
    clicked: Clicked | None = None,
) -> Recorded:
    """Put a click or an impression of *link* on the log. Raises LogUnavailable.

    Whoever is known to the sender (an e-mail's recipient) comes with an id in the address; anybody else gets the
    click's own id, which the landing page carries on. A click keeps where it was sent and by which version of the link.
    A double click goes to the log under the id of the first, so that it ends as a duplicate and both land on one page
    alike.
    """

    sent_to = clicked.sent_to if clicked else ""
    if visitor.is_bot or visitor.is_prefetch:
        visitor = _program(visitor)

    def delivery(message_id: str, dropped: Dropped | None) -> Delivery:
        payload = _payload(link, message_id, visitor, sent_to, serves_ads=serves_ads)
        items, refusals = [], []
        if dropped is None:
            items.append(Item(message_id, kind, occurred_at or received_at, payload, visitor.country, link.id))
        else:
            refusals.append(deliveries.refusal(message_id, dropped, payload))
        is_denied = dropped is not None and dropped.reason == "consent_denied"
        about = (link.property_id, _NO_STREAM, _KIND, received_at, "" if is_denied else visitor.user_agent)
        return Delivery(deliveries.VERSION, *about, items, refusals)

    dropped, serves_ads = _judged(visitor, lambda: _payload(link, message_id, visitor, sent_to))
    if dropped is not None or clicked is None or clicked.first is None:
        append(delivery(message_id, dropped), log)
        return Recorded(message_id, dropped)
    encoded = deliveries.encode(delivery(message_id, None))
    name, milliseconds = clicked.name, clicked.milliseconds
    first = log.append_first(encoded, click=name, value=message_id, milliseconds=milliseconds)
    if first != message_id:
        first = first or clicked.first(name, message_id, milliseconds=milliseconds)
        append(delivery(first, None), log)
    return Recorded(first, None)


def _program(visitor: Visitor) -> Visitor:
    """Return the program that asked, without whom the address names: nobody asked whether they agree (R8)."""
    agent = visitor.user_agent if visitor.is_bot else ""
    return visitor._replace(anonymous_id="", user_id="", advertising_id="", carried=(), user_agent=agent)


def _judged(visitor: Visitor, payload_of: Callable[[], bytes]) -> tuple[Dropped | None, bool]:
    """Return why it ends here, if so, and whether what serves advertising may be kept (R8)."""
    if visitor.is_bot:
        return Dropped(End.REFUSED, "bot", f"A crawler: {visitor.user_agent[:200]}", "User-Agent"), True
    if visitor.is_prefetch:
        return Dropped(End.REFUSED, "prefetch", "A program asked ahead of the person.", "Sec-Purpose"), True
    before = Consent.UNKNOWN
    if visitor.memory is not None and not visitor.memory.is_idle:
        payload = payload_of()
        visitor.memory.prepare([payload])
        before = visitor.memory.state_of(decode_payload(payload))
    said = decide(
        stated=Consent.UNKNOWN,
        signal=visitor.sends_signal,
        remembered=before,
        country=visitor.country,
        rules=visitor.consent,
    )
    if said is not Consent.DENIED:
        return None, said is not Consent.MEASUREMENT
    why = consents.why(consents.Stated(Consent.UNKNOWN), before, signal=visitor.sends_signal)
    return Dropped(End.REFUSED, "consent_denied", why, "consent"), False


def _payload(link: LinkInfo, message_id: str, visitor: Visitor, sent_to: str, *, serves_ads: bool = True) -> bytes:
    campaign = {
        "source": link.source,
        "medium": link.medium,
        "name": link.campaign,
        "term": link.term,
        "content": link.content,
    }
    kept: dict[str, object] = {"linkVersion": link.version}
    context: dict[str, object] = {"campaign": campaign}
    device = visitor.advertising_id if serves_ads else ""
    if sent_to:
        kept["sentTo"] = sent_to
    if visitor.advertising_id:
        kept["advertising_id"] = visitor.advertising_id
    if visitor.carried:
        context["page"] = {"url": f"/l/{link.slug}?{urlencode(visitor.carried)}"}
    payload = msgspec.json.encode(
        {
            "name": link.slug,
            "anonymousId": visitor.anonymous_id or device or ("" if visitor.user_id else message_id),
            "userId": visitor.user_id,
            "properties": kept,
            "context": context,
        }
    )
    return payload if serves_ads else without_advertising(payload)
