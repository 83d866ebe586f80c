"""Why conversions have no credit: reasons that add up, with the attributed, to the total."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.http import HttpResponse
from django.utils.translation import gettext as _

from apps.attribution import api as attribution
from apps.orgs import api as orgs
from apps.reports import queries, wording
from apps.reports.addresses import live_url, page_url
from apps.reports.frame import Frame, controls, read_frame
from apps.reports.queries import Question
from apps.reports.rules import report_page
from apps.reports.search import Search
from apps.shared.htmx import render_page

PARTS = ("report",)


@dataclass(frozen=True, slots=True)
class Line:
    """One reason, in words, with its part of the whole."""

    reason: wording.Reason
    conversions: int
    revenue: Decimal
    share: float
    url: str


@report_page(needs=orgs.Permission.JOURNEYS)
def unattributed(request: orgs.PropertyRequest) -> HttpResponse:
    """Show where the conversions without credit went."""
    frame = read_frame(request)
    context = controls(frame, request) | {"live_url": live_url(frame.info), "is_empty": True, "chips": []}
    if frame.state.goal_id is not None:
        context |= _figures(frame, frame.state.goal_id)
    return render_page(request, "reports/unattributed.html", context, parts=PARTS)


def _figures(frame: Frame, goal_id: int) -> dict[str, Any]:
    question = Question(frame.info.id, goal_id, frame.state.period, frame.state)
    totals, rows = queries.whole(question.unfiltered())
    whole = totals.conversions
    return {
        "is_empty": not whole,
        "totals": totals,
        "attributed_share": totals.attributed / whole if whole else 0,
        "lines": _lines(frame, rows, whole, is_part=True),
        "asides": [line for line in _lines(frame, rows, whole, is_part=False) if line.conversions],
        "table_columns": [
            {"label": _("Reason")},
            {"label": _("What to do")},
            {"label": _("Conversions"), "is_numeric": True},
            {"label": _("Revenue"), "is_numeric": True},
            {"label": _("Share"), "is_numeric": True},
        ],
        "export_url": page_url(frame.info, "table-export", "unattributed") + frame.state.query(),
    }


def _lines(frame: Frame, rows: list[attribution.UnattributedRow], whole: float, *, is_part: bool) -> list[Line]:
    chosen = [row for row in rows if row.is_part_of_total == is_part]
    chosen.sort(key=lambda row: (-row.conversions, row.reason))
    return [_line(frame, row, whole) for row in chosen]


def _line(frame: Frame, row: attribution.UnattributedRow, whole: float) -> Line:
    return Line(
        reason=wording.reason_of(row.reason),
        conversions=row.conversions,
        revenue=row.revenue,
        share=row.conversions / whole if whole else 0.0,
        url=page_url(frame.info, "conversion-list") + Search(reason=row.reason).query(frame),
    )
