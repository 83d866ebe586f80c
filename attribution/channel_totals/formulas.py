"""The formulas of `weights`, summed by channel over journeys of equal length."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from functools import partial
from typing import Final

import numpy as np

from attribution.arrays import Floats, Integers
from attribution.channel_totals.lengths import KINDS, LONGEST, SameLength
from attribution.journeys import KIND_RANK
from attribution.spec import Custom, Decay, Equal, Learned, MethodSpec, Preference, Shares

_MILLISECOND: Final = timedelta(milliseconds=1)
_LANES: Final = 16  # channels whose sets can be counted in a table

Formula = Callable[[Sequence[SameLength]], Floats]


def formula_of(spec: MethodSpec, names: Sequence[str], *, with_milestones: bool) -> Formula | None:
    """
    Return what sums a method by cell over journeys of equal length, shape (n_cells,).

    None where the method wants one share a touchpoint first.
    """
    weighting, found = spec.weighting, None
    if spec.repeats != "keep":
        return None
    if isinstance(weighting, Shares) and (end := weighting.only_end):
        return _at_end(end, spec.prefers, names)
    if spec.prefers:
        return None
    match weighting:
        case Shares() if not (with_milestones and weighting.milestone > 0):
            found = partial(_by_place, weights_of=partial(_roles, weighting))
        case Equal(distinct=False):
            found = partial(_by_place, weights_of=np.ones)
        case Equal() if len(names) <= _LANES:
            found = partial(_by_channel, channels=len(names))
        case Custom(by_channel=(), by_kind=()):
            found = partial(_by_place, weights_of=partial(_places, weighting))
        case Custom() | Learned(distinct=False):
            found = partial(_by_weight, weigh=partial(_factored, weighting, _factors(weighting, names)))
        case Decay(half_life):
            found = partial(_by_weight, weigh=partial(_halved, -_MILLISECOND / half_life))
    return found


def _by_place(lengths: Sequence[SameLength], weights_of: Callable[[int], Floats]) -> Floats:
    """Sum a method whose shares follow from the place alone."""
    parts = []
    for one in lengths:
        weights = weights_of(one.length)
        total = weights.sum()
        parts.append((weights / total if total else np.full(one.length, 1 / one.length)) @ one.by_place)
    return np.asarray(np.sum(parts, axis=0), dtype=np.float64)


def _by_weight(lengths: Sequence[SameLength], weigh: Callable[[SameLength], Floats]) -> Floats:
    """Sum a method whose weights are scaled to 1 in each journey; all zero counts as equal."""
    parts = []
    for one in lengths:
        if one.length == 1:
            parts.append(one.by_place[0].astype(np.float64))
            continue
        weights = weigh(one)
        totals = weights.sum(axis=0)
        if (empty := totals == 0).any():
            weights[:, empty], totals[empty] = 1.0, one.length
        weights /= totals
        parts.append(np.bincount(one.cells.ravel(), weights.ravel(), one.width))
    return np.asarray(np.sum(parts, axis=0), dtype=np.float64)


def _halved(scale: float, one: SameLength) -> Floats:
    """Return the weights of a decay; ages count from the youngest, so that no half-life makes all of them zero."""
    ages = one.ages_ms.astype(np.float64)
    ages -= ages[-1].copy()
    ages *= scale
    np.exp2(ages, out=ages)
    return ages


def _by_channel(lengths: Sequence[SameLength], channels: int) -> Floats:
    """Give every distinct channel of a journey the same: journeys are counted by the set of their channels."""
    lanes = np.left_shift(1, np.arange(channels * KINDS) // KINDS).astype(np.uint16)
    masks = np.concatenate([np.bitwise_or.reduce(lanes.take(one.cells), axis=0) for one in lengths])
    counts = np.bincount(masks, minlength=1 << channels)
    met = np.flatnonzero(counts)
    each = counts[met] / np.bitwise_count(met)
    sums = np.zeros(channels * KINDS)
    for channel in range(channels):
        sums[channel * KINDS] = each[met >> channel & 1 == 1].sum()
    return sums


def _at_end(end: str, prefers: tuple[Preference, ...], names: Sequence[str]) -> Formula:
    """Give all to the first or last of what is preferred most: the largest of preference, then place."""
    width = len(names) * KINDS
    levels = np.zeros(width, dtype=np.int64)
    for level, preference in enumerate(reversed(prefers), start=1):
        accepted = [preference.accepts(channel, kind) for channel in names for kind in KIND_RANK]
        levels[np.array(accepted, dtype=bool)] = level
    ranks = (levels * LONGEST * width + np.arange(width)).astype(np.uint32)
    row = -1 if end == "last" else 0

    def winners(one: SameLength) -> Integers:
        places = np.arange(one.length) if end == "last" else np.arange(one.length)[::-1]
        keys = ranks.take(one.cells)
        keys += (places * width).astype(np.uint32)[:, None]
        return np.bincount(keys.max(axis=0) % np.uint32(width), minlength=width)

    return lambda lengths: np.sum(
        [winners(one) if prefers and one.length > 1 else one.by_place[row] for one in lengths], axis=0, dtype=np.float64
    )


def _roles(weighting: Shares, size: int) -> Floats:
    first, rest, last = weighting.without_milestone or (weighting.first, weighting.rest, weighting.last)
    weights = np.full(size, rest / max(size - 2, 1))
    weights[0] = weights[-1] = 0.0
    weights[0] += first
    weights[-1] += last
    return weights


def _places(weighting: Custom | Learned, size: int) -> Floats:
    if isinstance(weighting, Learned):
        return np.ones(size)
    weights, reached = np.zeros(size), np.zeros(size, dtype=bool)
    for row, order in ((weighting.from_start, slice(None)), (weighting.from_end, slice(None, None, -1))):
        within = min(len(row), size)
        weights[order][:within] += row[:within]
        reached[order][:within] = True
    weights[~reached] = weighting.otherwise
    return weights


def _factored(weighting: Custom | Learned, factors: Floats, one: SameLength) -> Floats:
    weights: Floats = _places(weighting, one.length)[:, None] * factors.take(one.cells)
    return weights


def _factors(weighting: Custom | Learned, names: Sequence[str]) -> Floats:
    by_channel = dict(weighting.by_channel)
    if isinstance(weighting, Learned):
        return np.repeat([by_channel.get(name, 0.0) for name in names], KINDS)
    by_kind = dict(weighting.by_kind)
    return np.array([by_channel.get(name, 1.0) * by_kind.get(kind, 1.0) for name in names for kind in KIND_RANK])
