"""Clicks on links and impressions of pixels become events like any other."""

from typing import NamedTuple

import msgspec

from apps.ingestion.domain import deliveries
from apps.ingestion.domain.deliveries import Delivery, Item
from apps.ingestion.domain.events import Dropped, End, Kind
from apps.ingestion.domain.links import LinkInfo
from apps.ingestion.domain.ports import EventLog

# A link belongs to a property, not to a stream, and what follows it is a browser.
_NO_STREAM, _KIND = 0, "web"


class Visitor(NamedTuple):
    """Who follows a link, as far as the request tells."""

    user_agent: str
    country: str
    anonymous_id: str
    user_id: str
    is_bot: bool


def record_link(
    link: LinkInfo, *, kind: Kind, message_id: str, visitor: Visitor, received_at: int, log: EventLog
) -> None:
    """Put a click or an impression of *link* on the log. Raises LogUnavailable.

    Whoever is known to the sender (an e-mail's recipient) comes with an id in the address; anybody else gets the
    click's own id, which the landing page carries on.
    """
    payload = _payload(link, message_id, visitor)
    items, refusals = [], []
    if visitor.is_bot:
        bot = Dropped(End.REFUSED, "bot", f"A crawler: {visitor.user_agent[:200]}", "User-Agent")
        refusals.append(deliveries.refusal(message_id, bot, payload))
    else:
        items.append(Item(message_id, kind, received_at, payload, visitor.country, link.id))
    about = (link.property_id, _NO_STREAM, _KIND, received_at, visitor.user_agent)
    log.append(deliveries.encode(Delivery(deliveries.VERSION, *about, items, refusals)))


def _payload(link: LinkInfo, message_id: str, visitor: Visitor) -> bytes:
    campaign = {
        "source": link.source,
        "medium": link.medium,
        "name": link.campaign,
        "term": link.term,
        "content": link.content,
    }
    return msgspec.json.encode(
        {
            "name": link.slug,
            "anonymousId": visitor.anonymous_id or ("" if visitor.user_id else message_id),
            "userId": visitor.user_id,
            "context": {"campaign": campaign},
        }
    )
