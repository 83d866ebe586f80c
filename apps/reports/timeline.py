"""Credit over time: the chart and the table behind it, from the same rows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from babel import Locale
from babel.dates import format_skeleton
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from apps.attribution import api as attribution
from apps.reports import wording
from apps.reports.domain import charts
from apps.reports.domain.buckets import Bucket, DayValue, Grain, buckets_of, gathered, grain_of, leading
from apps.reports.domain.periods import Period
from apps.reports.frame import Frame, period_text

Points = Sequence[attribution.CreditPoint]
MOST_SERIES = 8
OTHER = "other"


@dataclass(frozen=True, slots=True)
class Line:
    """One step of time: its values in the order of the columns, and their sum."""

    label: str
    is_incomplete: bool
    values: tuple[float, ...]
    total: float


@dataclass(frozen=True, slots=True)
class Timeline:
    """What a chart over time and its table show."""

    option: dict[str, Any]
    description: str
    caption: str
    columns: list[dict[str, Any]]
    rows: list[Line]


def timeline(frame: Frame, points: Points, before: Points | None) -> Timeline:
    """Return revenue by channel over the period, with the compared period as one line."""
    period = frame.state.period
    buckets = buckets_of(period, now=frame.now)
    labels = step_labels(buckets, grain_of(period))
    values = leading(values_over_time(points, period, buckets), most=MOST_SERIES, rest=OTHER)
    compared = frame.compared if before is not None else None
    titles = {name: _("Other channels") if name == OTHER else wording.channel_title(name) for name in values}
    numbers = charts.series_numbers(list(values), rest=OTHER)
    option = charts.over_time(
        labels,
        [bucket.is_incomplete for bucket in buckets],
        {titles[name]: row for name, row in values.items()},
        numbers={titles[name]: number for name, number in numbers.items()},
        before=compared_totals(frame, before, compared, len(buckets)) if before is not None and compared else (),
        before_name=period_text(compared) if compared else "",
    )
    return Timeline(
        option=option,
        description=_("Stacked bars: revenue by channel over %(period)s, %(greatest)s being the greatest.")
        % {"period": period_text(period), "greatest": next(iter(titles.values()), _("none"))},
        caption=_("Faded bars are not complete yet.") if any(bucket.is_incomplete for bucket in buckets) else "",
        columns=_columns(titles),
        rows=lines(labels, buckets, values),
    )


def values_over_time(points: Points, period: Period, buckets: Sequence[Bucket]) -> dict[str, list[float]]:
    """Return the revenue of each channel in each step."""
    days = [DayValue(point.starts_on, point.key, float(point.revenue)) for point in points]
    return gathered(days, period, buckets)


def compared_totals(frame: Frame, points: Points, period: Period, steps: int) -> list[float]:
    """Return the compared period's total in each of *steps* steps, the first beside the first."""
    values = values_over_time(points, period, buckets_of(period, now=frame.now))
    sums = [sum(column) for column in zip(*values.values(), strict=True)]
    return sums[:steps]


def lines(labels: Sequence[str], buckets: Sequence[Bucket], values: Mapping[str, Sequence[float]]) -> list[Line]:
    """Return the table's rows, the newest first."""
    rows = []
    for place, bucket in enumerate(buckets):
        cells = tuple(row[place] for row in values.values())
        rows.append(Line(labels[place], bucket.is_incomplete, cells, sum(cells)))
    return rows[::-1]


def step_labels(buckets: Sequence[Bucket], grain: Grain) -> list[str]:
    """Return the names of the steps in the reader's language: Nov 22, or Nov 2026."""
    skeleton = "yMMM" if grain == "month" else "MMMd"
    return [day_text(bucket.starts_on, skeleton) for bucket in buckets]


def day_text(day: date, skeleton: str) -> str:
    """Return *day* by a CLDR skeleton."""
    locale = Locale.parse((get_language() or "en").replace("-", "_"))
    return format_skeleton(skeleton, day, locale=locale)


def _columns(titles: Mapping[str, str]) -> list[dict[str, Any]]:
    names = [{"label": title, "is_numeric": True} for title in titles.values()]
    return [{"label": _("Day")}, *names, {"label": _("Sum"), "is_numeric": True}]
