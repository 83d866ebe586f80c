"""Counting of cells: whole numbers, by table where most of them occur and by sorting where few do."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from attribution.arrays import Integers

_DENSE_CELLS: Final = 1 << 24
_SPARSE: Final = 16  # times as many cells as are given: sorting is quicker than looking at every cell


class CellCounter:
    """
    How often each cell occurs.

    Parameters
    ----------
    cells : int
        Number of cells that there can be.
    expected : int
        How many will be given in all; decides how they are counted, not what is found.
    """

    def __init__(self, cells: int, *, expected: int) -> None:
        self._cells = cells
        self._table = np.zeros(cells, dtype=np.int64) if cells <= min(_DENSE_CELLS, _SPARSE * expected) else None
        self._found: list[tuple[Integers, Integers]] = []

    def add(self, cells: NDArray[np.integer], counts: Integers | None = None) -> None:
        """Count cells in any order; without *counts*, each is one."""
        if self._table is None:
            self._found.append(_sorted(cells, counts))
        elif counts is None:
            self._table += np.bincount(cells, minlength=self._cells)
        else:
            np.add.at(self._table, cells, counts)

    def found(self) -> tuple[Integers, Integers]:
        """Return the cells that occur, ascending, and how often each does."""
        if self._table is not None:
            cells = np.flatnonzero(self._table)
            return cells, self._table[cells]
        if len(self._found) == 1:
            return self._found[0]
        parts = self._found or [(np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64))]
        cells, counts = (np.concatenate(column) for column in zip(*parts, strict=True))
        return _sorted(cells, counts)


def runs(ordered: Integers) -> tuple[Integers, Integers]:
    """
    Return the distinct values of an ascending array, and the place of each element's among them.

    Examples
    --------
    >>> [part.tolist() for part in runs(np.array([3, 3, 7]))]
    [[3, 7], [0, 0, 1]]
    """
    is_new = np.ones(len(ordered), dtype=bool)
    np.not_equal(ordered[1:], ordered[:-1], out=is_new[1:])
    return ordered[is_new], np.cumsum(is_new) - 1


def _sorted(cells: NDArray[np.integer], counts: Integers | None) -> tuple[Integers, Integers]:
    if counts is None:
        distinct, times = np.unique(cells, return_counts=True)
        return distinct.astype(np.int64), times
    order = np.argsort(cells, kind="stable")
    distinct, rows = runs(cells[order].astype(np.int64))
    sums = np.zeros(len(distinct), dtype=np.int64)
    np.add.at(sums, rows, counts[order])
    return distinct[sums > 0], sums[sums > 0]
