"""Shapley values of the game of conversion rates: exact by sums over subsets, or from drawn permutations."""

from math import factorial
from typing import Final

import numpy as np

from attribution.arrays import Floats, Integers
from attribution.pausing import checkpoint
from attribution.statistics import CoalitionCounts

_BLOCK_CELLS: Final = 1 << 22


def worth(converting: Floats, paths: Floats, rate: Floats, smoothing: float) -> Floats:
    """Return conversion rates with *smoothing* paths at the overall *rate* added; 0 / 0 is the overall rate."""
    total = paths + smoothing
    smoothed: Floats = np.broadcast_to(rate, total.shape).copy()
    np.divide(converting + smoothing * rate, total, out=smoothed, where=total > 0)
    return smoothed


def exact_values(counts: CoalitionCounts, converting: Floats, paths: Floats, smoothing: float) -> Floats:
    """
    Return Shapley values by summing over all sets.

    Parameters
    ----------
    counts : CoalitionCounts
        Names the set of every column.
    converting, paths : array, shape (n_replicates, n_sets)
    smoothing : float

    Returns
    -------
    array, shape (n_replicates, n_channels)
    """
    width = len(counts.channel_names)
    step = max(1, _BLOCK_CELLS >> width)
    blocks = [
        _exact(counts, converting[begin : begin + step], paths[begin : begin + step], smoothing)
        for begin in range(0, len(converting), step)
    ]
    return np.concatenate(blocks)


def _exact(counts: CoalitionCounts, converting: Floats, paths: Floats, smoothing: float) -> Floats:
    checkpoint()
    width = len(counts.channel_names)
    masks = np.array([sum(1 << code for code in one) for one in counts.coalitions], dtype=np.int64)
    rate = _rate(converting, paths)
    sums = np.zeros((2, len(converting), 1 << width))
    sums[0][:, masks], sums[1][:, masks] = converting, paths
    for place in range(width):
        halves = sums.reshape(2, len(converting), -1, 2, 1 << place)
        halves[:, :, :, 1] += halves[:, :, :, 0]
    value = worth(sums[0], sums[1], rate[:, None], smoothing)
    value[:, 0] = 0.0
    sizes = np.array([mask.bit_count() for mask in range(1 << width)])
    chances = np.array([factorial(size) * factorial(width - size - 1) / factorial(width) for size in range(width)])
    found = np.zeros((len(converting), width))
    for place in range(width):
        halves = value.reshape(len(converting), -1, 2, 1 << place)
        without = sizes.reshape(-1, 2, 1 << place)[:, 0]
        found[:, place] = np.einsum("rab,ab->r", halves[:, :, 1] - halves[:, :, 0], chances[without])
    return found


def sampled_values(
    counts: CoalitionCounts, converting: Floats, paths: Floats, smoothing: float, *, permutations: int, seed: int
) -> tuple[Floats, float]:
    """
    Return Shapley values estimated from drawn orders of the channels.

    Parameters
    ----------
    counts : CoalitionCounts
    converting, paths : array, shape (n_replicates, n_sets)
    smoothing : float
    permutations : int
        Drawn in pairs of one and its reverse; at least one pair.
    seed : int

    Returns
    -------
    values : array, shape (n_replicates, n_channels)
    error : float
        Largest standard error of a share in the first replicate.

    References
    ----------
    Castro, Gomez and Tejada (2009), Polynomial calculation of the Shapley
    value based on sampling, Computers and Operations Research 36(5).
    Mitchell, Cooper, Frank and Holmes (2022), Sampling permutations for
    Shapley value estimation, JMLR 23 (antithetic pairs).
    """
    width = len(counts.channel_names)
    rate = _rate(converting, paths)
    sizes = np.array([len(one) for one in counts.coalitions], dtype=np.int64)
    members = np.array([code for one in counts.coalitions for code in one], dtype=np.int64)
    starts = (np.cumsum(sizes) - sizes)[sizes > 0]
    rng = np.random.default_rng(seed)
    pairs = max(1, permutations // 2)
    sums, squares = np.zeros((len(converting), width)), np.zeros(width)
    for _ in range(pairs):
        checkpoint()
        order = rng.permutation(width)
        both = np.zeros_like(sums)
        for one in (order, order[::-1]):
            both += _gains(one, sizes, members, starts, converting, paths, rate, smoothing) / 2
        sums += both
        squares += both[0] ** 2
    values = sums / pairs
    spread = np.sqrt(np.maximum(squares / pairs - values[0] ** 2, 0) / max(1, pairs - 1))
    total = np.maximum(values[0], 0).sum()
    return values, float(spread.max() / total) if total > 0 else 0.0


def _gains(
    order: Integers,
    sizes: Integers,
    members: Integers,
    starts: Integers,
    converting: Floats,
    paths: Floats,
    rate: Floats,
    smoothing: float,
) -> Floats:
    """Return what each channel adds when channels come together in this order: a set is whole with its last."""
    width = len(order)
    places = np.empty(width, dtype=np.int64)
    places[order] = np.arange(1, width + 1)
    whole = np.zeros(len(sizes), dtype=np.int64)
    whole[sizes > 0] = np.maximum.reduceat(places[members], starts) if len(members) else 0
    sorting = np.argsort(whole, kind="stable")
    borders = np.searchsorted(whole[sorting], np.arange(width + 1), side="right")
    reached = [
        np.concatenate([np.zeros((len(part), 1)), np.cumsum(part[:, sorting], axis=1)], axis=1)[:, borders]
        for part in (converting, paths)
    ]
    value = worth(reached[0], reached[1], rate[:, None], smoothing)
    value[:, 0] = 0.0
    gains = np.empty((len(converting), width))
    gains[:, order] = np.diff(value, axis=1)
    return gains


def _rate(converting: Floats, paths: Floats) -> Floats:
    total = paths.sum(axis=1)
    rate: Floats = np.divide(converting.sum(axis=1), total, out=np.zeros(len(total)), where=total > 0)
    return rate
