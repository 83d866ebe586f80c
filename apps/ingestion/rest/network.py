"""Clicks and impressions that an ad network reports from server to server, in the name of a link."""

import uuid
from dataclasses import replace
from typing import Any

from django.http import HttpRequest, HttpResponse

from apps.ingestion import wiring
from apps.ingestion.domain import instants, networks, places
from apps.ingestion.domain.events import Kind
from apps.ingestion.domain.links import LinkInfo
from apps.ingestion.domain.ports import LogUnavailable
from apps.ingestion.rest import answers, visitors
from apps.ingestion.rest.links import link_at
from apps.ingestion.services import Visitor

_WORDS = ("source", "medium", "campaign", "term", "content")
_KINDS = {"click": Kind.CLICK, "impression": Kind.IMPRESSION}


def report(request: HttpRequest, slug: str, kind: str) -> HttpResponse:
    """Take one report. A word that the network did not fill in says nothing."""
    link = link_at(request, slug, is_browser=False)
    if not isinstance(link, LinkInfo):
        return link
    told = {name: networks.filled(visitors.parameter(request, name)) for name in request.GET if name.isascii()}
    now = instants.now()
    try:
        occurred_at = instants.milliseconds(told["ts"]) if told.get("ts") else now
        visitor = visitors.visitor_of(
            request,
            link,
            user_agent=told.get("ua", ""),
            country=places.country_of(told.get("ip", "")),
            anonymous_id=told.get("aid", ""),
            advertising_id=networks.device_id(told.get("idfa", ""), told.get("gaid", "")),
            user_id=told.get("uid", ""),
            sends_signal=False,
            is_prefetch=False,
        )
    except instants.NotAnInstant as error:
        return answers.refused(400, "bad_time", str(error), field="ts")
    except wiring.SOURCE_DOWN:
        return answers.unavailable("consent_unavailable", "Consent cannot be looked up just now. Report it again.")
    if not instants.EARLIEST <= occurred_at <= now + instants.MOST_FUTURE:
        return answers.refused(400, "bad_time", "The time lies before the year 2000 or ahead.", field="ts")
    named = visitor._replace(is_bot=bool(told.get("ua")) and visitor.is_bot)
    words: dict[str, Any] = {name: told[name] for name in _WORDS if told.get(name)}
    about = replace(link, **words)
    named_by = networks.filled(request.GET.get("click_id", "").replace("\0", ""))
    message_id = networks.message_id(named_by, is_view=kind == "impression") if named_by else uuid.uuid4().hex
    return _recorded(about, _KINDS[kind], message_id, named, min(occurred_at, now))


def _recorded(about: LinkInfo, kind: Kind, message_id: str, visitor: Visitor, occurred_at: int) -> HttpResponse:
    try:
        recorded = visitors.recorded(about, kind, message_id, visitor, occurred_at=occurred_at)
    except LogUnavailable:
        return answers.unavailable("log_unavailable", "The report cannot be recorded just now. Report it again.")
    except wiring.SOURCE_DOWN:
        return answers.unavailable("consent_unavailable", "Consent cannot be looked up just now. Report it again.")
    if not recorded:
        return answers.refused(403, "not_recorded", "The report was not recorded: the person did not agree.")
    return HttpResponse(status=204)
