"""Find my event: by its id the whole way of one, by a person the list of theirs, else whatever came (R9)."""

from collections.abc import Callable
from typing import Any

from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.ingestion import api as ingestion
from apps.orgs import api as orgs
from apps.reports.addresses import page_url
from apps.reports.event_rows import rows_for
from apps.reports.event_search import EventSearch, id_in, read_search, spellings, whose
from apps.reports.rules import report_page
from apps.reports.story import Story, story, words
from apps.reports.views.event_controls import controls, member_columns, row_columns, waiting_rows
from apps.shared.clickhouse import StoreUnavailable
from apps.shared.htmx import render_page

FIND_PARTS = ("found",)
ON_A_PAGE = 50
REASON_DAYS = 7
SHOWN_CALLS = 20
Find = Callable[..., ingestion.FoundEvent]


@report_page(needs=orgs.Permission.EVENTS)
def event_find(request: orgs.PropertyRequest) -> HttpResponse:
    """Tell what became of an event, or list those that are meant."""
    info = request.property
    search = read_search(request.GET.dict(), sees_personal=request.access.may(orgs.Permission.EVENTS_PERSONAL))
    message_id = id_in(request.GET.dict(), "message_id")
    cursor = request.GET.get("cursor", "")
    is_away = False
    try:
        told = _told(request, search, message_id)
        listed = {} if message_id else _list(request, search, cursor)
    except StoreUnavailable:
        is_away = True
        told = _told(request, search, message_id, find=ingestion.find_waiting)
        listed = {"rows": waiting_rows(request, search, most=ON_A_PAGE)}
    context: dict[str, Any] = {
        **controls(request, search),
        "message_id": message_id,
        "live_page_url": page_url(info, "live"),
        "story": told if told and told.is_known else None,
        "is_unknown": bool(message_id) and not is_away and not (told and told.is_known),
        "is_away": is_away,
        "columns": row_columns(),
        "member_columns": member_columns(),
        **listed,
    }
    return render_page(request, "reports/event.html", context, parts=FIND_PARTS)


def _told(
    request: orgs.PropertyRequest, search: EventSearch, message_id: str, *, find: Find = ingestion.find_event
) -> Story | None:
    asked = message_id or (search.q if search.by in ("", "message") else "")
    told = None
    for one in spellings(asked):
        told = story(request.property, find(request.property.id, message_id=one), access=request.access)
        if told.is_known:
            break
    return told


def _list(request: orgs.PropertyRequest, search: EventSearch, cursor: str) -> dict[str, Any]:
    info, now = request.property, timezone.now()
    page = ingestion.HappeningPage(())
    meant = whose(info, search) if search.q else [search.wanted(info.time_zone)]
    for wanted in meant:
        page = ingestion.happenings(info.id, wanted, now=now, cursor=cursor, limit=ON_A_PAGE)
        if page.rows:
            break
    is_plain = not search.is_narrowed and not cursor
    return {
        "rows": rows_for(info, request.access).of(page.rows),
        "next_url": search.query(cursor=page.next_cursor) if page.next_cursor else "",
        "first_url": search.query() if cursor else "",
        "is_empty": is_plain and not page.rows,
        "ends": _ends(info) if is_plain else [],
        "turned_away": _turned_away(info) if is_plain else [],
        "turned_columns": [{"label": one} for one in (_("When"), _("Answer"), _("Stream"))],
        "end_days": REASON_DAYS,
        "end_columns": [{"label": _("Reason")}, {"label": _("State")}, {"label": _("Events"), "is_numeric": True}],
    }


def _turned_away(info: orgs.PropertyInfo) -> list[dict[str, Any]]:
    """Return the last calls that were not taken, each with its reason."""
    names = {stream.pk: stream.name for stream in orgs.streams_of(info.id)}
    return [
        {"row": one, "stream": names.get(one.stream_id, ""), "end": words.end_of(one.reason)}
        for one in ingestion.last_turned_away(info.id, most=SHOWN_CALLS)
    ]


def _ends(info: orgs.PropertyInfo) -> list[dict[str, Any]]:
    return [
        {
            "reason": end.reason,
            "sentence": words.end_of(end.reason).sentence,
            "advice": words.end_of(end.reason).advice,
            "title": words.state_title(end.outcome),
            "tone": words.TONES.get(end.outcome, ""),
            "events": end.events,
            "url": EventSearch(state=end.outcome).query(),
        }
        for end in ingestion.ends_by_reason(info.id, now=timezone.now(), days=REASON_DAYS)
    ]
