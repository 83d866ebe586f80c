"""Every method beside every other."""

from typing import Any

from django.http import HttpResponse

from apps.orgs import api as orgs
from apps.reports import comparison, queries, wording
from apps.reports.addresses import live_url, page_url
from apps.reports.frame import Frame, controls, read_frame
from apps.reports.queries import Question
from apps.reports.rules import report_page
from apps.shared.htmx import render_page

PARTS = ("report",)


@report_page
def methods(request: orgs.PropertyRequest) -> HttpResponse:
    """Show how much the answer depends on the method."""
    frame = read_frame(request)
    context = controls(frame, request) | {"live_url": live_url(frame.info), "rows": []}
    if frame.state.goal_id is not None:
        context |= _figures(frame, frame.state.goal_id)
    return render_page(request, "reports/methods.html", context, parts=PARTS)


def usable_methods(frame: Frame) -> tuple[str, ...]:
    """Return the methods that can be compared: all with a rule, and those that have been trained."""
    return tuple(name for name in wording.METHOD_TITLES if name not in wording.LEARNED_TITLES or name in frame.learned)


def _figures(frame: Frame, goal_id: int) -> dict[str, Any]:
    question = Question(frame.info.id, goal_id, frame.state.period, frame.state)
    shown = usable_methods(frame)
    rows = comparison.lines(
        frame.state, shown, queries.compared_methods(question, methods=shown, dimension="channel"), frame.fits
    )
    return {
        "rows": rows,
        "option": comparison.chart(frame.state, shown, rows),
        "columns": comparison.columns(frame.state, shown),
        "explained": comparison.explained(frame.state, tuple(wording.METHOD_TITLES), shown),
        "export_url": page_url(frame.info, "table-export", "methods") + frame.state.query(),
    }
