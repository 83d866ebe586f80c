"""The conversions one by one, and the journey that led to each."""

from typing import Any

from django.http import Http404, HttpResponse
from django.utils.translation import gettext as _

from apps.attribution import api as attribution
from apps.orgs import api as orgs
from apps.reports import decided, journeys, queries, wording
from apps.reports.addresses import event_url, live_url, page_url
from apps.reports.domain.charts import channel_number
from apps.reports.frame import Frame, controls, read_frame
from apps.reports.queries import Question
from apps.reports.rules import report_page
from apps.reports.search import Search, read_search
from apps.reports.views import own_conversions
from apps.shared.htmx import render_page

LIST_PARTS = ("report",)
DETAIL_PARTS = ("report",)


@report_page(needs=orgs.Permission.CONVERSIONS)
def conversion_list(request: orgs.PropertyRequest) -> HttpResponse:
    """List the conversions of a period, newest first; to who sees a part, those that it has credit for."""
    if not request.access.may(orgs.Permission.JOURNEYS):
        return own_conversions.listed(request, read_search(request.GET))
    frame, search = read_frame(request), read_search(request.GET)
    context = controls(frame, request) | {"live_url": live_url(frame.info), "search": search, "is_empty": True}
    if frame.state.goal_id is not None and not frame.needs_training:
        context |= _page(frame, frame.state.goal_id, search)
    return render_page(request, "reports/conversions.html", context, parts=LIST_PARTS)


def _page(frame: Frame, goal_id: int, search: Search) -> dict[str, Any]:
    question = Question(frame.info.id, goal_id, frame.state.period, frame.state)
    page = queries.conversions(question, reason=search.reason, search=search.text, cursor=search.cursor)
    is_narrowed = bool(search.text or search.reason or search.cursor or frame.state.filters)
    return {
        "is_empty": not page.rows and not is_narrowed,
        "columns": _columns(),
        "rows": [_row(frame, row) for row in page.rows],
        "next_url": search.query(frame, cursor=page.next_cursor) if page.next_cursor else "",
        "first_url": search.query(frame) if search.cursor else "",
        "channel_options": [("", _("Every channel")), *wording.CHANNELS.items()],
        "reason_options": [("", _("With and without credit")), *_reason_options()],
        "channel": dict(frame.state.filters).get("channel", ""),
        "export_url": page_url(frame.info, "table-export", "conversions") + search.query(frame),
    }


def _reason_options() -> list[tuple[str, str]]:
    return [
        (code, _("Unattributed: %(reason)s") % {"reason": wording.REASONS[code].title})
        for code in ("no_touchpoint", "outside_window", "identity_missing")
    ] + [(code, str(wording.REASONS[code].title)) for code in ("direct_only", "repeat")]


def _columns() -> list[dict[str, Any]]:
    return [
        {"label": _("Time")},
        {"label": _("Order or message")},
        {"label": _("Most credit")},
        {"label": _("Touchpoints"), "is_numeric": True},
        {"label": _("Device")},
        {"label": _("Value"), "is_numeric": True},
    ]


def _row(frame: Frame, row: attribution.ConversionRow) -> dict[str, Any]:
    return {
        "it": row,
        "url": page_url(frame.info, "conversion-detail", row.id) + frame.state.query(),
        "name": row.order_id or row.id,
        "channel": wording.channel_title(row.channel),
        "number": channel_number(row.channel),
        "reason": wording.reason_of(row.reason).title if row.reason else "",
        "currency": row.currency or frame.currency,
    }


@report_page(needs=orgs.Permission.CONVERSIONS)
def conversion_detail(request: orgs.PropertyRequest, conversion_id: str) -> HttpResponse:
    """Show one conversion with everything that led to it and why each touchpoint earned what it did."""
    if not request.access.may(orgs.Permission.JOURNEYS):
        return own_conversions.shown(request, conversion_id)
    frame = read_frame(request)
    if frame.state.goal_id is None or "\x00" in conversion_id:
        raise Http404
    if frame.needs_training:
        return render_page(request, "reports/untrained.html", controls(frame, request), parts=DETAIL_PARTS)
    question = Question(frame.info.id, frame.state.goal_id, frame.state.period, frame.state)
    detail = queries.journey(question, conversion_id=conversion_id)
    if detail is None:
        raise Http404
    context = controls(frame, request) | journeys.journey(frame, detail)
    context["event_url"] = event_url(frame.info, conversion_id)
    context["decisions"] = decided.trace(frame.info.id, conversion_id)
    context["list_url"] = page_url(frame.info, "conversion-list") + frame.state.query()
    return render_page(request, "reports/conversion.html", context, parts=DETAIL_PARTS)
