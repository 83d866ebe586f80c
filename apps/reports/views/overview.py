"""The first page: how much, from where, and how it moved."""

from dataclasses import replace
from typing import Any

from django.http import HttpResponse

from apps.orgs import api as orgs
from apps.reports import breakdown, queries, timeline, wording
from apps.reports.addresses import live_url, page_url
from apps.reports.cards import cards
from apps.reports.domain import periods
from apps.reports.frame import Frame, controls, read_frame
from apps.reports.queries import Question
from apps.reports.rules import report_page
from apps.shared.htmx import render_page

PARTS = ("report",)
REASONS_SHOWN = 4


@report_page
def overview(request: orgs.PropertyRequest) -> HttpResponse:
    """Show a goal's conversions, revenue and credit in a period."""
    frame = read_frame(request)
    context = controls(frame, request) | {
        "live_url": live_url(frame.info),
        "longest_url": frame.state.query(
            period=periods.preset_period("this_year", time_zone=frame.info.time_zone, now=frame.now)
        ),
        "is_empty": True,
    }
    if frame.state.goal_id is not None:
        context |= _figures(frame, frame.state.goal_id)
    return render_page(request, "reports/overview.html", context, parts=PARTS)


def _figures(frame: Frame, goal_id: int) -> dict[str, Any]:
    question = Question(frame.info.id, goal_id, frame.state.period, frame.state)
    earlier = replace(question, period=frame.compared) if frame.compared else None
    now, before = queries.totals(question), queries.totals(earlier) if earlier else None
    if not (now.conversions or now.refunds or frame.state.filters):
        return {"is_empty": True, "totals": now}
    links = {
        "list_url": page_url(frame.info, "conversion-list") + frame.state.query(),
        "unattributed_url": page_url(frame.info, "unattributed") + frame.state.query(filters=()),
    }
    return {
        "is_empty": False,
        "totals": now,
        "cards": cards(now, before, currency=frame.currency, **links),
        "claim": wording.CLAIMS[frame.state.method],
        "chart": timeline.timeline(frame, question, earlier),
        "exports": {
            name: page_url(frame.info, "table-export", name) + frame.state.query() for name in ("days", "breakdown")
        },
        "unattributed": _reasons(question, now.unattributed),
        **links,
        **_breakdown(frame, question, earlier),
    }


def _breakdown(frame: Frame, question: Question, earlier: Question | None) -> dict[str, Any]:
    state = frame.state
    credit = queries.credit(question, dimension=state.dimension)
    before = queries.credit(earlier, dimension=state.dimension) if earlier else []
    return {
        "rows": breakdown.breakdown_rows(state, credit, before),
        "columns": breakdown.columns(state, has_comparison=earlier is not None),
        "tabs": breakdown.tabs(state),
        "has_comparison": earlier is not None,
    }


def _reasons(question: Question, whole: int) -> list[dict[str, Any]]:
    rows = [row for row in queries.unattributed(question) if row.is_part_of_total]
    if not whole:
        return []
    return [
        {
            "title": wording.reason_of(row.reason).title,
            "advice": wording.reason_of(row.reason).advice,
            "conversions": row.conversions,
            "share": row.conversions / whole,
        }
        for row in sorted(rows, key=lambda row: -row.conversions)[:REASONS_SHOWN]
    ]
