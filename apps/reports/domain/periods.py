"""Date ranges in a property's time zone, and what they are compared with."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

Comparison = Literal["previous", "year", "none"]
COMPARISONS: tuple[Comparison, ...] = ("previous", "year", "none")
DEFAULT_PRESET = "last_30_days"
LONGEST = timedelta(days=1100)  # three years: enough to compare seasons, little enough for one answer
_MINUTE = timedelta(minutes=1)

Days = tuple[date, date]


class UnreadablePeriod(ValueError):
    """The dates in an address are not dates, are swapped, or span more than three years."""


@dataclass(frozen=True, slots=True)
class Period:
    """Whole days from *starts_on* to *ends_on*, both included, as the property's clocks count them.

    `cut_at` ends a comparison early, at the moment that the period it is compared with has reached by now.
    """

    starts_on: date
    ends_on: date
    time_zone: str
    preset: str = ""
    cut_at: datetime | None = None

    @property
    def starts_at(self) -> datetime:
        """The first instant of the period."""
        return midnight(self.starts_on, self.time_zone)

    @property
    def ends_at(self) -> datetime:
        """The first instant after the period."""
        end = midnight(self.ends_on + timedelta(days=1), self.time_zone)
        return min(end, self.cut_at) if self.cut_at else end

    @property
    def days(self) -> list[date]:
        """Every day of the period, in order."""
        count = (self.ends_on - self.starts_on).days + 1
        return [self.starts_on + timedelta(days=n) for n in range(count)]

    def is_incomplete(self, now: datetime) -> bool:
        """Tell whether some of the period has not happened yet."""
        return now < midnight(self.ends_on + timedelta(days=1), self.time_zone)


def midnight(day: date, time_zone: str) -> datetime:
    """Return the instant at which *day* begins in *time_zone*."""
    return datetime.combine(day, time.min, tzinfo=ZoneInfo(time_zone)).astimezone(UTC)


def day_of(now: datetime, time_zone: str) -> date:
    """Return the day that *now* falls on in *time_zone*."""
    return now.astimezone(ZoneInfo(time_zone)).date()


def _month_before(today: date) -> Days:
    end = today.replace(day=1) - timedelta(days=1)
    return end.replace(day=1), end


PRESETS: dict[str, Callable[[date], Days]] = {
    "today": lambda today: (today, today),
    "yesterday": lambda today: (today - timedelta(days=1), today - timedelta(days=1)),
    "last_7_days": lambda today: (today - timedelta(days=6), today),
    "last_30_days": lambda today: (today - timedelta(days=29), today),
    "last_90_days": lambda today: (today - timedelta(days=89), today),
    "this_month": lambda today: (today.replace(day=1), today),
    "last_month": _month_before,
    "this_year": lambda today: (today.replace(month=1, day=1), today),
}


def preset_period(name: str, *, time_zone: str, now: datetime) -> Period:
    """Return the period that a preset means at *now*."""
    starts_on, ends_on = PRESETS[name](day_of(now, time_zone))
    return Period(starts_on, ends_on, time_zone, preset=name)


def read_period(*, preset: str, first: str, last: str, time_zone: str, now: datetime) -> Period:
    """Return the period that the parameters of an address mean; dates win over a preset.

    Raises UnreadablePeriod.
    """
    if not (first or last):
        if preset and preset not in PRESETS:
            raise UnreadablePeriod(preset)
        return preset_period(preset or DEFAULT_PRESET, time_zone=time_zone, now=now)
    starts_on, ends_on = _read_day(first or last), _read_day(last or first)
    if ends_on < starts_on or ends_on - starts_on > LONGEST:
        raise UnreadablePeriod(f"{first} - {last}")
    return Period(starts_on, ends_on, time_zone)


def _read_day(text: str) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise UnreadablePeriod(text) from None
    if not 2000 <= day.year <= 2100:
        raise UnreadablePeriod(text)
    return day


def compared_period(period: Period, comparison: Comparison, *, now: datetime) -> Period | None:
    """Return what *period* is compared with, cut at the same elapsed time when *period* still runs.

    The time is counted in whole minutes, so that those who look within one ask the same and share the answer.
    """
    if comparison == "none":
        return None
    earlier = _year_earlier(period) if comparison == "year" else _just_before(period)
    if not period.is_incomplete(now) or now < period.starts_at:
        return earlier
    return replace(earlier, cut_at=earlier.starts_at + (now - period.starts_at) // _MINUTE * _MINUTE)


def _just_before(period: Period) -> Period:
    length = period.ends_on - period.starts_on + timedelta(days=1)
    return Period(period.starts_on - length, period.starts_on - timedelta(days=1), period.time_zone)


def _year_earlier(period: Period) -> Period:
    return Period(_last_year(period.starts_on), _last_year(period.ends_on), period.time_zone)


def _last_year(day: date) -> date:
    """The same day a year before; 29 February becomes 28 February."""
    try:
        return day.replace(year=day.year - 1)
    except ValueError:
        return day.replace(year=day.year - 1, day=28)
