"""Links and pixels: a click sends the person on, an impression draws nothing; both are on the log before the answer."""

import secrets
from functools import partial

from django.http import HttpRequest, HttpResponse, HttpResponseBase

from apps.ingestion import wiring
from apps.ingestion.domain import links
from apps.ingestion.domain.events import Kind
from apps.ingestion.domain.links import Carried, LinkInfo
from apps.ingestion.rest import answers, deferred, opened_by, visitors, which_device
from apps.ingestion.rest.domains import domain_of, is_found_at
from apps.shared import metrics, regions

_NOTHING = (
    b"GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\x00\x00\x00\x00!\xf9\x04\x01\x00\x00\x00\x00,"
    b"\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;"
)
_AS_JSON = "application/json"  # and nothing beside it, which no browser asks for when it follows a link
_NO_STORE = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer-when-downgrade"}


def follow(request: HttpRequest, slug: str) -> HttpResponseBase:
    """Send a person on, with the id of the click in the address. An app that was opened by the link asks for JSON."""
    link = link_at(request, slug)
    if not isinstance(link, LinkInfo):
        return link
    if request.META.get("HTTP_ACCEPT", "") == _AS_JSON:
        return opened_by.answer(request, link)
    system = which_device.system_of(request, link)
    if system is None:
        return which_device.page(request)
    carried = links.carried_in(request.META.get("QUERY_STRING", ""), partial(wiring.own_click_ids, link.property_id))
    click_id = _count(request, link, Kind.CLICK, sent_to=links.chosen(link, system), carried=carried)
    if visitors.is_navigation_ahead(request):
        return answers.refused(425, "asked_ahead", "Ask when a person follows the link.", headers=_NO_STORE)
    if click_id and link.deep_link:
        deferred.keep(link, click_id)
    place = links.destination(link, click_id, system=system, carried=carried)
    return answers.with_headers(HttpResponse(status=302, headers={"Location": place}), _NO_STORE)


def pixel(request: HttpRequest, slug: str) -> HttpResponseBase:
    """Draw one transparent point."""
    link = link_at(request, slug)
    if not isinstance(link, LinkInfo):
        return link
    _count(request, link, Kind.IMPRESSION)
    return transparent_point()


def transparent_point() -> HttpResponse:
    """Return the smallest picture, which draws nothing and is asked for again each time."""
    headers = {**_NO_STORE, "Cross-Origin-Resource-Policy": "cross-origin"}  # else isolated pages would not load it
    return answers.with_headers(HttpResponse(_NOTHING, content_type="image/gif"), headers)


def link_at(request: HttpRequest, slug: str, *, is_browser: bool = True) -> LinkInfo | HttpResponse:
    """Return the link at *slug*, or the answer to a request that does not find one here.

    A browser is sent on to the link's own region; a program is told where that is.
    """
    if request.method not in ("GET", "HEAD"):
        return answers.refused(405, "wrong_method", "Links answer to GET.", headers={"Allow": "GET, HEAD"})
    try:
        link = wiring.link_of()(slug) if slug.isprintable() and len(slug) <= 60 else None
        if link is not None and not is_found_at(domain_of(request), link):
            link = None
    except wiring.SOURCE_DOWN:
        return answers.unavailable("links_unavailable", "The link cannot be looked up just now.")
    if link is None:
        return answers.refused(404, "unknown_link", "There is no such link.")
    if not regions.is_served(link.region):
        metrics.events_dropped.labels("wrong_region").inc()
        return (
            answers.elsewhere(link.region, request.get_full_path()) if is_browser else answers.misdirected(link.region)
        )
    return link


def _count(request: HttpRequest, link: LinkInfo, kind: Kind, *, sent_to: str = "", carried: Carried = ()) -> str:
    """Record what happened and return the id that may travel on; none where nothing was recorded."""
    if request.method != "GET":  # HEAD is how programs look at a link without following it
        return ""
    message_id = secrets.token_hex(16)
    try:
        visitor = visitors.visitor_of(request, link, carried=carried)
    except wiring.SOURCE_DOWN as error:
        return visitors.lost(link, message_id, "consent_unavailable", error)
    if kind is Kind.IMPRESSION:
        visitor = visitors.reader_of(visitor)
    clicked = visitors.clicked_by(request, link, visitor, sent_to) if kind is Kind.CLICK else None
    return visitors.record(link, kind, message_id, visitor, clicked=clicked)
