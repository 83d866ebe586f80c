"""Tally: how often each row of a statistic occurred in each group of people."""

from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np

from attribution.arrays import BadArraysError, Floats, Integers

_DENSE_CELLS: Final = 1 << 24


@dataclass(frozen=True, eq=False)
class Tally:
    """
    A sparse table of whole numbers, rows by groups of people.

    Parameters
    ----------
    rows, groups, counts : array of int, shape (n_cells,)
        Sorted by row, then group; no cell twice, every count positive.
    n_rows, n_groups : int
    """

    rows: Integers
    groups: Integers
    counts: Integers
    n_rows: int
    n_groups: int

    @classmethod
    def of(cls, rows: Integers, groups: Integers, counts: Integers, *, n_rows: int, n_groups: int) -> "Tally":
        """
        Return the tally of cells in any order; a cell may come in parts.

        Raises
        ------
        BadArraysError
            If lengths differ, a row or group is unknown, or a count is negative.
        """
        if not len(rows) == len(groups) == len(counts):
            raise BadArraysError("rows, groups and counts differ in length")
        for name, codes, end in (("row", rows, n_rows), ("group", groups, n_groups)):
            if len(codes) and (codes.min() < 0 or codes.max() >= end):
                raise BadArraysError(f"unknown {name}")
        if len(counts) and counts.min() < 0:
            raise BadArraysError("a count is negative")
        cells, places = np.unique(np.asarray(rows, np.int64) * n_groups + groups, return_inverse=True)
        sums = np.zeros(len(cells), dtype=np.int64)
        np.add.at(sums, places, counts)
        cells, sums = cells[sums > 0], sums[sums > 0]
        return cls(cells // n_groups, cells % n_groups, sums, n_rows, n_groups)

    @cached_property
    def totals(self) -> Integers:
        """Number of occurrences of every row, shape (n_rows,)."""
        return np.bincount(self.rows, self.counts, self.n_rows).astype(np.int64)

    def weighed(self, weights: Floats) -> Floats:
        """
        Return the totals with every group of people weighed.

        Parameters
        ----------
        weights : array, shape (n_replicates, n_groups)
            Whole numbers, so that sums are exact in any order.

        Returns
        -------
        array, shape (n_replicates, n_rows)
        """
        if self.n_rows * self.n_groups <= _DENSE_CELLS:
            dense: Floats = np.matmul(weights, self._table)
            return dense
        sums = np.zeros((len(weights), self.n_rows))
        for place, one in enumerate(weights):
            sums[place] = np.bincount(self.rows, self.counts * one[self.groups], self.n_rows)
        return sums

    @cached_property
    def _table(self) -> Floats:
        table = np.zeros((self.n_groups, self.n_rows))
        table[self.groups, self.rows] = self.counts
        return table
