"""Tally: how often each row of a statistic occurred in each group of people."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import numpy as np

from attribution.arrays import BadArraysError, Floats, Integers
from attribution.statistics.cells import CellCounter

_DENSE_CELLS: Final = 1 << 24
_FILLED: Final = 8  # at most so many times as many cells as occur: a table of all is copied faster than a list


@dataclass(frozen=True, eq=False)
class Tally:
    """
    A table of whole numbers, rows by groups of people.

    Parameters
    ----------
    known : array of int, shape (n_known,), or None
        Cells that occurred, ascending: ``row * n_groups + group``. None: any
        cell may have.
    numbers : array of int, shape (n_known,) or (n_rows * n_groups,)
        How often each of them occurred.
    n_rows, n_groups : int
    """

    known: Integers | None
    numbers: Integers
    n_rows: int
    n_groups: int

    @classmethod
    def of_cells(cls, cells: Integers, counts: Integers, *, n_rows: int, n_groups: int) -> "Tally":
        """Return the tally of cells that occurred, ascending, each once."""
        size = n_rows * n_groups
        if size > min(_DENSE_CELLS, _FILLED * len(cells)):
            return cls(cells, counts, n_rows, n_groups)
        table = np.zeros(size, dtype=_dtype_of(counts))
        table[cells] = counts
        return cls(None, table, n_rows, n_groups)

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
        counter = CellCounter(n_rows * n_groups, expected=len(rows))
        counter.add(np.asarray(rows, np.int64) * n_groups + groups, counts)
        return cls.of_cells(*counter.found(), n_rows=n_rows, n_groups=n_groups)

    def merged(self, other: "Tally", *, rows: Integers | None, other_rows: Integers | None, n_rows: int) -> "Tally":
        """
        Return the sum of two tallies, whose rows have new places.

        Parameters
        ----------
        other : Tally
            Of the same number of groups.
        rows, other_rows : array of int or None
            The new place of each row of this tally and of the other,
            ascending; None where places stay.
        n_rows : int

        Notes
        -----
        Time O(cells of the larger) for copying its counts, O(n log n) only
        for the cells of the smaller.
        """
        if len(other.numbers) > len(self.numbers):
            return other.merged(self, rows=other_rows, other_rows=rows, n_rows=n_rows)
        theirs = other._moved(other_rows)  # noqa: SLF001  its own kind
        if self.known is None:
            table = self.numbers if rows is None else self._spread(rows, n_rows)
            sums = table[theirs] + other.counts
            table = table.astype(max(table.dtype, _dtype_of(sums)))
            table[theirs] = sums
            return Tally(None, table, n_rows, self.n_groups)
        own = self._moved(rows)
        places = np.searchsorted(own, theirs)
        met = np.zeros(len(theirs), dtype=bool)
        inside = places < len(own)
        met[inside] = own[places[inside]] == theirs[inside]
        counts = self.counts.copy()
        counts[places[met]] += other.counts[met]
        if not met.all():
            counts, own = (
                np.insert(part, places[~met], new[~met]) for part, new in ((counts, other.counts), (own, theirs))
            )
        return Tally(own, counts, n_rows, self.n_groups)

    def _moved(self, rows: Integers | None) -> Integers:
        """Return the cells that occurred after rows took new places."""
        return self.cells if rows is None else rows[self.rows] * self.n_groups + self.groups

    def _spread(self, rows: Integers, n_rows: int) -> Integers:
        table = np.zeros((n_rows, self.n_groups), dtype=self.numbers.dtype)
        table[rows] = self.numbers.reshape(-1, self.n_groups)
        return table.ravel()

    @cached_property
    def cells(self) -> Integers:
        """Cells that occurred, ascending."""
        return np.flatnonzero(self.numbers) if self.known is None else self.known

    @cached_property
    def counts(self) -> Integers:
        """How often each cell occurred; positive."""
        return self.numbers[self.cells].astype(np.int64) if self.known is None else self.numbers

    @cached_property
    def rows(self) -> Integers:
        """Row of each cell."""
        return self.cells // self.n_groups

    @cached_property
    def groups(self) -> Integers:
        """Group of people of each cell."""
        return self.cells - self.rows * self.n_groups

    @cached_property
    def totals(self) -> Integers:
        """Number of occurrences of every row, shape (n_rows,)."""
        if self.known is None:
            sums: Integers = self.numbers.reshape(self.n_rows, self.n_groups).sum(axis=1)
            return sums
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
        if self.known is None:
            return self.numbers.reshape(self.n_rows, self.n_groups).T.astype(np.float64, order="C")
        table = np.zeros((self.n_groups, self.n_rows))
        table[self.groups, self.rows] = self.counts
        return table


def _dtype_of(counts: Integers) -> np.dtype[Any]:
    """Return the narrower of two types, if it holds the counts: copying a table is what a merge costs."""
    return np.dtype(np.int32 if counts.max(initial=0) < 1 << 31 else np.int64)
