"""Spans, instants and shares as cases write them."""

import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Final

# What `ago` counts back from: a fixed instant, so that a case means the same every day.
NOON: Final = datetime(2026, 6, 1, 12, tzinfo=UTC)
_PART: Final = re.compile(r"(\d+)(ms|s|m|h|d)")
_UNITS: Final = {
    "ms": timedelta(milliseconds=1),
    "s": timedelta(seconds=1),
    "m": timedelta(minutes=1),
    "h": timedelta(hours=1),
    "d": timedelta(days=1),
}
Number = int | float | Decimal | str


def span(text: str | int) -> timedelta:
    """Return a span such as `30d 1ms`; raises ValueError."""
    if str(text) == "0":
        return timedelta(0)
    try:
        return sum((int(count) * _UNITS[unit] for count, unit in _PART.findall(str(text))), timedelta(0))
    except OverflowError as error:
        raise ValueError(f"{text}: too long") from error


def instant(text: str) -> datetime:
    """Return an instant with its zone; raises ValueError."""
    at = datetime.fromisoformat(text)
    if at.tzinfo is None:
        raise ValueError(f"{text}: an instant needs its time zone, such as Z")
    return at.astimezone(UTC)


def share(said: Number) -> float:
    """Return a share: a number, or a fraction such as `1/3`."""
    return float(Fraction(said)) if isinstance(said, str) else float(said)


def money(said: Number) -> Decimal:
    """Return an amount, digit by digit."""
    return Decimal(str(said))
