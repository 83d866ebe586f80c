"""TransitionCounts: what followed each k-gram of channels, all that a Markov chain of order k learns from."""

from dataclasses import dataclass
from hashlib import blake2b
from typing import Final

import numpy as np

from attribution.arrays import BadArraysError, Integers
from attribution.paths import PathArrays
from attribution.statistics.tally import Tally

BEFORE_START: Final = -1
CONVERSION: Final = -1
NULL: Final = -2
MOST_ORDER: Final = 4
_BLOCK_TOUCHES: Final = 1 << 22
_DENSE_CELLS: Final = 1 << 24
_SPARSE: Final = 16  # times as many cells as keys: sorting the keys is quicker than looking at every cell


@dataclass(frozen=True, eq=False)
class TransitionCounts:
    """
    Transitions from the last k channels to the next channel or the end of the path.

    Parameters
    ----------
    order : int
        k, from 1 to 4.
    channel_names : tuple of str
        Sorted.
    histories : array of int, shape (n_rows, order)
        Codes of the last k channels, the youngest last; -1 stands before the
        start of the path.
    nexts : array of int, shape (n_rows,)
        Code of the next channel, -1 for conversion, -2 for none.
    tally : Tally
        Occurrences by group of people.

    Notes
    -----
    Counts are whole numbers and rows are sorted, so statistics of disjoint
    people add up to those of all of them, bit for bit: see `merged`.
    """

    order: int
    channel_names: tuple[str, ...]
    histories: Integers
    nexts: Integers
    tally: Tally

    @classmethod
    def from_rows(
        cls,
        order: int,
        channel_names: tuple[str, ...],
        *,
        histories: Integers,
        nexts: Integers,
        groups: Integers,
        counts: Integers,
        n_groups: int,
    ) -> "TransitionCounts":
        """
        Return the counts of rows in any order, as a database sends them.

        Parameters
        ----------
        histories, nexts
            As in the class; codes are places in ``channel_names``.
        groups, counts : array of int, shape (n_rows,)
            A row may come once for each group, or in parts.

        Raises
        ------
        BadArraysError
            If something is out of range or ``order`` is not between 1 and 4.
        """
        base = _base(order, len(channel_names))
        histories = np.asarray(histories, np.int64).reshape(-1, order)
        for name, codes, least in (("history", histories, BEFORE_START), ("next", nexts, NULL)):
            if codes.size and (codes.min() < least or codes.max() >= len(channel_names)):
                raise BadArraysError(f"unknown channel in {name}")
        return cls._of_keys(order, channel_names, _packed(histories, nexts, base), groups, counts, n_groups)

    @classmethod
    def of(cls, paths: PathArrays, order: int = 1) -> "TransitionCounts":
        """
        Return the transitions of paths, each ended by its conversion or by none.

        Raises
        ------
        BadArraysError
            If ``order`` is not between 1 and 4, or there are so many channels
            that k-grams cannot be told apart in 64 bits.

        Notes
        -----
        Time O(order * touches), memory O(distinct transitions) beside a block
        of four million touches.
        """
        base = _base(order, len(paths.channel_names))
        parts = [_block(paths, begin, end, order, base) for begin, end in _blocks(paths.offsets)]
        keys, groups, counts = (np.concatenate(column) for column in zip(*parts, strict=True))
        return cls._of_keys(order, tuple(paths.channel_names), keys, groups, counts, paths.n_groups)

    @classmethod
    def _of_keys(
        cls, order: int, names: tuple[str, ...], keys: Integers, groups: Integers, counts: Integers, n_groups: int
    ) -> "TransitionCounts":
        base = _base(order, len(names))
        distinct, rows = np.unique(keys, return_inverse=True)
        tally = Tally.of(rows, groups, counts, n_rows=len(distinct), n_groups=n_groups)
        return cls(order, names, *_unpacked(distinct, order, base), tally)

    def merged(self, other: "TransitionCounts") -> "TransitionCounts":
        """
        Return the counts of both, over the channels of both.

        Raises
        ------
        BadArraysError
            If order or number of groups differ.
        """
        if (self.order, self.tally.n_groups) != (other.order, other.tally.n_groups):
            raise BadArraysError("statistics of different order or grouping cannot be added")
        names = tuple(sorted({*self.channel_names, *other.channel_names}))
        base = _base(self.order, len(names))
        keys, other_keys = (_row_keys(one, names, base) for one in (self, other))
        distinct = np.union1d(keys, other_keys)
        tally = self.tally.merged(
            other.tally, rows=np.searchsorted(distinct, keys), other_rows=np.searchsorted(distinct, other_keys),
            n_rows=len(distinct),
        )  # fmt: skip
        return type(self)(self.order, names, *_unpacked(distinct, self.order, base), tally)

    @property
    def conversions(self) -> int:
        """How many paths converted."""
        return int(self.tally.totals[self.nexts == CONVERSION].sum())

    @property
    def paths(self) -> int:
        """How many paths there are."""
        return int(self.tally.totals[self.nexts < 0].sum())

    @property
    def data_hash(self) -> str:
        """Fingerprint of the statistic: equal data, equal hash, whatever order rows came in."""
        digest = blake2b(repr((self.order, self.channel_names, self.tally.n_groups)).encode(), digest_size=16)
        for part in (self.histories, self.nexts, self.tally.rows, self.tally.groups, self.tally.counts):
            digest.update(np.ascontiguousarray(part, dtype="<i8").tobytes())
        return digest.hexdigest()


