"""shapley: credit by the Shapley value of channels in the game of conversion rates."""

from math import inf
from typing import Final

import numpy as np

from attribution.arrays import Floats
from attribution.fits import CannotTellError, ChannelFit, Fit
from attribution.intervals import REPLICATES, interval_of, poisson_weights
from attribution.methods.game import exact_values, sampled_values
from attribution.spec import BadSpecError, Learned, MethodSpec
from attribution.statistics import CoalitionCounts

EXACT_CHANNELS: Final = 14
MOST_CHANNELS: Final = 1_000
SMOOTHING: Final = 10.0
PERMUTATIONS: Final = 512


def fit_shapley(
    counts: CoalitionCounts,
    *,
    smoothing: float = SMOOTHING,
    permutations: int = PERMUTATIONS,
    replicates: int = REPLICATES,
    seed: int = 0,
) -> Fit:
    """
    Return the Shapley value of every channel, with intervals.

    The worth of a set of channels is the conversion rate of the paths whose
    channels all lie within it; the worth of no channel is nothing.

    Parameters
    ----------
    counts : CoalitionCounts
        Of paths with and without conversion.
    smoothing : float
        So many paths at the overall rate are added to every set, which keeps
        rare sets from telling tales. Not negative.
    permutations : int
        Beyond 14 channels: how many orders of channels are drawn, in pairs of
        one and its reverse. Up to 14 every order counts.
    replicates : int
        Bootstrap replicates for the intervals; 0 for none.
    seed : int

    Returns
    -------
    Fit
        Weights are Shapley values and sum to the worth of all channels. A
        value below zero counts as zero in the shares. ``quality`` holds
        ``sampling_error``: the largest standard error of a share that comes
        from drawing permutations, 0 when exact.

    Raises
    ------
    CannotTellError
        If no path with a channel converted, no path has a channel, or there
        are more than 1,000 channels.
    BadSpecError
        If the smoothing is negative or not finite.

    Notes
    -----
    Exact: time O(channels * 2^channels) for each replicate, by sums over
    subsets (zeta transform).

    References
    ----------
    Shapley (1953), A value for n-person games. Shao and Li (2011),
    Data-driven multi-touch attribution models, KDD. Singal, Besbes, Desir,
    Goyal and Iyengar (2019), Shapley meets uniform, WWW.

    Examples
    --------
    Of ten people who met A alone one converted, of ten who met B alone two,
    of ten who met both six. The rates of the sets are 1/10, 2/10 and 9/30, so
    A is worth (1/10 + (9/30 - 2/10)) / 2:

    >>> from attribution.paths import Path, PathArrays
    >>> met = [(("A",), 1), (("B",), 2), (("A", "B"), 6)]
    >>> paths = [Path(channels, nth < converted) for channels, converted in met for nth in range(10)]
    >>> found = fit_shapley(CoalitionCounts.of(PathArrays.of(paths)), smoothing=0, replicates=0)
    >>> [(one.channel, round(one.weight, 3), round(one.share, 3)) for one in found.channels]
    [('A', 0.1, 0.333), ('B', 0.2, 0.667)]
    """
    names = counts.channel_names
    if not 0 <= smoothing < inf:
        raise BadSpecError(f"smoothing {smoothing} is negative or not a finite number")
    _check(counts)
    converting, paths = (
        tally[None, :].astype(np.float64)
        for tally in (counts.converting.totals, counts.converting.totals + counts.not_converting.totals)
    )
    is_exact = len(names) <= EXACT_CHANNELS
    if is_exact:
        values, error = exact_values(counts, converting, paths, smoothing)[0], 0.0
    else:
        values, error = sampled_values(counts, converting, paths, smoothing, permutations=permutations, seed=seed)
        values = values[0]
    shares = _shares(values[None, :])[0]
    low, high = interval_of(shares, _replicated(counts, smoothing, permutations, replicates, seed))
    figures = zip(names, values.tolist(), shares.tolist(), low.tolist(), high.tolist(), strict=True)
    weights = zip(names, np.maximum(values, 0).tolist(), strict=True)
    return Fit(
        method="shapley",
        parameters={
            "smoothing": smoothing,
            "permutations": 0 if is_exact else permutations,
            "replicates": replicates,
            "seed": seed,
        },
        channels=tuple(ChannelFit(*one) for one in figures),
        spec=MethodSpec("shapley", Learned(tuple(weights), distinct=True)),
        baseline=None,
        quality={"conversion_rate": counts.conversions / counts.paths, "sampling_error": error},
        paths=counts.paths,
        conversions=counts.conversions,
        data_hash=counts.data_hash,
    )


def _check(counts: CoalitionCounts) -> None:
    if counts.conversions == 0:
        raise CannotTellError("no_conversions", "no path converted")
    if not counts.channel_names:
        raise CannotTellError("no_channels", "no path has a touchpoint")
    if not counts.converting.totals[[bool(one) for one in counts.coalitions]].any():
        raise CannotTellError("no_conversions", "no path with a touchpoint converted")
    if len(counts.channel_names) > MOST_CHANNELS:
        raise CannotTellError(
            "too_many_channels", f"{len(counts.channel_names)} channels; at most {MOST_CHANNELS}: group them"
        )


def _replicated(counts: CoalitionCounts, smoothing: float, permutations: int, replicates: int, seed: int) -> Floats:
    names = counts.channel_names
    if not replicates:
        return np.zeros((0, len(names)))
    drawn = poisson_weights(counts.converting.n_groups, replicates=replicates, seed=seed)
    converting, others = counts.converting.weighed(drawn), counts.not_converting.weighed(drawn)
    if len(names) <= EXACT_CHANNELS:
        return _shares(exact_values(counts, converting, converting + others, smoothing))
    values, _ = sampled_values(counts, converting, converting + others, smoothing, permutations=permutations, seed=seed)
    return _shares(values)


def _shares(values: Floats) -> Floats:
    """Scale what is positive in every row to sum 1; a row without anything is shared equally."""
    positive = np.maximum(values, 0.0)
    totals = positive.sum(axis=1, keepdims=True)
    equal = np.full_like(positive, 1 / positive.shape[1])
    np.divide(positive, totals, out=equal, where=totals > 0)
    return equal
