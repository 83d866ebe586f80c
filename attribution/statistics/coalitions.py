"""CoalitionCounts: how many people met which set of channels, and how many of them converted."""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2b
from itertools import pairwise

import numpy as np

from attribution.arrays import BadArraysError, Integers
from attribution.paths import PathArrays
from attribution.statistics.tally import Tally


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
        if len(names) + paths.n_groups.bit_length() <= 62:
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
        distinct, rows = np.unique(masks * paths.n_groups + paths.groups, return_inverse=True)
        converting, not_converting = (
            np.bincount(rows, counts, len(distinct)).astype(np.int64) for counts in (paths.conversions, paths.nulls)
        )
        sets = [
            [place for place in range(len(names)) if mask >> place & 1]
            for mask in (distinct // paths.n_groups).tolist()
        ]
        return cls.from_rows(
            names, coalitions=sets, groups=distinct % paths.n_groups, converting=converting,
            not_converting=not_converting, n_groups=paths.n_groups,
        )  # fmt: skip

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
        sets: list[list[int]] = []
        parts: list[tuple[Integers, Integers, Integers]] = []
        for one in (self, other):
            renamed = [[places[one.channel_names[code]] for code in codes] for codes in one.coalitions]
            for tally, is_converting in ((one.converting, 1), (one.not_converting, 0)):
                sets += [renamed[row] for row in tally.rows.tolist()]
                parts.append((tally.groups, tally.counts * is_converting, tally.counts * (1 - is_converting)))
        groups, converting, not_converting = (np.concatenate(column) for column in zip(*parts, strict=True))
        return self.from_rows(
            names, coalitions=sets, groups=groups, converting=converting, not_converting=not_converting,
            n_groups=self.converting.n_groups,
        )  # fmt: skip

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