def _packed(histories: Integers, nexts: Integers, base: int) -> Integers:
    """Return one number for each history and what followed."""
    keys = np.zeros(len(nexts), dtype=np.int64)
    for place in range(histories.shape[1]):
        keys = keys * base + histories[:, place] + 1
    return keys * (base + 1) + nexts + 2


def _unpacked(keys: Integers, order: int, base: int) -> tuple[Integers, Integers]:
    grams = keys // (base + 1)
    histories = np.stack([grams // base**power % base - 1 for power in reversed(range(order))], axis=1)
    return histories, keys % (base + 1) - 2


def _row_keys(counts: TransitionCounts, names: tuple[str, ...], base: int) -> Integers:
    """Return the rows of a statistic, ascending, with the codes of other channel names."""
    places = {name: place for place, name in enumerate(names)}
    table = np.array([*(places[name] for name in counts.channel_names), NULL, BEFORE_START], dtype=np.int64)
    return _packed(table[counts.histories], table[counts.nexts], base)


def _base(order: int, n_channels: int) -> int:
    if not 1 <= order <= MOST_ORDER:
        raise BadArraysError(f"order {order} is not between 1 and {MOST_ORDER}")
    base = n_channels + 1
    if base**order * (base + 1) >= 1 << 62:
        raise BadArraysError(f"{n_channels} channels are too many for a chain of order {order}")
    return base


def _blocks(offsets: Integers) -> list[tuple[int, int]]:
    """Return ranges of paths with about as many touches each."""
    total = int(offsets[-1])
    cuts = np.searchsorted(offsets, np.arange(_BLOCK_TOUCHES, total, _BLOCK_TOUCHES))
    borders = np.unique(np.concatenate([[0], cuts, [len(offsets) - 1]]))
    return list(zip(borders[:-1].tolist(), borders[1:].tolist(), strict=True)) or [(0, 0)]


def _block(paths: PathArrays, begin: int, end: int, order: int, base: int) -> tuple[Integers, Integers, Integers]:
    """Return keys, groups and counts of the transitions of some paths, equal ones added up."""
    offsets = paths.offsets[begin : end + 1] - paths.offsets[begin]
    sizes = np.diff(offsets)
    filled = sizes > 0
    starts, lasts = offsets[:-1][filled], offsets[1:][filled] - 1
    codes = paths.channels[paths.offsets[begin] : paths.offsets[end]].astype(np.int64) + 1
    grams, finals = np.zeros(len(codes), dtype=np.int64), np.zeros(len(sizes), dtype=np.int64)
    previous = codes
    for power in range(order):
        finals[filled] += previous[lasts] * base**power
        shifted = np.zeros_like(previous)
        shifted[1:] = previous[:-1]
        shifted[starts] = 0  # before the start; further back it then stays 0
        previous = shifted
        grams += previous * base**power
    grams *= base + 1
    grams += codes + 1
    finals *= base + 1
    conversions, nulls, groups = (part[begin:end] for part in (paths.conversions, paths.nulls, paths.groups))
    takers = conversions + nulls
    cells = base**order * (base + 1) * paths.n_groups
    touched = None if (takers == 1).all() else np.repeat(takers, sizes)
    parts = [
        _added_up(grams, np.repeat(groups, sizes) if paths.n_groups > 1 else None, touched, paths.n_groups, cells),
        _added_up(finals, groups, nulls, paths.n_groups, cells),
        _added_up(finals + 1, groups, conversions, paths.n_groups, cells),
    ]
    keys, owners, counts = (np.concatenate(column) for column in zip(*parts, strict=True))
    return keys, owners, counts


def _added_up(
    keys: Integers, groups: Integers | None, counts: Integers | None, n_groups: int, cells: int
) -> tuple[Integers, Integers, Integers]:
    """Return keys, groups and counts, each pair of key and group once; without counts, each is one."""
    mixed = keys if groups is None or n_groups == 1 else keys * n_groups + groups
    if cells <= min(_DENSE_CELLS, _SPARSE * len(mixed)):
        sums = np.bincount(mixed, counts, cells)
        distinct = np.flatnonzero(sums)
        return distinct // n_groups, distinct % n_groups, sums[distinct].astype(np.int64)
    distinct, places = np.unique(mixed, return_inverse=True)
    sums = np.bincount(places, counts, len(distinct))
    distinct, sums = distinct[sums > 0], sums[sums > 0]
    return distinct // n_groups, distinct % n_groups, sums.astype(np.int64)
