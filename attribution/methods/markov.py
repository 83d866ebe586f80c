"""markov(k): credit by removal effects of a Markov chain of order k."""

from typing import Final

import numpy as np

from attribution.arrays import Floats
from attribution.fits import CannotTellError, ChannelFit, Fit
from attribution.intervals import REPLICATES, interval_of, poisson_weights
from attribution.methods.chain import removal_effects
from attribution.spec import Learned, MethodSpec
from attribution.statistics import CONVERSION, TransitionCounts

MOST_CHANNELS: Final = 1_000


def fit_markov(counts: TransitionCounts, *, replicates: int = REPLICATES, seed: int = 0) -> Fit:
    """
    Return the removal effects of all channels, exactly, with intervals.

    Parameters
    ----------
    counts : TransitionCounts
        Of paths with and without conversion; their order is the chain's.
    replicates : int
        Bootstrap replicates for the intervals; 0 for none.
    seed : int

    Returns
    -------
    Fit
        A channel's share is its removal effect's part of their sum. A single
        journey divides its credit over its touchpoints in proportion to their
        channels' removal effects: added up over all journeys, that is another
        figure than the share.

    Raises
    ------
    CannotTellError
        If no path converted, no path has a channel, or there are more than
        1,000 channels.

    Notes
    -----
    Time of order 1 is O(channels^3) for each replicate.

    References
    ----------
    Anderl, Becker, von Wangenheim and Schumann (2016), Mapping the customer
    journey: Lessons learned from graph-based online attribution modeling,
    IJRM 33(3), 457-474.

    Examples
    --------
    Three people: A B C and convert, A without, B C without. Taking A away
    leaves what begins with B, of which nothing converts without passing C:

    >>> from attribution.paths import Path, PathArrays
    >>> paths = [Path(("A", "B", "C"), True), Path(("A",), False), Path(("B", "C"), False)]
    >>> found = fit_markov(TransitionCounts.of(PathArrays.of(paths)), replicates=0)
    >>> [(one.channel, round(one.weight, 3), round(one.share, 3)) for one in found.channels]
    [('A', 0.5, 0.2), ('B', 1.0, 0.4), ('C', 1.0, 0.4)]
    """
    _check(counts)
    totals = counts.tally.totals.astype(np.float64)
    effects = removal_effects(counts, totals[None, :])[0]
    shares = _shares(effects[None, :])[0]
    replicated = _replicated(counts, replicates, seed)
    low, high = interval_of(shares, replicated)
    names = counts.channel_names
    figures = zip(names, effects.tolist(), shares.tolist(), low.tolist(), high.tolist(), strict=True)
    return Fit(
        method="markov",
        parameters={"order": counts.order, "replicates": replicates, "seed": seed},
        channels=tuple(ChannelFit(*one) for one in figures),
        spec=MethodSpec("markov", Learned(tuple(zip(names, effects.tolist(), strict=True)))),
        baseline=None,
        quality={"conversion_rate": counts.conversions / counts.paths},
        paths=counts.paths,
        conversions=counts.conversions,
        data_hash=counts.data_hash,
    )


def _check(counts: TransitionCounts) -> None:
    if counts.conversions == 0:
        raise CannotTellError("no_conversions", "no path converted")
    if not counts.channel_names:
        raise CannotTellError("no_channels", "no path has a touchpoint")
    if not counts.tally.totals[(counts.nexts == CONVERSION) & (counts.histories[:, -1] >= 0)].any():
        raise CannotTellError("no_conversions", "no path with a touchpoint converted")
    if len(counts.channel_names) > MOST_CHANNELS:
        raise CannotTellError(
            "too_many_channels", f"{len(counts.channel_names)} channels; at most {MOST_CHANNELS}: group them"
        )


def _replicated(counts: TransitionCounts, replicates: int, seed: int) -> Floats:
    if not replicates:
        return np.zeros((0, len(counts.channel_names)))
    drawn = poisson_weights(counts.tally.n_groups, replicates=replicates, seed=seed)
    return _shares(removal_effects(counts, counts.tally.weighed(drawn)))


def _shares(effects: Floats) -> Floats:
    """Scale every row to sum 1; a row without any effect is shared equally."""
    totals = effects.sum(axis=1, keepdims=True)
    equal = np.full_like(effects, 1 / effects.shape[1])
    np.divide(effects, totals, out=equal, where=totals > 0)
    return equal
