"""How the days went: the score, what failed by expectation and by stream, and where every event is."""

from typing import Any

from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.orgs import api as orgs
from apps.quality import queries
from apps.quality.days import Days, labels, period, quality_days
from apps.quality.domain.charts import scores
from apps.quality.domain.rules import OF_STREAMS
from apps.quality.models import Expectation, Observation
from apps.quality.queries.counts import Accounting
from apps.quality.views.page import quality_page
from apps.shared.htmx import render_page
from apps.shared.templatetags.figures import short_day

SPANS = (7, 30, 90)
SHOWN_BREACHES = 10


@quality_page(orgs.Permission.EVENTS)
def overview(request: orgs.PropertyRequest) -> HttpResponse:
    """Show the days of a period."""
    info, now = request.property, timezone.now()
    days = next((one for one in SPANS if str(one) == request.GET.get("days")), 30)
    since, until = period(info, now=now, days=days)
    found = quality_days(info, since=since, until=until)
    rows = list(queries.expectations_of(info.id))
    context = {
        "days": days,
        "spans": [
            {"label": _("%(count)d days") % {"count": one}, "url": f"?days={one}", "is_current": one == days}
            for one in SPANS
        ],
        "found": found,
        "day_rows": [one for one in reversed(found.days) if one.checked],
        "option": _option(found),
        "columns": _columns(_("Day")),
        "expectation_columns": _columns(_("Expectation")),
        "stream_columns": _columns(_("Stream")),
        "accounting": _accounting(queries.accounting(info.id, since=since, until=until)),
        "accounting_columns": [{"label": _("Where")}, {"label": _("Events"), "is_numeric": True}],
        "watched": _watched(rows),
        "watched_columns": [{"label": one} for one in (_("Expectation"), _("State"), _("Seen"), _("Looked at"))],
        "unseen": queries.unseen_breaches(info.id, now=now)[:SHOWN_BREACHES],
        "breaches": queries.breaches_of(info.id)[:SHOWN_BREACHES],
        "is_mailed": queries.reads_breaches(info.id, user=request.user),
        "time_zone": info.time_zone,
        "drifts": queries.open_drifts(info.id)[:5],
        "has_expectations": bool(rows),
        "may_change": request.access.may(orgs.Permission.QUALITY),
    }
    return render_page(request, "quality/overview.html", context)


def _option(found: Days) -> dict[str, Any]:
    return scores(
        [short_day(day) for day in labels(found.days)],
        [one.score for one in found.days],
        [one.failed for one in found.days],
        name=_("Score"),
        failed_name=_("Failed checks"),
    )


def _columns(first: str) -> list[dict[str, Any]]:
    numbers = (_("Score"), _("Checked"), _("Flagged"), _("Quarantined"))
    return [{"label": first}, *({"label": one, "is_numeric": True} for one in numbers)]


def _accounting(found: Accounting) -> list[dict[str, Any]]:
    words = {
        "stored": _("Stored, in reports"),
        "waiting": _("Waits in quarantine"),
        "under_way": _("Replayed, on its way"),
        "discarded": _("Discarded from quarantine"),
        "duplicate": _("Duplicate of another"),
        "refused": _("Refused at the door"),
        "received": _("Received"),
    }
    return [
        {"title": title, "events": getattr(found, name), "is_total": name == "received"}
        for name, title in words.items()
    ]


def _watched(rows: list[Expectation]) -> list[dict[str, Any]]:
    """Return the newest observation of each expectation of streams."""
    watched = [row for row in rows if row.kind in OF_STREAMS]
    newest = Observation.objects.filter(expectation__in=watched).order_by("expectation_id", "-made_at", "-pk")
    found = {one.expectation_id: one for one in newest.distinct("expectation_id")}
    return [{"row": row, "seen": found.get(row.pk)} for row in watched]
