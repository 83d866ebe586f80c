"""When a delivery is tried again, when it is given up, and when its receiver is left alone."""

from datetime import datetime, timedelta

MOST_ATTEMPTS = 9  # two and a half days
FAILURES_BEFORE_PAUSE, FAILING_BEFORE_PAUSE = 10, timedelta(hours=1)
_FIRST, _LONGEST = timedelta(seconds=30), timedelta(hours=24)
GONE = 410


def wait_after(attempts: int, *, jitter: float) -> timedelta:
    """Return how long to wait after so many failed attempts: four times as long each time, a fifth more or less.

    *jitter* in [0, 1) spreads what failed together.

    >>> wait_after(1, jitter=0.5), wait_after(3, jitter=0.5), wait_after(9, jitter=0.5)
    (datetime.timedelta(seconds=30), datetime.timedelta(seconds=480), datetime.timedelta(days=1))
    """
    whole: timedelta = min(_FIRST * 4 ** (attempts - 1), _LONGEST)
    return whole * (0.8 + 0.4 * jitter)


def is_hopeless(*, status: int | None, failures: int, failing_since: datetime, now: datetime) -> bool:
    """Tell whether a receiver that fails again is to be left alone until somebody looks."""
    return status == GONE or (failures >= FAILURES_BEFORE_PAUSE and now - failing_since >= FAILING_BEFORE_PAUSE)
