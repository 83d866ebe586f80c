"""Figures for the gallery: always the same, so that two pictures of it can be compared."""

import math
from datetime import date, timedelta
from typing import Any

from django.utils.translation import gettext as _

FIRST_DAY = date(2026, 8, 25)
_DAYS = range(42)
_SHARES = {
    "Organic Search": 0.312,
    "Paid Search": 0.248,
    "Direct": 0.171,
    "Email": 0.124,
    "Paid Social": 0.089,
    "Referral": 0.056,
}


def channel_rows() -> list[dict[str, Any]]:
    """Return the rows of a credit table."""
    return [
        {
            "name": name,
            "series": place,
            "share": share,
            "conversions": round(4182 * share),
            "revenue": 318_402.5 * share,
        }
        for place, (name, share) in enumerate(_SHARES.items(), start=1)
    ]


def trend() -> dict[str, Any]:
    """Return a line with the period before it."""
    line = {"type": "line", "showSymbol": False}
    now = {
        **line,
        "name": _("Conversions"),
        "data": [_wave(day, 140) for day in _DAYS],
        "color": "var(--accent)",
        "areaStyle": {"color": "var(--accent)", "opacity": 0.1},
    }
    before = {
        **line,
        "name": _("The period before"),
        "data": [_wave(day, 122, 1.4) for day in _DAYS],
        "color": "var(--chart-compare)",
        "lineStyle": {"type": "dashed", "width": 1.5},
    }
    axis = {"type": "category", "data": _dates(), "boundaryGap": False}
    return {"xAxis": axis, "yAxis": {"type": "value"}, "legend": {}, "series": [now, before]}


def revenue_by_channel() -> dict[str, Any]:
    """Return stacked bars."""
    bar = {"type": "bar", "stack": "all", "barCategoryGap": "28%"}
    series = [
        {**bar, "name": name, "data": [_wave(day, 1900 / place, place) for day in _DAYS]}
        for place, name in enumerate(_SHARES, start=1)
    ]
    return {"xAxis": {"type": "category", "data": _dates()}, "yAxis": {"type": "value"}, "legend": {}, "series": series}


def journey_steps() -> list[dict[str, Any]]:
    """Return a journey of four touchpoints, one of them too old to count."""
    end = {"share": 0.4, "share_text": "40%", "money": "€51.60"}
    middle = {"share": 0.2, "share_text": "20%", "money": "€25.80"}
    first, last = _("First touchpoint of the journey."), _("Last touchpoint before the conversion.")
    too_old = _("Not counted: before the click lookback of 30 days.")
    return [
        {**end, **_touch("Paid Search", 2, "Sep 2, 09:14", "google / cpc · spring-tents"), "why": first},
        {**middle, **_touch("Email", 4, "Sep 9, 18:40", "newsletter / email")},
        {**_touch("Paid Social", 0, "Jul 30, 12:02", "instagram / paid"), "is_excluded": True, "why": too_old},
        {**end, **_touch("Organic Search", 1, "Sep 11, 20:21", "duckduckgo / organic"), "why": last},
    ]


def _touch(title: str, series: int, at: str, detail: str) -> dict[str, Any]:
    return {"title": title, "series": series, "at": at, "detail": detail, "kind": _("visit")}


def _wave(day: int, base: float, phase: float = 0.0) -> float:
    weekly = 1 - 0.28 * (day % 7 in (4, 5))
    return round(base * weekly * (1 + 0.12 * math.sin(day / 5 + phase) + day / 160), 1)


def _dates() -> list[str]:
    return [(FIRST_DAY + timedelta(days=day)).isoformat() for day in _DAYS]
