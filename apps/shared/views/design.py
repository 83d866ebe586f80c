"""The gallery: every component in its states, on figures of its own. It reads no store."""

from datetime import timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from apps.shared.views import design_samples as samples

_COLOURS = (
    "page surface surface-muted surface-hover line line-strong text-strong text text-muted"
    " accent accent-soft good good-soft warn warn-soft bad bad-soft"
)


def show_design(request: HttpRequest) -> HttpResponse:
    """Render the gallery."""
    return render(request, "design/gallery.html", {**_controls(), **_reports()})


def _controls() -> dict[str, Any]:
    methods = ("Last non-direct", "First touch", "Linear", "Position based", "Time decay")
    presets = ("Today", "Last 7 days", "Last 28 days", "Last 90 days", "This month", "Last month")
    return {
        "colours": _COLOURS.split(),
        "series": range(1, 13),
        "methods": [
            {"label": name, "url": "?method=" + name, "is_current": index == 0} for index, name in enumerate(methods)
        ],
        "presets": [
            {"label": name, "url": "?preset=" + name, "is_current": index == 2} for index, name in enumerate(presets)
        ],
        "comparisons": [
            ("previous", _("The period before")),
            ("year", _("The same days a year ago")),
            ("none", _("Nothing")),
        ],
        "options": [("EUR", "EUR"), ("USD", "USD"), ("JPY", "JPY")],
        "starts_on": samples.FIRST_DAY,
        "ends_on": samples.FIRST_DAY + timedelta(days=27),
        "trail": [
            {"label": "Northwind Outdoor", "url": "#"},
            {"label": "Conversions", "url": "#"},
            {"label": "ORD-20418"},
        ],
        "tabs": [
            {"label": "Channels", "url": "#tabs", "is_current": True},
            {"label": "Sources", "url": "#tabs", "count": 48},
            {"label": "Campaigns", "url": "#tabs", "count": 112},
        ],
        "actions": [
            {"label": _("Export CSV"), "url": "#", "icon": "download"},
            {"label": _("Share"), "url": "#", "icon": "share-2"},
        ],
        "facts": [
            ("Message id", "6f1c0a52-8d0e"),
            ("Stream", "Web"),
            ("Received", "10:42:07.318"),
            ("Currency", "EUR"),
        ],
    }


def _reports() -> dict[str, Any]:
    columns = [
        {"label": _("Channel")},
        {"label": _("Conversions"), "is_numeric": True, "sort_url": "?sort=conversions"},
        {"label": _("Revenue"), "is_numeric": True, "sort_url": "?sort=-revenue", "sorted": "descending"},
        {"label": _("Share"), "is_numeric": True},
    ]
    return {
        "columns": columns,
        "rows": samples.channel_rows(),
        "trend": samples.trend(),
        "stacked": samples.revenue_by_channel(),
        "steps": samples.journey_steps(),
        "goal": {"title": "Purchase", "at": "Sep 11, 20:37", "detail": "ORD-20418", "money": "€129.00"},
    }
