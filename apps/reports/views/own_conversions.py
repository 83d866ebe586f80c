"""Conversions for readers who see a part: what their own sources have credit for, and no word of the rest."""

from typing import Any

from django.http import Http404, HttpResponse
from django.utils.translation import gettext as _

from apps.attribution import api as attribution
from apps.orgs import api as orgs
from apps.reports import queries, wording
from apps.reports.addresses import page_url
from apps.reports.frame import Frame, controls, read_frame
from apps.reports.queries import Question
from apps.reports.search import Search
from apps.shared.htmx import render_page

PARTS = ("report",)


def listed(request: orgs.PropertyRequest, search: Search) -> HttpResponse:
    """List the conversions that the reader's sources have credit for, newest first."""
    frame = read_frame(request)
    context = controls(frame, request) | {"search": search, "is_empty": True}
    if frame.state.goal_id is not None and not frame.needs_training:
        question = Question(frame.info.id, frame.state.goal_id, frame.state.period, frame.state)
        page = queries.own_conversions(question, search=search.text, cursor=search.cursor)
        context |= {
            "is_empty": False,
            "rows": [_row(frame, one) for one in page.rows],
            "columns": _columns(),
            "next_url": search.query(frame, cursor=page.next_cursor) if page.next_cursor else "",
            "first_url": search.query(frame) if search.cursor else "",
            "export_url": page_url(frame.info, "table-export", "conversions") + search.query(frame),
        }
    return render_page(request, "reports/own_conversions.html", context, parts=PARTS)


def _columns() -> list[dict[str, Any]]:
    return [
        {"label": _("Time")},
        {"label": _("Order or message")},
        {"label": _("Your touchpoints")},
        {"label": _("Device")},
        {"label": _("Credit"), "is_numeric": True},
        {"label": _("Revenue"), "is_numeric": True},
    ]


def _row(frame: Frame, one: attribution.OwnConversion) -> dict[str, Any]:
    return {
        "it": one,
        "url": page_url(frame.info, "conversion-detail", one.id) + frame.state.query(),
        "name": one.order_id or one.id,
        "channels": list(dict.fromkeys(str(wording.channel_title(touch.channel)) for touch in one.touchpoints)),
    }


def shown(request: orgs.PropertyRequest, conversion_id: str) -> HttpResponse:
    """Show one of them with the reader's own touchpoints. Without credit of theirs it is not there."""
    frame = read_frame(request)
    if frame.state.goal_id is None or frame.needs_training or "\x00" in conversion_id:
        raise Http404
    found = attribution.own_conversion(
        frame.info.id, goal_id=frame.state.goal_id, conversion_id=conversion_id, method=frame.state.method
    )
    if found is None:
        raise Http404
    context = controls(frame, request) | {
        "row": _row(frame, found),
        "touchpoints": [(one, wording.channel_title(one.channel)) for one in found.touchpoints],
        "columns": _touch_columns(),
        "list_url": page_url(frame.info, "conversion-list") + frame.state.query(),
    }
    return render_page(request, "reports/own_conversion.html", context, parts=PARTS)


def _touch_columns() -> list[dict[str, Any]]:
    return [
        {"label": _("Time")},
        {"label": _("Channel")},
        {"label": _("Source")},
        {"label": _("Campaign")},
        {"label": _("Credit"), "is_numeric": True},
        {"label": _("Revenue"), "is_numeric": True},
    ]
