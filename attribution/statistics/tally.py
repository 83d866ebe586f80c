"""Tally: how often each row of a statistic occurred in each group of people."""

from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np

from attribution.arrays import BadArraysError, Floats, Integers

_DENSE_CELLS: Final = 1 << 24
_SPARSE: Final = 16  # times as many cells as rows given: sorting is quicker than looking at every cell


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
        keys = np.asarray(rows, np.int64) * n_groups + groups
        if n_rows * n_groups <= min(_DENSE_CELLS, _SPARSE * len(keys)):
            table = np.zeros(n_rows * n_groups, dtype=np.int64)
            np.add.at(table, keys, counts)
            cells = np.flatnonzero(table)
            sums = table[cells]
        else:
            cells, places = np.unique(keys, return_inverse=True)
            sums = np.zeros(len(cells), dtype=np.int64)
            np.add.at(sums, places, counts)
            cells, sums = cells[sums > 0], sums[sums > 0]
        return cls(cells // n_groups, cells % n_groups, sums, n_rows, n_groups)

    def merged(self, other: "Tally", *, rows: Integers, other_rows: Integers, n_rows: int) -> "Tally":
        """
        Return the sum of two tallies, whose rows have new places.

        Parameters
        ----------
        other : Tally
            Of the same number of groups.
        rows, other_rows : array of int
            The new place of each row of this tally and of the other, ascending.
        n_rows : int

        Notes
        -----
        Time O(cells of the larger) for copying them, O(n log n) only for the
        cells of the smaller.
        """
        if len(other.counts) > len(self.counts):
            return other.merged(self, rows=other_rows, other_rows=rows, n_rows=n_rows)
        own = rows[self.rows] * self.n_groups + self.groups
        theirs = other_rows[other.rows] * self.n_groups + other.groups
        places = np.searchsorted(own, theirs)
        known = np.zeros(len(theirs), dtype=bool)
        inside = places < len(own)
        known[inside] = own[places[inside]] == theirs[inside]
        counts = self.counts.copy()
        counts[places[known]] += other.counts[known]
        own_rows, groups = rows[self.rows], self.groups
        if not known.all():
            new = places[~known]
            counts = np.insert(counts, new, other.counts[~known])
            own_rows = np.insert(own_rows, new, other_rows[other.rows[~known]])
            groups = np.insert(groups, new, other.groups[~known])
        return Tally(own_rows, groups, counts, n_rows, self.n_groups)

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
