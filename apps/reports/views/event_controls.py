"""The controls that the live page and the search for events share."""

from dataclasses import replace
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from apps.ingestion import api as ingestion
from apps.orgs import api as orgs
from apps.reports.event_rows import EventRow, rows_for
from apps.reports.event_search import BY, KINDS, STATES, EventSearch, spellings
from apps.reports.story import words


def controls(request: orgs.PropertyRequest, search: EventSearch) -> dict[str, Any]:
    """Return the context of `reports/_event_filters.html`, and of the hint for those who have sent nothing yet."""
    streams = list(orgs.streams_of(request.property.id))
    may_see_keys = request.access.may(orgs.Permission.STREAMS_READ)
    return {
        "search": search,
        "sees_personal": request.access.may(orgs.Permission.EVENTS_PERSONAL),
        "states": [("", _("Every state")), *((one, words.state_title(one)) for one in STATES)],
        "kinds": [("", _("Every kind")), *((one, one) for one in KINDS)],
        "stream_options": [("", _("Every stream")), *((stream.pk, stream.name) for stream in streams)],
        "by_options": list(BY.items()),
        "first_stream": next((one for one in streams if one.is_active), None) if may_see_keys else None,
    }


def waiting_rows(request: orgs.PropertyRequest, search: EventSearch, *, most: int) -> list[EventRow]:
    """Return what can be listed while the store is away: what waits on the log, also of one person."""
    info = request.property
    wanted = replace(search.wanted(info.time_zone), state=ingestion.WAITING, ids=spellings(search.q))
    page = ingestion.happenings(info.id, wanted, now=timezone.now(), limit=most)
    return rows_for(info, request.access).of(page.rows)


def row_columns() -> list[dict[str, Any]]:
    """Return the columns of a table of events."""
    titles = (_("Received"), _("State"), _("Kind"), _("Name"), _("Who"), _("Page or reason"), _("Channel"), _("Device"))
    return [*({"label": title} for title in titles), {"label": _("Value"), "is_numeric": True}]


def member_columns() -> list[dict[str, Any]]:
    """Return the columns of what was sent beside what is stored."""
    return [{"label": title} for title in (_("Member"), _("As received"), _("As stored"), _("What became of it"))]
