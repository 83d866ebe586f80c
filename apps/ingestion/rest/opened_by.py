"""An app that the system opened by a link asks what the link is about: no browser followed it, so this is the click."""

import secrets

import msgspec
from django.http import HttpRequest, HttpResponse

from apps.ingestion import wiring
from apps.ingestion.domain import links
from apps.ingestion.domain.events import Kind
from apps.ingestion.domain.links import LinkInfo
from apps.ingestion.rest import answers, visitors


def answer(request: HttpRequest, link: LinkInfo) -> HttpResponse:
    """Count a click, and return its id, the place in the app, and the campaign.

    The library by which an app asks is no crawler, whatever it calls itself.
    """
    place = link.deep_link or link.destination
    carried = links.carried_in(request.META.get("QUERY_STRING", ""), lambda: wiring.own_click_ids(link.property_id))
    click_id = ""
    if request.method == "GET":
        click_id = _count(request, link, place, carried)
    campaign = {"source": link.source, "medium": link.medium, "name": link.campaign}
    about = {"clickId": click_id, "deepLink": link.deep_link, "link": link.slug, "destination": link.destination}
    return answers.document(msgspec.json.encode({**about, "campaign": campaign}), {"Cache-Control": "no-store"})


def _count(request: HttpRequest, link: LinkInfo, place: str, carried: links.Carried) -> str:
    message_id = secrets.token_hex(16)
    try:
        visitor = visitors.visitor_of(request, link, carried=carried)._replace(is_bot=False)
    except wiring.SOURCE_DOWN as error:
        return visitors.lost(link, message_id, "consent_unavailable", error)
    clicked = visitors.clicked_by(request, link, visitor, place)
    return visitors.record(link, Kind.CLICK, message_id, visitor, clicked=clicked)
