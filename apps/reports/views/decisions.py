"""Installs, re-attributions and re-engagements: who won them, and the windows that decide."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from apps.attribution import api as attribution
from apps.orgs import api as orgs
from apps.reports import decided
from apps.reports.addresses import page_url
from apps.reports.frame import Frame, controls, read_frame
from apps.reports.rules import report_page
from apps.shared.htmx import render_page

PARTS = ("report",)
HELP = {
    "probabilistic_lookback": gettext_lazy("0 is off. It needs an id that your server works out, and consent."),
    "inactivity": gettext_lazy("Before an opening counts as won back."),
}
WINDOWS = {
    "click_lookback": gettext_lazy("Clicks count for"),
    "view_lookback": gettext_lazy("Views count for"),
    "probabilistic_lookback": gettext_lazy("Matches by probability count for"),
    "reattribution": gettext_lazy("An install is known for"),
    "reengagement": gettext_lazy("A re-engagement is credited for"),
    "inactivity": gettext_lazy("The app must have rested for"),
}


@report_page(needs=orgs.Permission.JOURNEYS)
def decision_list(request: orgs.PropertyRequest) -> HttpResponse:
    """Show who won how many openings of the app, and the conversions in it that are credited to each."""
    frame = read_frame(request)
    deciding = attribution.deciding_goals(frame.info.id)
    context = controls(frame, request) | {"is_empty": not deciding or frame.state.goal_id is None}
    if deciding and frame.state.goal_id is not None:
        rows = rows_of(frame)
        context |= {
            "rows": rows,
            "total": decided.total(rows),
            "columns": _columns(),
            "windows": _windows(frame),
            "may_change": request.access.may(orgs.Permission.SETTINGS),
            "changes": attribution.rules_changes(frame.info.id, "decision_rules"),
            "windows_url": page_url(frame.info, "decision-windows"),
            "export_url": page_url(frame.info, "table-export", "decisions") + frame.state.query(),
        }
    return render_page(request, "reports/decisions.html", context, parts=PARTS)


@report_page(needs=orgs.Permission.SETTINGS)
@require_POST
def decision_windows(request: orgs.PropertyRequest) -> HttpResponse:
    """Set the windows, for openings from now on."""
    try:
        windows = {name: float(request.POST.get(name, "").replace(",", ".")) for name in WINDOWS}
        attribution.change_decision_rules(
            property_id=request.property.id,
            windows=windows,
            made_by=request.user,
            now=timezone.now(),
            note=request.POST.get("note", "").replace("\x00", "").strip(),
        )
    except (ValueError, OverflowError):
        messages.error(
            request,
            _(
                "Windows are days: clicks 1 hour (0.042) to 90 days, views 1 hour to 7 days, matches by probability 0"
                " (off) to 1, installs at most 731, re-engagements 90, rest 365."
            ),
        )
    else:
        messages.success(request, _("Openings from now on are decided by these windows."))
    return HttpResponseRedirect(page_url(request.property, "decision-list") + "#windows")


def rows_of(frame: Frame) -> list[attribution.DecidedRow]:
    """Return who won what in the period of a page."""
    period = frame.state.period
    return attribution.decided(
        frame.info.id, goal_id=frame.state.goal_id or 0, period=(period.starts_at, period.ends_at), now=frame.now
    )


def _windows(frame: Frame) -> list[dict[str, Any]]:
    rules = attribution.decision_rules(frame.info.id)(frame.now)
    return [
        {
            "name": name,
            "label": label,
            "help": HELP.get(name, ""),
            "value": f"{getattr(rules, name).total_seconds() / 86_400:g}",
        }
        for name, label in WINDOWS.items()
    ]


def _columns() -> list[dict[str, Any]]:
    heads = (
        _("Installs"), _("Re-attributions"), _("Re-engagements"), _("Plain re-installs"), _("Credited conversions"),
        _("Of them primary"), _("Revenue"),
    )  # fmt: skip
    return [{"label": _("Source")}, *({"label": head, "is_numeric": True} for head in heads)]
