"""The score of a day: how many of a hundred checks events passed, each expectation weighing the same.

    score = 100 * sum(w * (checked - failed) / checked) / sum(w)

over the expectations that were asked of anything on that day; w is 2 where a failure is quarantined, else 1. A day on
which nothing was asked has no score. It is between 0 and 100, and the table beside it holds every part of the sum.
"""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

WEIGHTS: Mapping[str, int] = {"quarantine": 2, "flag": 1}


class Part(NamedTuple):
    """What one expectation was asked and what failed, with its weight."""

    checked: int
    failed: int
    weight: int

    @property
    def passed(self) -> float:
        """Return the share that passed, 0 to 1."""
        return (self.checked - self.failed) / self.checked


def score(parts: Iterable[Part]) -> float | None:
    """Return the score of *parts*, 0 to 100, or None where nothing was asked."""
    asked = [one for one in parts if one.checked]
    weight = sum(one.weight for one in asked)
    return 100 * sum(one.weight * one.passed for one in asked) / weight if weight else None
