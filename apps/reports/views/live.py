"""Arriving events."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from apps.ingestion import api as ingestion
from apps.orgs import api as orgs
from apps.reports.addresses import live_url, page_url
from apps.reports.domain import charts
from apps.reports.event_rows import MOST_ROWS, EventRow, rows_for
from apps.reports.event_search import EventSearch, read_search, whose
from apps.reports.rules import report_page
from apps.reports.views.event_controls import controls, row_columns, waiting_rows
from apps.shared.clickhouse import StoreUnavailable
from apps.shared.htmx import render_page

PARTS = ("live_counters",)


@report_page(needs=orgs.Permission.EVENTS)
def live(request: orgs.PropertyRequest) -> HttpResponse:
    """Show the last hundred events, stored or not, and let new ones come in on top.

    While the store is away the page shows what waits on the log for it, and looks again every few seconds.
    """
    info = request.property
    search = read_search(request.GET.dict(), sees_personal=request.access.may(orgs.Permission.EVENTS_PERSONAL))
    try:
        shown = _shown(request, search)
    except StoreUnavailable:
        shown = {"is_away": True, "waiting": waiting_rows(request, search, most=MOST_ROWS)}
    context = {
        **controls(request, search),
        "live_url": live_url(info, rows="1", language=get_language() or "", **asdict(search)),
        "find_url": page_url(info, "event-find"),
        "columns": row_columns(),
        **shown,
    }
    return render_page(request, "reports/live.html", context, parts=PARTS)


def _shown(request: orgs.PropertyRequest, search: EventSearch) -> dict[str, Any]:
    info, now = request.property, timezone.now()
    minutes = ingestion.events_per_minute(info.id, now=now)
    return {
        "rows": [] if request.headers.get("HX-Target") == "live_counters" else _rows(request, search),
        "rate": ingestion.events_in_last_minute(info.id, now=now),
        "minutes": minutes[::-1],
        "minute_columns": [{"label": _("Minute")}, {"label": _("Events"), "is_numeric": True}],
        "option": _chart(minutes),
    }


def _rows(request: orgs.PropertyRequest, search: EventSearch) -> list[EventRow]:
    info = request.property
    meant = whose(info, search) if search.q else []
    wanted = meant[0] if meant else search.wanted(info.time_zone)
    found = ingestion.happenings(info.id, wanted, now=timezone.now(), limit=MOST_ROWS)
    return rows_for(info, request.access).of(found.rows)


def _chart(minutes: Sequence[ingestion.MinuteCount]) -> dict[str, Any]:
    labels = [timezone.localtime(minute.starts_at).strftime("%H:%M") for minute in minutes]
    running = [False] * (len(minutes) - 1) + [True]
    counts = {_("Events"): [float(minute.events) for minute in minutes]}
    option = charts.over_time(labels, running, counts, numbers={_("Events"): 1})
    return option | {"legend": None, "grid": {"top": 8, "bottom": 4}}
