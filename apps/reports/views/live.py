"""Arriving events, and the way of a single one."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.attribution import api as attribution
from apps.ingestion import api as ingestion
from apps.orgs import api as orgs
from apps.reports import event_story
from apps.reports.addresses import live_url, page_url
from apps.reports.domain import charts
from apps.reports.live_rows import MOST_ROWS, row_of
from apps.reports.rules import report_page
from apps.shared.htmx import render_page

PARTS = ("live_counters",)
FIND_PARTS = ("story",)
KINDS = ("track", "page", "screen", "identify", "group", "alias", "click", "impression")
LONGEST = 300


def _text(request: orgs.PropertyRequest, name: str) -> str:
    return request.GET.get(name, "").strip().replace("\x00", "")[:LONGEST]


@report_page(needs=orgs.Permission.EVENTS)
def live(request: orgs.PropertyRequest) -> HttpResponse:
    """Show the last hundred events and let new ones come in on top."""
    info, now, name = request.property, timezone.now(), _text(request, "name")
    kind = _text(request, "kind")
    kind = kind if kind in KINDS else ""
    minutes = ingestion.events_per_minute(info.id, now=now)
    is_counting = request.headers.get("HX-Target") == "live_counters"
    events = [] if is_counting else ingestion.recent_events(info.id, now=now, kind=kind, name=name, limit=MOST_ROWS)
    context = {
        "live_url": live_url(info, rows="1", kind=kind, name=name),
        "find_url": page_url(info, "event-find"),
        "rows": [row_of(info, asdict(event)) for event in events],
        "columns": _columns(),
        "kinds": [("", _("Every kind")), *((one, one) for one in KINDS)],
        "kind": kind,
        "name": name,
        "rate": ingestion.events_in_last_minute(info.id, now=now),
        "minutes": minutes[::-1],
        "minute_columns": [{"label": _("Minute")}, {"label": _("Events"), "is_numeric": True}],
        "option": _chart(minutes),
    }
    return render_page(request, "reports/live.html", context, parts=PARTS)


def _chart(minutes: Sequence[ingestion.MinuteCount]) -> dict[str, Any]:
    labels = [timezone.localtime(minute.starts_at).strftime("%H:%M") for minute in minutes]
    running = [False] * (len(minutes) - 1) + [True]
    counts = {_("Events"): [float(minute.events) for minute in minutes]}
    option = charts.over_time(labels, running, counts, numbers={_("Events"): 1})
    return option | {"legend": None, "grid": {"top": 8, "bottom": 4}}


def _columns() -> list[dict[str, Any]]:
    words = [_("Received"), _("Kind"), _("Name"), _("Who"), _("Page"), _("Channel"), _("Device")]
    return [*({"label": word} for word in words), {"label": _("Value"), "is_numeric": True}]


@report_page(needs=orgs.Permission.EVENTS)
def event_find(request: orgs.PropertyRequest) -> HttpResponse:
    """Tell what became of a message id, stage by stage."""
    info, message_id = request.property, _text(request, "message_id")
    context: dict[str, Any] = {"message_id": message_id, "live_page_url": page_url(info, "live"), "story": None}
    if message_id:
        found = ingestion.find_event(info.id, message_id=message_id)
        context["story"] = event_story.story(info, found, attribution.freshness(info.id))
    return render_page(request, "reports/event.html", context, parts=FIND_PARTS)
