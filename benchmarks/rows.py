"""What a benchmark says: one line of the table."""

import statistics
import time
from collections.abc import Callable
from typing import TypedDict


class Row(TypedDict):
    """What was measured, how much, in which unit, what was asked for, and what a reader should know."""

    what: str
    measured: float
    unit: str
    asked: str
    note: str


def row(what: str, measured: float, unit: str, asked: str = "", note: str = "") -> Row:
    """Return one line."""
    return Row(what=what, measured=measured, unit=unit, asked=asked, note=note)


def seconds_of(work: Callable[[], object], *, times: int = 5) -> tuple[float, float]:
    """Run *work* once to warm it, then *times* times; return the median and the slowest, in seconds."""
    work()
    taken = []
    for _ in range(times):
        began = time.perf_counter()
        work()
        taken.append(time.perf_counter() - began)
    return statistics.median(taken), max(taken)
