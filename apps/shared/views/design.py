"""The gallery: every component in its states, on figures of its own. It reads no store."""

import math
from datetime import date, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

_CHANNELS = ("Organic Search", "Paid Search", "Direct", "Email", "Paid Social", "Referral")
_COLOURS = (
    "page surface surface-muted surface-hover line line-strong text-strong text text-muted"
    " accent accent-soft good good-soft warn warn-soft bad bad-soft"
)
_FIRST, _DAYS = date(2026, 8, 25), 42


def show_design(request: HttpRequest) -> HttpResponse:
    """Render the gallery."""
    return render(request, "design/gallery.html", {**_controls(), **_reports(), **_journey()})


def _controls() -> dict[str, Any]:
    methods = ("Last non-direct", "First touch", "Linear", "Position based", "Time decay")
    presets = ("Today", "Last 7 days", "Last 28 days", "Last 90 days", "This month", "Last month")
    return {
        "colours": _COLOURS.split(),
        "series": range(1, 13),
        "methods": [{"label": name, "url": "?method=" + name, "is_current": index == 0} for index, name in enumerate(methods)],
        "presets": [{"label": name, "url": "?preset=" + name, "is_current": index == 2} for index, name in enumerate(presets)],
        "comparisons": [("previous", _("The period before")), ("year", _("The same days a year ago")), ("none", _("Nothing"))],
        "options": [("EUR", "EUR"), ("USD", "USD"), ("JPY", "JPY")],
        "starts_on": _FIRST,
        "ends_on": _FIRST + timedelta(days=27),
        "trail": [{"label": "Northwind Outdoor", "url": "#"}, {"label": "Conversions", "url": "#"}, {"label": "ORD-20418"}],
        "tabs": [
            {"label": "Channels", "url": "#tabs", "is_current": True},
            {"label": "Sources", "url": "#tabs", "count": 48},
            {"label": "Campaigns", "url": "#tabs", "count": 112},
        ],
        "actions": [
            {"label": _("Export CSV"), "url": "#", "icon": "download"},
            {"label": _("Share"), "url": "#", "icon": "share-2"},
        ],
        "facts": [("Message id", "6f1c0a52-8d0e"), ("Stream", "Web"), ("Received", "10:42:07.318"), ("Currency", "EUR")],
    }


def _reports() -> dict[str, Any]:
    shares = (0.312, 0.248, 0.171, 0.124, 0.089, 0.056)
    columns = [
        {"label": _("Channel")},
        {"label": _("Conversions"), "is_numeric": True, "sort_url": "?sort=conversions"},
        {"label": _("Revenue"), "is_numeric": True, "sort_url": "?sort=-revenue", "sorted": "descending"},
        {"label": _("Share"), "is_numeric": True},
    ]
    rows = [
        {"name": name, "series": place, "share": share, "conversions": round(4182 * share), "revenue": 318_402.5 * share}
        for place, (name, share) in enumerate(zip(_CHANNELS, shares, strict=True), start=1)
    ]
    return {"columns": columns, "rows": rows, "trend": _trend(), "stacked": _stacked()}


def _wave(index: int, base: float, phase: float = 0.0) -> float:
    weekly = 1 - 0.28 * (index % 7 in (4, 5))
    return round(base * weekly * (1 + 0.12 * math.sin(index / 5 + phase) + index / 160), 1)


def _days() -> list[str]:
    return [(_FIRST + timedelta(days=index)).isoformat() for index in range(_DAYS)]


def _trend() -> dict[str, Any]:
    now = [_wave(index, 140) for index in range(_DAYS)]
    before = [_wave(index, 122, 1.4) for index in range(_DAYS)]
    area = {"color": "var(--accent)", "opacity": 0.1}
    return {
        "xAxis": {"type": "category", "data": _days(), "boundaryGap": False},
        "yAxis": {"type": "value"},
        "legend": {},
        "series": [
            {"name": _("Conversions"), "type": "line", "data": now, "showSymbol": False, "color": "var(--accent)", "areaStyle": area},
            {"name": _("The period before"), "type": "line", "data": before, "showSymbol": False, "color": "var(--chart-compare)", "lineStyle": {"type": "dashed", "width": 1.5}},
        ],
    }


def _stacked() -> dict[str, Any]:
    series = [
        {"name": name, "type": "bar", "stack": "all", "barCategoryGap": "28%", "data": [_wave(index, 1900 / place, place) for index in range(_DAYS)]}
        for place, name in enumerate(_CHANNELS, start=1)
    ]
    return {"xAxis": {"type": "category", "data": _days()}, "yAxis": {"type": "value"}, "legend": {}, "series": series}


def _journey() -> dict[str, Any]:
    step = {"series": 2, "kind": _("click")}
    steps = [
        {**step, "title": "Paid Search", "at": "Sep 2, 09:14", "detail": "google / cpc · spring-tents", "share": 0.4, "share_text": "40%", "money": "€51.60", "why": _("First touchpoint of the journey.")},
        {**step, "series": 4, "title": "Email", "at": "Sep 9, 18:40", "detail": "newsletter / email", "share": 0.2, "share_text": "20%", "money": "€25.80", "kind": _("visit")},
        {**step, "series": None, "title": "Paid Social", "at": "Jul 30, 12:02", "detail": "instagram / paid", "share_text": "–", "is_excluded": True, "why": _("Not counted: before the click lookback of 30 days.")},
        {**step, "series": 1, "title": "Organic Search", "at": "Sep 11, 20:21", "detail": "duckduckgo / organic", "share": 0.4, "share_text": "40%", "money": "€51.60", "kind": _("visit"), "why": _("Last touchpoint before the conversion.")},
    ]
    return {"steps": steps, "goal": {"title": "Purchase", "at": "Sep 11, 20:37", "detail": "ORD-20418", "money": "€129.00"}}
