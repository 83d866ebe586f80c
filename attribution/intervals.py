"""Intervals from resampling people: the Poisson bootstrap, seeded."""

from typing import Final

import numpy as np

from attribution.arrays import Floats

REPLICATES: Final = 200
LEVEL: Final = 0.95


def poisson_weights(groups: int, *, replicates: int, seed: int) -> Floats:
    """
    Return how often each group of people is drawn in each replicate.

    Parameters
    ----------
    groups, replicates, seed : int

    Returns
    -------
    array, shape (replicates, groups)
        Whole numbers with mean 1. Replicates without anybody do not occur.

    References
    ----------
    Hanley and MacGibbon (2006), Creating non-parametric bootstrap samples
    using Poisson frequencies, Computer Methods and Programs in Biomedicine
    83(1), 57-62.
    """
    weights = np.random.default_rng(seed).poisson(1.0, (replicates, groups)).astype(np.float64)
    weights[weights.sum(axis=1) == 0] = 1.0
    return weights


def interval_of(point: Floats, replicated: Floats, level: float = LEVEL) -> tuple[Floats, Floats]:
    """
    Return the ends of percentile intervals.

    Parameters
    ----------
    point : array, shape (n,)
        Shares as fitted.
    replicated : array, shape (n_replicates, n)
        Shares of the replicates. Without any, the interval is the point.
    level : float

    Returns
    -------
    low, high : array, shape (n,)
        In [0, 1], around the point.

    Notes
    -----
    Of n replicates the ends are those of rank (n + 1) * tail, which a new
    draw exceeds with that chance; ranks between 0 and n - 1, numpy's usual
    way, would make intervals of 200 replicates miss one time in a hundred
    more.

    References
    ----------
    Davison and Hinkley (1997), Bootstrap Methods and their Application,
    section 5.2.1.
    """
    if not len(replicated):
        return point, point
    tail = (1 - level) / 2
    low, high = np.quantile(replicated, [tail, 1 - tail], axis=0, method="weibull")
    return np.clip(np.minimum(low, point), 0, 1), np.clip(np.maximum(high, point), 0, 1)
