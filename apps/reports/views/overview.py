"""The first page: how much, from where, and how it moved."""

from dataclasses import replace
from typing import Any

from django.http import HttpResponse

from apps.attribution import api as attribution
from apps.orgs import api as orgs
from apps.reports import breakdown, cards, queries, timeline, wording
from apps.reports.addresses import live_url, page_url
from apps.reports.domain import periods
from apps.reports.domain.spend import Spend, cost_per_conversion, return_on_spend
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
    if frame.state.goal_id is not None and not frame.needs_training:
        context |= _figures(frame, frame.state.goal_id)
    return render_page(request, "reports/overview.html", context, parts=PARTS)


def _figures(frame: Frame, goal_id: int) -> dict[str, Any]:
    question = Question(frame.info.id, goal_id, frame.state.period, frame.state)
    earlier = replace(question, period=frame.compared) if frame.compared else None
    found = queries.overview(question, earlier)
    spend = queries.spend(question, currency=frame.currency)
    now, before = found.now.totals, found.before
    if not (now.conversions or now.refunds or frame.state.filters or spend):
        return {"is_empty": True, "totals": now}
    links = _links(frame)
    return {
        "is_empty": False,
        "totals": now,
        "cards": cards.cards(
            now,
            before.totals if before else None,
            currency=frame.currency,
            is_part=bool(frame.access.limits.sources),
            **links,
        ),
        "claim": wording.CLAIMS[frame.state.method],
        "chart": timeline.timeline(frame, found.now.days, before.days if before else None),
        "exports": {
            name: page_url(frame.info, "table-export", name) + frame.state.query() for name in ("days", "breakdown")
        },
        "unattributed": _reasons(found.unattributed, now.unattributed),
        **links,
        **_spend(frame, found, spend, earlier),
        **_breakdown(frame, found.now.credit, before.credit if before else None, spend),
    }


def _spend(frame: Frame, found: queries.Overview, spend: Spend, earlier: Question | None) -> dict[str, Any]:
    if not spend:
        return {"spend": None}
    now, before = found.now.totals, found.before.totals if found.before else None
    spend_before = queries.spend(earlier, currency=frame.currency) if earlier else None
    return {
        "spend": spend,
        "spend_cards": cards.spend_cards(now, spend, before, spend_before, currency=frame.currency),
        "whole": {
            "cost_per_conversion": cost_per_conversion(spend.total, now.conversions),
            "return_on_spend": return_on_spend(now.revenue, spend.total),
        },
    }


def _links(frame: Frame) -> dict[str, str]:
    """Return the addresses behind the figures, empty where the reader may not follow."""
    if not frame.access.may(orgs.Permission.JOURNEYS):
        return {"list_url": "", "unattributed_url": ""}
    return {
        "list_url": page_url(frame.info, "conversion-list") + frame.state.query(),
        "unattributed_url": page_url(frame.info, "unattributed") + frame.state.query(filters=()),
    }


def _breakdown(
    frame: Frame, credit: list[attribution.CreditRow], before: list[attribution.CreditRow] | None, spend: Spend
) -> dict[str, Any]:
    state, has_comparison = frame.state, before is not None
    has_intervals = frame.fit is not None and state.dimension == "channel"
    return {
        "rows": breakdown.breakdown_rows(state, credit, before or (), spend, frame.fit),
        "columns": breakdown.columns(
            state, has_comparison=has_comparison, has_intervals=has_intervals, has_spend=bool(spend)
        ),
        "has_intervals": has_intervals,
        "tabs": breakdown.tabs(state),
        "has_comparison": has_comparison,
    }


def _reasons(every: list[attribution.UnattributedRow], whole: float) -> list[dict[str, Any]]:
    rows = [row for row in every if row.is_part_of_total]
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
