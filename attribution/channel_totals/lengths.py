"""Journeys of one length as the columns of a matrix: what one method works out there, the next one uses."""

from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
from numpy.typing import NDArray

from attribution.arrays import Floats, Integers, JourneyArrays, counting
from attribution.journeys import KIND_RANK, Lookbacks

KINDS: Final = len(KIND_RANK)
LONGEST: Final = 64  # longer journeys are rare, and a matrix for each of their lengths would not pay


@dataclass(frozen=True, eq=False)
class SameLength:
    """
    Journeys with the same number of touchpoints that count.

    Parameters
    ----------
    cells : array of int, shape (length, n_journeys)
        Channel and kind of each touchpoint in touch order, as
        ``channel * KINDS + kind``.
    picked : array of int, shape (length, n_journeys)
        Their places in ``kept_ages_ms``.
    kept_ages_ms : array
    width : int
        Number of cells that there can be.
    """

    cells: Integers
    picked: Integers
    kept_ages_ms: NDArray[np.int64] | Floats
    width: int

    @property
    def length(self) -> int:
        """Touchpoints of each journey."""
        return len(self.cells)

    @cached_property
    def by_place(self) -> Integers:
        """How often each cell stands at each place, shape (length, width)."""
        rows = np.arange(self.length)[:, None] * self.width
        counts = np.bincount((self.cells + rows).ravel(), minlength=self.length * self.width)
        return counts.reshape(self.length, self.width)

    @cached_property
    def ages_ms(self) -> NDArray[np.int64] | Floats:
        """Ages, shape (length, n_journeys)."""
        return self.kept_ages_ms.take(self.picked)


@dataclass(frozen=True, eq=False)
class Block:
    """Some journeys, by length; and those that are too long for a matrix, as they came."""

    lengths: tuple[SameLength, ...]
    long: JourneyArrays | None


def block_of(journeys: JourneyArrays, lookbacks: Lookbacks) -> Block:
    """Return journeys with what counts inside the lookbacks, by length; those without anything are left out."""
    kept = counting(journeys, lookbacks)
    before = np.zeros(len(kept) + 1, dtype=np.int32)
    np.cumsum(kept, dtype=np.int32, out=before[1:])
    borders = before.take(journeys.offsets)
    sizes = np.minimum(np.diff(borders), LONGEST + 1).astype(np.uint8)
    order = np.argsort(sizes, kind="stable")
    per_size = np.bincount(sizes, minlength=LONGEST + 2)
    starts = borders.take(order).astype(np.intp)
    width = len(journeys.channel_names) * KINDS
    cells = _cells(journeys, width).compress(kept)
    ages = journeys.ages_ms.compress(kept)
    lengths, begin = [], int(per_size[0])
    for length in np.flatnonzero(per_size[1 : LONGEST + 1]) + 1:
        end = begin + int(per_size[length])
        picked = starts[begin:end] + np.arange(length)[:, None]
        lengths.append(SameLength(cells.take(picked).astype(np.intp), picked, ages, width))
        begin = end
    return Block(tuple(lengths), journeys.some(np.sort(order[begin:])) if begin < len(order) else None)


def _cells(journeys: JourneyArrays, width: int) -> NDArray[np.uint8] | NDArray[np.uint16]:
    """Return channel and kind of every touchpoint as one narrow number."""
    if width <= 1 << 8:
        return journeys.channels.astype(np.uint8) * np.uint8(KINDS) + journeys.kinds.astype(np.uint8)
    return journeys.channels.astype(np.uint16) * np.uint16(KINDS) + journeys.kinds.astype(np.uint16)
