"""How much comes on such a day: the same hours of the same weekdays, and a band that one odd week does not move."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from statistics import median
from typing import NamedTuple
from zoneinfo import ZoneInfo

_SCALE = 1.4826  # of the median absolute deviation, so that it estimates a standard deviation
_LEAST = 0.1  # of the median: weeks that are all alike still leave room for chance
_FEWEST = 2  # weeks with events, before anything can be expected


class Band(NamedTuple):
    """Between which counts a day lies that is as usual; all ends are included."""

    lowest: float
    highest: float


def windows(now: datetime, *, weeks: int, time_zone: str) -> list[tuple[datetime, datetime]]:
    """Return today from midnight to the last full hour, then the same hours of the last *weeks* same weekdays.

    In the first hour after midnight it is the whole of yesterday. Days are those of *time_zone*, also where a clock
    was set forward or back between them.
    """
    zone = ZoneInfo(time_zone)
    local = now.astimezone(zone)
    day, until = local.date(), local.time().replace(minute=0, second=0, microsecond=0)
    if until == time(0):
        return [_whole(day - timedelta(days=1 + 7 * week), zone) for week in range(weeks + 1)]
    days = (day - timedelta(days=7 * week) for week in range(weeks + 1))
    return [(_at(one, time(0), zone), _at(one, until, zone)) for one in days]


def band(counts: Sequence[int], *, width: float) -> Band | None:
    """Return the usual band of *counts* of earlier weeks, or None where too few weeks have any."""
    known = [count for count in counts if count]
    if len(known) < _FEWEST:
        return None
    middle = median(known)
    deviation = _SCALE * median(abs(count - middle) for count in known)
    # A count of rare things scatters by its root.
    room = width * max(deviation, _LEAST * middle, middle**0.5)
    return Band(max(0.0, middle - room), middle + room)


def _whole(day: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
    return _at(day, time(0), zone), _at(day + timedelta(days=1), time(0), zone)


def _at(day: date, moment: time, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, moment, tzinfo=zone)
