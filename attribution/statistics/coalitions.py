"""CoalitionCounts: how many people met which set of channels, and how many of them converted."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from hashlib import blake2b
from itertools import pairwise
from typing import Final

import numpy as np

from attribution.arrays import BadArraysError, Integers
from attribution.paths import PathArrays
from attribution.statistics.cells import CellCounter, runs
from attribution.statistics.tally import Tally

MOST_LANES: Final = 62
_SPARSE: Final = 16  # times as many numbers as are given: sorting is quicker than looking at every one


@dataclass(frozen=True, eq=False)
class CoalitionCounts:
    """
    Converting and other paths of every set of channels that occurs.

    Parameters
    ----------
    channel_names : tuple of str
        Sorted.
    coalitions : tuple of tuple of int
        Codes of the channels, ascending; sorted, each set once. The empty set
        is the paths without touchpoints.
    converting, not_converting : Tally
        Paths of each set, by group of people.
    """

    channel_names: tuple[str, ...]
    coalitions: tuple[tuple[int, ...], ...]
    converting: Tally
    not_converting: Tally

    @classmethod
    def from_rows(
        cls,
        channel_names: tuple[str, ...],
        *,
        coalitions: Sequence[Sequence[int]],
        groups: Integers,
        converting: Integers,
        not_converting: Integers,
        n_groups: int,
    ) -> "CoalitionCounts":
        """
        Return the counts of rows in any order, as a database sends them.

        Parameters
        ----------
        coalitions : sequence of sequence of int
            Codes of the channels of each row, in any order, repetitions allowed.
        groups, converting, not_converting : array of int, shape (n_rows,)
            A set may come once for each group, or in parts.

        Raises
        ------
        BadArraysError
            If something is out of range.
        """
        sets = [tuple(sorted(set(one))) for one in coalitions]
        distinct = sorted(set(sets))
        if any(one and not 0 <= one[0] <= one[-1] < len(channel_names) for one in distinct):
            raise BadArraysError("unknown channel in a coalition")
        places = {one: place for place, one in enumerate(distinct)}
        rows = np.array([places[one] for one in sets], dtype=np.int64)
        tallies = [
            Tally.of(rows, groups, counts, n_rows=len(distinct), n_groups=n_groups)
            for counts in (converting, not_converting)
        ]
        return cls(channel_names, tuple(distinct), *tallies)

    @classmethod
    def of(cls, paths: PathArrays) -> "CoalitionCounts":
        """
        Return the counts of paths.

        Notes
        -----
        Time O(touches log touches), up to about fifty channels O(touches).
        """
        names = tuple(paths.channel_names)
        if len(names) + paths.n_groups.bit_length() <= MOST_LANES:
            return cls._of_masks(paths, names)
        codes = paths.channels.tolist()
        borders = paths.offsets.tolist()
        sets = [codes[begin:end] for begin, end in pairwise(borders)]
        return cls.from_rows(
            names, coalitions=sets, groups=paths.groups, converting=paths.conversions, not_converting=paths.nulls,
            n_groups=paths.n_groups,
        )  # fmt: skip

    @classmethod
    def _of_masks(cls, paths: PathArrays, names: tuple[str, ...]) -> "CoalitionCounts":
        width, groups = len(names), paths.n_groups
        dtype = np.min_scalar_type((1 << width) * groups)
        bits = np.left_shift(1, np.arange(width - 1, -1, -1)).astype(dtype)
        sets = np.zeros(len(paths.sizes), dtype=dtype)
        filled = paths.sizes > 0
        if filled.any():
            sets[filled] = np.bitwise_or.reduceat(bits.take(paths.channels), paths.offsets[:-1][filled])
        ranks = _ranks_of(sets, width)
        distinct = _distinct(ranks)
        cells = ranks * dtype.type(groups) + paths.groups.astype(dtype)
        tallies = []
        for counts in (paths.conversions, paths.nulls):
            own = counts > 0
            counter = CellCounter((1 << width) * groups, expected=len(cells))
            counter.add(cells[own], None if int(counts.max(initial=0)) <= 1 else counts[own])
            tallies.append(_tally(*counter.found(), distinct, groups))
        masks = _masks_of(distinct.astype(np.int64), width)
        return cls(names, tuple(map(_codes, masks.tolist())), *tallies)

    @classmethod
    def from_masks(
        cls,
        channel_names: tuple[str, ...],
        *,
        masks: Integers,
        groups: Integers,
        converting: Integers,
        not_converting: Integers,
        n_groups: int,
    ) -> "CoalitionCounts":
        """
        Return the counts of rows in any order whose sets are bits: channel c is 2**c.

        Parameters
        ----------
        masks, groups, converting, not_converting : array of int, shape (n_rows,)
            A set may come once for each group, or in parts.

        Raises
        ------
        BadArraysError
            If something is out of range, or there are more than 62 channels.
        """
        if len(channel_names) > MOST_LANES:
            raise BadArraysError(f"{len(channel_names)} channels are too many for bits")
        distinct, rows = np.unique(masks, return_inverse=True)
        if len(distinct) and (distinct[0] < 0 or int(distinct[-1]) >> len(channel_names)):
            raise BadArraysError("unknown channel in a coalition")
        sets = [_codes(mask) for mask in distinct.tolist()]
        order = sorted(range(len(sets)), key=sets.__getitem__)
        places = np.empty(len(sets), dtype=np.int64)
        places[order] = np.arange(len(sets))
        tallies = [
            Tally.of(places[rows], groups, counts, n_rows=len(sets), n_groups=n_groups)
            for counts in (converting, not_converting)
        ]
        return cls(channel_names, tuple(sets[place] for place in order), *tallies)

    def merged(self, other: "CoalitionCounts") -> "CoalitionCounts":
        """
        Return the counts of both, over the channels of both.

        Raises
        ------
        BadArraysError
            If the numbers of groups differ.
        """
        if self.converting.n_groups != other.converting.n_groups:
            raise BadArraysError("statistics of different grouping cannot be added")
        names = tuple(sorted({*self.channel_names, *other.channel_names}))
        own, theirs = (_renamed(one, names) for one in (self, other))
        coalitions, rows = self.coalitions, None
        found = [self._ranks.get(one, -1) for one in theirs] if names == self.channel_names else [-1]
        if -1 in found:
            coalitions = tuple(sorted({*own, *theirs}))
            ranks = {one: rank for rank, one in enumerate(coalitions)}
            rows = np.array([ranks[one] for one in own], dtype=np.int64)
            found = [ranks[one] for one in theirs]
        other_rows = np.array(found, dtype=np.int64)
        tallies = [
            one.merged(another, rows=rows, other_rows=other_rows, n_rows=len(coalitions))
            for one, another in (
                (self.converting, other.converting),
                (self.not_converting, other.not_converting),
            )
        ]
        return type(self)(names, coalitions, *tallies)

    @cached_property
    def _ranks(self) -> Mapping[tuple[int, ...], int]:
        return {one: rank for rank, one in enumerate(self.coalitions)}

    @property
    def conversions(self) -> int:
        """How many paths converted."""
        return int(self.converting.totals.sum())

    @property
    def paths(self) -> int:
        """How many paths there are."""
        return self.conversions + int(self.not_converting.totals.sum())

    @property
    def data_hash(self) -> str:
        """Fingerprint of the statistic: equal data, equal hash, whatever order rows came in."""
        digest = blake2b(repr((self.channel_names, self.coalitions, self.converting.n_groups)).encode(), digest_size=16)
        for tally in (self.converting, self.not_converting):
            for part in (tally.rows, tally.groups, tally.counts):
                digest.update(np.ascontiguousarray(part, dtype="<i8").tobytes())
        return digest.hexdigest()


def _renamed(counts: CoalitionCounts, names: tuple[str, ...]) -> Sequence[tuple[int, ...]]:
    """Return the sets of a statistic with the codes of other channel names."""
    if counts.channel_names == names:
        return counts.coalitions
    places = {name: place for place, name in enumerate(names)}
    table = [places[name] for name in counts.channel_names]
    return [tuple(table[code] for code in codes) for codes in counts.coalitions]


@lru_cache(maxsize=1 << 16)
def _codes(mask: int) -> tuple[int, ...]:
    """Return the channels of a set, ascending."""
    return tuple(place for place in range(mask.bit_length()) if mask >> place & 1)


def _ranks_of(sets: Integers, width: int) -> Integers:
    """
    Return the place of each set among all sets, sorted as tuples of their codes.

    A set is bits, its first channel the highest. Sets that begin with channel
    c are 2**(width - 1 - c), which telescopes to this sum.
    """
    one = sets.dtype.type(1)
    lowest = sets & (~sets + one)
    ranks = sets.dtype.type(1 << width) - sets - lowest + np.bitwise_count(sets)
    ranks[sets == 0] = 0
    return ranks


def _masks_of(ranks: Integers, width: int) -> Integers:
    """Return the sets at places that `_ranks_of` gives, as bits, channel c being 2**c."""
    masks, left = np.zeros_like(ranks), ranks.copy()
    for channel in range(width):
        beginning = np.int64(1) << (width - 1 - channel)
        begins = (left > 0) & (left <= beginning)
        masks[begins] |= np.int64(1) << channel
        left -= np.where(begins, 1, np.where(left > 0, beginning, 0))
    return masks


def _distinct(ranks: Integers) -> Integers:
    """Return the distinct ones, ascending; small ones are looked up, not sorted."""
    end = int(ranks.max(initial=0)) + 1
    if end > _SPARSE * len(ranks):
        return np.unique(ranks)
    found = np.zeros(end, dtype=bool)
    found[ranks] = True
    return np.flatnonzero(found)


def _tally(cells: Integers, counts: Integers, distinct: Integers, n_groups: int) -> Tally:
    """Return a tally whose rows are places among *distinct*."""
    keys = cells // n_groups
    own, rows = runs(keys)
    rows = np.searchsorted(distinct, own).take(rows)
    return Tally.of_cells(cells + (rows - keys) * n_groups, counts, n_rows=len(distinct), n_groups=n_groups)
