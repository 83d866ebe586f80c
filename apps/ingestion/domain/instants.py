"""Instants in every form that clients send, and the correction of clocks that are wrong."""

import time
from datetime import UTC, datetime

EARLIEST = int(datetime(2000, 1, 1, tzinfo=UTC).timestamp() * 1000)  # before it lie unset clocks, not customers
MOST_FUTURE = 24 * 3600 * 1000
# A request is on its way for less than this; a larger difference is the client's clock.
TOLERANCE = 5_000
_SECONDS_END = 100_000_000_000  # as seconds the year 5138, as milliseconds March 1973
_MILLISECONDS = 13  # digits of such a number, from the year 2001 on
_DAY = 24 * 3600 * 1000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_parse = datetime.fromisoformat
_LAST = int(datetime(9999, 12, 31, tzinfo=UTC).timestamp() * 1000)


class NotAnInstant(ValueError):
    """The value names no point in time."""


def now() -> int:
    """Return this moment."""
    return time.time_ns() // 1_000_000


def milliseconds(value: str | float) -> int:
    """Return *value* as milliseconds since 1970.

    Takes ISO 8601 with or without fraction and offset (none means UTC), and seconds or milliseconds since 1970 as
    a number or as digits. Raises NotAnInstant.
    """
    if not isinstance(value, str):
        return _from_number(value)
    if len(value) == _MILLISECONDS and value.isdecimal():
        return _from_number(int(value))  # 1712011231200 would be a time of the year 1712, too
    try:
        moment = _parse(value)
        since = (moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)) - _EPOCH
        return since.days * _DAY + since.seconds * 1000 + since.microseconds // 1000
    except (ValueError, OverflowError):
        pass
    try:
        return _from_number(float(value)) if len(value) < 32 else _not_an_instant(value)
    except ValueError:
        return _not_an_instant(value)


def corrected(occurred_at: int, *, sent_at: int | None, received_at: int) -> int:
    """Return *occurred_at* moved by the error of the client's clock, known from when it says it sent the request."""
    if sent_at is None:
        return occurred_at
    error = received_at - sent_at
    return occurred_at + error if abs(error) > TOLERANCE else occurred_at


def _from_number(value: float) -> int:
    if value != value or abs(value) > _LAST:  # noqa: PLR0124  only NaN differs from itself
        return _not_an_instant(value)
    return int(value * 1000) if abs(value) < _SECONDS_END else int(value)


def _not_an_instant(value: object) -> int:
    raise NotAnInstant(f"{str(value)[:60]!r} is not a time. Send ISO 8601, such as 2026-05-01T12:00:00.000Z.")
