"""TransitionCounts: what followed each k-gram of channels, all that a Markov chain of order k learns from."""

from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import blake2b
from typing import Final

import numpy as np

from attribution.arrays import BadArraysError, Integers
from attribution.paths import PathArrays
from attribution.statistics.cells import CellCounter, runs
from attribution.statistics.tally import Tally

BEFORE_START: Final = -1
CONVERSION: Final = -1
NULL: Final = -2
MOST_ORDER: Final = 4
_LEAST_TOUCHES: Final = 1 << 18  # of a block: they fit the processor's cache
_MOST_TOUCHES: Final = 1 << 22


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
        base, names = _base(order, len(paths.channel_names), paths.n_groups), tuple(paths.channel_names)
        cells = base**order * (base + 1) * paths.n_groups
        counter = CellCounter(cells, expected=len(paths.channels) + len(paths.sizes))
        for begin, end in _blocks(paths.offsets, min(max(cells, _LEAST_TOUCHES), _MOST_TOUCHES)):
            for found, counts in _transitions(paths, begin, end, order, base):
                counter.add(found, counts)
        found, counts = counter.found()
        keys = found // paths.n_groups
        distinct, rows = runs(keys)
        moved = found + (rows - keys) * paths.n_groups
        tally = Tally.of_cells(moved, counts, n_rows=len(distinct), n_groups=paths.n_groups)
        return cls(order, names, *_unpacked(distinct, order, base), tally)

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
        distinct = keys if np.isin(other_keys, keys).all() else np.union1d(keys, other_keys)
        rows, other_rows = (
            None if len(own) == len(distinct) else np.searchsorted(distinct, own) for own in (keys, other_keys)
        )
        tally = self.tally.merged(other.tally, rows=rows, other_rows=other_rows, n_rows=len(distinct))
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


def _base(order: int, n_channels: int, n_groups: int = 1) -> int:
    if not 1 <= order <= MOST_ORDER:
        raise BadArraysError(f"order {order} is not between 1 and {MOST_ORDER}")
    base = n_channels + 1
    if base**order * (base + 1) * n_groups >= 1 << 62:
        raise BadArraysError(f"{n_channels} channels are too many for a chain of order {order}")
    return base


def _blocks(offsets: Integers, touches: int) -> list[tuple[int, int]]:
    """Return ranges of paths with about as many touches each."""
    cuts = np.searchsorted(offsets, np.arange(touches, int(offsets[-1]), touches))
    borders = np.unique(np.concatenate([[0], cuts, [len(offsets) - 1]]))
    return list(zip(borders[:-1].tolist(), borders[1:].tolist(), strict=True))


def _transitions(
    paths: PathArrays, begin: int, end: int, order: int, base: int
) -> Iterator[tuple[Integers, Integers | None]]:
    """Yield the cells of all transitions of some paths, and how often each happened; None for once each."""
    conversions, nulls, groups = (part[begin:end] for part in (paths.conversions, paths.nulls, paths.groups))
    takers = conversions + nulls
    keys, ends = _keys(paths, begin, end, order, base)
    lengths = paths.sizes[begin:end] + 1
    is_once = bool((takers == 1).all())
    if is_once:
        keys[ends] += conversions.astype(keys.dtype)
    if paths.n_groups > 1:
        keys *= keys.dtype.type(paths.n_groups)
        keys += np.repeat(groups.astype(keys.dtype), lengths)
    if is_once:
        yield keys, None
        return
    counts = np.repeat(takers, lengths)
    counts[ends] = nulls
    yield keys, counts
    yield keys[ends] + keys.dtype.type(paths.n_groups), conversions


def _keys(paths: PathArrays, begin: int, end: int, order: int, base: int) -> tuple[Integers, Integers]:
    """
    Return what happened at each touch and at each path's end, in order, and the places of the ends.

    An end has code 0 and no conversion. Before the first touch of a path stands
    the end of the path before it, so that nothing is remembered across it.
    """
    offsets = paths.offsets[begin : end + 1] - paths.offsets[begin]
    ends = offsets[1:] + np.arange(end - begin)
    dtype = np.min_scalar_type(base**order * (base + 1) * paths.n_groups)
    is_touch = np.ones(int(offsets[-1]) + end - begin, dtype=bool)
    is_touch[ends] = False
    codes = np.zeros(len(is_touch), dtype=dtype)
    codes[is_touch] = paths.channels[paths.offsets[begin] : paths.offsets[end]]
    codes += is_touch
    grams = np.zeros_like(codes)
    for _ in range(order):
        grams *= dtype.type(base)
        grams += codes
        grams *= is_touch
        grams[1:] = grams[:-1].copy()
        grams[:1] = 0
    grams *= dtype.type(base + 1)
    grams += codes
    grams += is_touch
    return grams, ends
