"""Days gathered into weeks or months when a period is long: a chart of a thousand bars says nothing."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Literal

from apps.reports.domain.periods import Period, day_of

Grain = Literal["day", "week", "month"]
MOST_DAYS, MOST_DAYS_IN_WEEKS = 92, 550


@dataclass(frozen=True, slots=True)
class Bucket:
    """One step of a time axis; incomplete when some of its days lie outside the period or have not ended."""

    starts_on: date
    ends_on: date
    is_incomplete: bool = False


@dataclass(frozen=True, slots=True)
class DayValue:
    """A value of one name on one day."""

    day: date
    name: str
    value: float


def grain_of(period: Period) -> Grain:
    """Return how finely *period* is drawn."""
    length = len(period.days)
    if length <= MOST_DAYS:
        return "day"
    return "week" if length <= MOST_DAYS_IN_WEEKS else "month"


def first_day(day: date, grain: Grain) -> date:
    """Return the first day of the bucket that *day* is in; weeks begin on Monday."""
    if grain == "week":
        return day - timedelta(days=day.weekday())
    return day.replace(day=1) if grain == "month" else day


def _last_day(first: date, grain: Grain) -> date:
    if grain == "day":
        return first
    if grain == "week":
        return first + timedelta(days=6)
    return (first.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)


def buckets_of(period: Period, *, now: datetime) -> list[Bucket]:
    """Return the time axis of *period*, in order and without gaps."""
    grain, today = grain_of(period), day_of(now, period.time_zone)
    starts = dict.fromkeys(first_day(day, grain) for day in period.days)
    return [_bucket(first, grain, period, today) for first in starts]


def _bucket(first: date, grain: Grain, period: Period, today: date) -> Bucket:
    last = _last_day(first, grain)
    is_cut = first < period.starts_on or last > period.ends_on
    return Bucket(max(first, period.starts_on), min(last, period.ends_on), is_cut or last >= today)


def gathered(rows: Iterable[DayValue], period: Period, buckets: Sequence[Bucket]) -> dict[str, list[float]]:
    """Return for each name its value in each bucket; a bucket without rows is 0."""
    grain = grain_of(period)
    places = {first_day(bucket.starts_on, grain): place for place, bucket in enumerate(buckets)}
    values: dict[str, list[float]] = {}
    for row in rows:
        place = places.get(first_day(row.day, grain))
        if place is not None:
            values.setdefault(row.name, [0.0] * len(buckets))[place] += row.value
    return values


def leading(values: dict[str, list[float]], *, most: int, rest: str) -> dict[str, list[float]]:
    """Return the *most* greatest names, greatest first, and everything else together under *rest*."""
    names = sorted(values, key=lambda name: (-sum(values[name]), name))
    if len(names) <= most:
        return {name: values[name] for name in names}
    kept = {name: values[name] for name in names[: most - 1]}
    others = [values[name] for name in names[most - 1 :]]
    kept[rest] = [sum(column) for column in zip(*others, strict=True)]
    return kept
