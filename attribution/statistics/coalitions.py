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
from attribution.statistics.tally import Tally

MOST_LANES: Final = 62
_MOST_CELLS: Final = 1 << 24
_SPARSE: Final = 16  # times as many cells as keys: sorting is quicker than looking at every cell


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
        masks = np.zeros(len(paths.sizes), dtype=np.int64)
        filled = paths.sizes > 0
        if filled.any():
            bits = np.left_shift(np.int64(1), paths.channels.astype(np.int64))
            masks[filled] = np.bitwise_or.reduceat(bits, paths.offsets[:-1][filled])
        cells, rows = _distinct(masks * paths.n_groups + paths.groups)
        converting, not_converting = (
            np.bincount(rows, counts, len(cells)).astype(np.int64) for counts in (paths.conversions, paths.nulls)
        )
        return cls.from_masks(
            names, masks=cells // paths.n_groups, groups=cells % paths.n_groups, converting=converting,
            not_converting=not_converting, n_groups=paths.n_groups,
        )  # fmt: skip

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
        distinct, rows = _distinct(masks)
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
        places = {name: place for place, name in enumerate(names)}
        table = {code: places[name] for code, name in enumerate(other.channel_names)}
        theirs = [tuple(table[code] for code in codes) for codes in other.coalitions]
        if names == self.channel_names and all(one in self._ranks for one in theirs):
            coalitions, ranks, rows = self.coalitions, self._ranks, np.arange(len(self.coalitions))
        else:
            own = [tuple(places[self.channel_names[code]] for code in codes) for codes in self.coalitions]
            coalitions = tuple(sorted({*own, *theirs}))
            ranks = {one: rank for rank, one in enumerate(coalitions)}
            rows = np.array([ranks[one] for one in own], dtype=np.int64)
        other_rows = np.array([ranks[one] for one in theirs], dtype=np.int64)
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


@lru_cache(maxsize=1 << 16)
def _codes(mask: int) -> tuple[int, ...]:
    """Return the channels of a set, ascending."""
    return tuple(place for place in range(mask.bit_length()) if mask >> place & 1)


def _distinct(keys: Integers) -> tuple[Integers, Integers]:
    """Return the distinct keys, ascending, and each key's place among them; small ones are counted, not sorted."""
    if len(keys) and 0 <= keys.min() <= keys.max() < min(_MOST_CELLS, _SPARSE * len(keys)):
        found = np.zeros(int(keys.max()) + 1, dtype=bool)
        found[keys] = True
        return np.flatnonzero(found), (np.cumsum(found) - 1)[keys]
    distinct, places = np.unique(keys, return_inverse=True)
    return distinct, places
