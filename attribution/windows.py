"""Windows: how long each touch of many histories counts, by version of the lookbacks."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from attribution.arrays import BadArraysError, Integers


@dataclass(frozen=True, eq=False)
class Windows:
    """
    How long touches count; a moment is judged by the version of its time.

    Parameters
    ----------
    since : array of int, shape (n_versions,)
        Milliseconds since 1970 from which each version holds, ascending; the
        first holds from the beginning, whatever it says.
    limits_ms : array of int, shape (n_versions, n_touches)
        The greatest age at which a touch counts, included.

    Raises
    ------
    BadArraysError
        If shapes do not fit, a limit is negative or versions are not in order.
    """

    since: Integers
    limits_ms: Integers

    def __post_init__(self) -> None:
        if not len(self.since) or len(self.since) != len(self.limits_ms):
            raise BadArraysError("not one row of limits for each version, or no version at all")
        if (np.diff(self.since) < 0).any() or (self.limits_ms < 0).any():
            raise BadArraysError("versions are not in order of time, or a limit is negative")

    def count(self, instants: Integers, touches: Integers, ages_ms: Integers) -> NDArray[np.bool_]:
        """Return which touches count at instants, *ages_ms* after them."""
        versions = np.searchsorted(self.since[1:], instants, side="right")
        inside: NDArray[np.bool_] = ages_ms <= self.limits_ms[versions, touches]
        return inside

    def spans(self, touched_at: Integers, left_ms: Integers) -> Iterator[tuple[Integers, Integers]]:
        """Yield, for each version, the ages from which and until which each touch counts while *left_ms* are watched.

        An end that is no later than its beginning means never.
        """
        for place, limits in enumerate(self.limits_ms):
            begin = np.maximum(self.since[place] - touched_at, 0) if place else np.zeros_like(left_ms)
            end = np.minimum(left_ms, limits)
            if place + 1 < len(self.since):
                end = np.minimum(end, self.since[place + 1] - touched_at)
            yield begin, np.maximum(end, begin)
