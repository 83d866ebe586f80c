"""Who follows a link, as far as a request tells, and putting what they did on the log."""

import hashlib
import time
from typing import Any

import structlog
from django.conf import settings
from django.http import HttpRequest

from apps.ingestion import services, wiring
from apps.ingestion.domain import agents, places
from apps.ingestion.domain.events import Kind
from apps.ingestion.domain.links import LinkInfo
from apps.ingestion.domain.payload import LONGEST_ID
from apps.ingestion.domain.ports import LogUnavailable
from apps.ingestion.rest import senders
from apps.ingestion.services import Clicked, Visitor
from apps.shared import metrics

log = structlog.get_logger(__name__)
_accepted = metrics.events_processed.labels("accepted")
_PERSON = ("anonymous_id", "user_id", "advertising_id")
_FEW = 20  # parameters; from there on Django counts them, and refuses too many
# What browsers and apps say when they fetch a page that nobody has asked for yet.
_AHEAD = ("HTTP_SEC_PURPOSE", "HTTP_PURPOSE", "HTTP_X_PURPOSE", "HTTP_X_MOZ")


def visitor_of(request: HttpRequest, link: LinkInfo, **known: Any) -> Visitor:
    """Return who asks for *link*; *known* is what somebody else says of them. Raises one of wiring.SOURCE_DOWN."""
    user_agent = known.pop("user_agent", "") or request.META.get("HTTP_USER_AGENT", "")[:1024]
    rules = wiring.consent_rules_of()(link.property_id)
    told = {
        "country": places.country_of(senders.address(request)),
        "anonymous_id": parameter(request, "aid"),
        "user_id": parameter(request, "uid"),
        "sends_signal": senders.sends_signal(request),
        "is_prefetch": is_prefetch(request),
    }
    said = {**told, **known}
    said |= {name: "" for name in _PERSON if len(said.get(name, "")) > LONGEST_ID}  # cut off it would be another's
    return Visitor(
        user_agent=user_agent,
        is_bot=agents.is_bot(user_agent),
        consent=rules,
        memory=wiring.consent_memory(link.property_id, rules),
        **said,
    )


def reader_of(visitor: Visitor) -> Visitor:
    """Return who draws a picture: the program of a mailbox does so when a person opens a mail, and stands for them."""
    if not agents.draws_mail(visitor.user_agent):
        return visitor
    country = "" if agents.asks_from_elsewhere(visitor.user_agent) else visitor.country
    return visitor._replace(is_bot=False, country=country)


def record(
    link: LinkInfo,
    kind: Kind,
    message_id: str,
    visitor: Visitor,
    *,
    clicked: Clicked | None = None,
) -> str:
    """Put the event on the log, and return the id that may travel on, which is empty where none may.

    Without the log, or where consent cannot be looked up, the loss is counted, and the person is not held up by it.
    """
    try:
        return recorded(link, kind, message_id, visitor, clicked=clicked)
    except LogUnavailable as error:
        return lost(link, message_id, "log_unavailable", error)
    except wiring.SOURCE_DOWN as error:
        return lost(link, message_id, "consent_unavailable", error)


def recorded(
    link: LinkInfo,
    kind: Kind,
    message_id: str,
    visitor: Visitor,
    *,
    occurred_at: int | None = None,
    clicked: Clicked | None = None,
) -> str:
    """Put the event on the log, and return its id, which is empty where none may travel on.

    Raises LogUnavailable, or one of wiring.SOURCE_DOWN: then nothing was recorded, and a program can send it again.
    """
    found, dropped = services.record_link(
        link,
        kind=kind,
        message_id=message_id,
        visitor=visitor,
        received_at=time.time_ns() // 1_000_000,
        occurred_at=occurred_at,
        clicked=clicked,
        log=wiring.event_log(link.region),
    )
    if dropped is None:
        _accepted.inc()
        return found
    metrics.events_processed.labels("refused").inc()
    metrics.events_dropped.labels(dropped.reason).inc()
    return found if dropped.reason == "bot" else ""


def lost(link: LinkInfo, message_id: str, reason: str, error: Exception) -> str:
    """Count an event that could not be recorded; no id of it may travel on."""
    metrics.events_processed.labels("lost").inc()
    metrics.events_dropped.labels(reason).inc()
    log.error("links.not_recorded", link_id=link.id, message_id=message_id, reason=reason, error=str(error))
    return ""


def clicked_by(request: HttpRequest, link: LinkInfo, visitor: Visitor, sent_to: str) -> Clicked:
    """Return what is known of a click, and of a person's by what a second one of the same machine is known."""
    window = settings.INGESTION_DOUBLE_CLICK_MS
    if not window or visitor.is_bot or visitor.is_prefetch:
        return Clicked(sent_to)
    machine = (
        senders.address(request),
        request.META.get("HTTP_USER_AGENT", ""),
        visitor.anonymous_id,
        visitor.user_id,
    )
    who = hashlib.blake2b(repr(machine).encode(errors="replace"), key=settings.SECRET_KEY.encode()[:64], digest_size=12)
    return Clicked(sent_to, f"click:{link.id}:{who.hexdigest()}", window, wiring.marks(link.region).first)


def is_prefetch(request: HttpRequest) -> bool:
    """Tell whether a program asks ahead, for a person who may never come."""
    return any(
        "prefetch" in said or "preview" in said or "prerender" in said
        for name in _AHEAD
        if (said := request.META.get(name, "").lower())
    )


def is_navigation_ahead(request: HttpRequest) -> bool:
    """Tell whether a browser would show what it fetches now to its person later, without asking again.

    No person's click would be heard of. Chromium keeps no answer that is an error, and asks anew (ADR 0126).
    """
    purpose, mode = request.META.get("HTTP_SEC_PURPOSE", ""), request.META.get("HTTP_SEC_FETCH_MODE", "")
    return "prefetch" in purpose.lower() and mode.lower() == "navigate"


def parameter(request: HttpRequest, name: str) -> str:
    """Return a parameter of the address, short and without what no store can hold."""
    query = request.META.get("QUERY_STRING", "")
    is_coded = "%" in query or "+" in query or not query.isascii() or query.count("&") > _FEW
    found = request.GET.get(name, "") if is_coded else _last(query, name)
    return found.replace("\0", "")[: LONGEST_ID + 1]


def _last(query: str, name: str) -> str:
    """Return what Django would of a query in which nothing is coded, without taking all of it apart."""
    for part in reversed(query.split("&")):
        said, _, value = part.partition("=")
        if said == name:
            return value
    return ""
