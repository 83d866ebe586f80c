"""Links and pixels: a click sends the person on, an impression draws nothing; both are on the log before the answer."""

import time
import uuid
from collections.abc import Callable

import structlog
from django.http import HttpRequest, HttpResponse, HttpResponseBase

from apps.ingestion import services, wiring
from apps.ingestion.domain import agents, links, places
from apps.ingestion.domain.events import Kind
from apps.ingestion.domain.links import LinkInfo
from apps.ingestion.domain.ports import LogUnavailable
from apps.ingestion.rest import answers, senders
from apps.shared import metrics

log = structlog.get_logger(__name__)
_NOTHING = (
    b"GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\x00\x00\x00!\xf9\x04\x01\x00\x00\x00\x00,"
    b"\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;"
)
_LONGEST_ID = 200
_NO_STORE = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer-when-downgrade"}
Respond = Callable[[LinkInfo, str], HttpResponse]


def follow(request: HttpRequest, slug: str) -> HttpResponseBase:
    """Send a person on, with the id of the click in the address."""
    return _count(request, slug, Kind.CLICK, _redirect)


def pixel(request: HttpRequest, slug: str) -> HttpResponseBase:
    """Draw one transparent point."""
    return _count(request, slug, Kind.IMPRESSION, lambda _link, _id: transparent_point())


def transparent_point() -> HttpResponse:
    """Return the smallest picture, which draws nothing and is asked for again each time."""
    return answers.with_headers(HttpResponse(_NOTHING, content_type="image/gif"), _NO_STORE)


def _count(request: HttpRequest, slug: str, kind: Kind, respond: Respond) -> HttpResponse:
    if request.method not in ("GET", "HEAD"):
        return answers.refused(405, "wrong_method", "Links answer to GET.", headers={"Allow": "GET, HEAD"})
    try:
        link = wiring.link_of()(slug) if slug.isprintable() and len(slug) <= 60 else None
    except wiring.SOURCE_DOWN:
        return answers.unavailable("links_unavailable", "The link cannot be looked up just now.")
    if link is None:
        return answers.refused(404, "unknown_link", "There is no such link.")
    message_id = uuid.uuid4().hex
    # HEAD is how programs look at a link without following it.
    if request.method == "GET" and not _record(request, link, kind, message_id):
        message_id = ""
    return answers.with_headers(respond(link, message_id), _NO_STORE)


def _record(request: HttpRequest, link: LinkInfo, kind: Kind, message_id: str) -> bool:
    """Put the event on the log, and tell whether its id may travel on.

    Without the log, or where consent cannot be looked up, the person is sent on all the same, and the loss is counted.
    """
    user_agent = request.META.get("HTTP_USER_AGENT", "")[:1024]
    try:
        rules = wiring.consent_rules_of()(link.property_id)
        memory = wiring.consent_memory(link.property_id, rules)
    except wiring.SOURCE_DOWN as error:
        return _lost(link, message_id, "consent_unavailable", error)
    visitor = services.Visitor(
        user_agent=user_agent,
        country=places.country_of(senders.address(request)),
        anonymous_id=_id(request, "aid"),
        user_id=_id(request, "uid"),
        is_bot=agents.is_bot(user_agent),
        consent=rules,
        sends_signal=senders.sends_signal(request),
        memory=memory,
    )
    try:
        dropped = services.record_link(
            link,
            kind=kind,
            message_id=message_id,
            visitor=visitor,
            received_at=time.time_ns() // 1_000_000,
            log=wiring.event_log(),
        )
    except LogUnavailable as error:
        return _lost(link, message_id, "log_unavailable", error)
    except wiring.SOURCE_DOWN as error:
        return _lost(link, message_id, "consent_unavailable", error)
    metrics.events_processed.labels("accepted" if dropped is None else "refused").inc()
    if dropped is not None:
        metrics.events_dropped.labels(dropped.reason).inc()
    return dropped is None or dropped.reason != "consent_denied"


def _lost(link: LinkInfo, message_id: str, reason: str, error: Exception) -> bool:
    metrics.events_processed.labels("lost").inc()
    metrics.events_dropped.labels(reason).inc()
    log.error("links.not_recorded", link_id=link.id, message_id=message_id, reason=reason, error=str(error))
    return False


def _id(request: HttpRequest, name: str) -> str:
    return request.GET.get(name, "").replace("\0", "")[:_LONGEST_ID]


def _redirect(link: LinkInfo, click_id: str) -> HttpResponse:
    return HttpResponse(status=302, headers={"Location": links.destination(link, click_id)})
