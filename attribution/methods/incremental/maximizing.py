"""The intensity that fits best: maximum likelihood under the constraint that nothing is negative."""

from typing import Final

import numpy as np

from attribution.arrays import Floats
from attribution.pausing import checkpoint

_STILL: Final = 1e-7


def best_rates(values: Floats, exposure: Floats, weights: Floats, *, start: Floats, steps: int) -> Floats:
    """
    Return the rates of an additive intensity that maximise the likelihood.

    The logarithm of the likelihood is the sum over events of
    ``weights * log(values @ rates)`` less ``exposure @ rates``. It is concave,
    and each step of expectation and maximisation raises it: every event is
    shared out among the columns in proportion to what they add there, and a
    column's rate is what it was given for its exposure.

    Parameters
    ----------
    values : array, shape (n_events, n_columns)
    exposure : array, shape (n_fits, n_columns)
        Columns without exposure get no rate.
    weights : array, shape (n_fits, n_events)
        Several fits at once.
    start : array, shape (n_fits, n_columns)
        Where to begin; a column that begins at 0 stays there.
    steps : int
        At most so many.

    Returns
    -------
    array, shape (n_fits, n_columns)
        Not negative.

    Notes
    -----
    Time O(steps * n_fits * n_events * n_columns).

    References
    ----------
    Zhang, Wei and Ren (2014), Multi-touch attribution in online advertising
    with survival theory, ICDM (additive hazards). Veen and Schoenberg (2008),
    Estimation of space-time branching process models using an EM-type
    algorithm, JASA 103(482).

    Examples
    --------
    Ten days, four events, two of them in the two days on which an ad works:

    >>> values = np.array([[1.0, 0.0], [1.0, 0.0], [1.0, 1.0], [1.0, 1.0]])
    >>> found = best_rates(
    ...     values, np.array([[10.0, 2.0]]), np.ones((1, 4)), start=np.ones((1, 2)), steps=10_000
    ... )
    >>> found.round(3).tolist()
    [[0.25, 0.75]]
    """
    used = exposure > 0
    inverse = np.divide(1.0, exposure, out=np.zeros_like(exposure), where=used)
    rates = start * used
    totals = weights.sum(axis=1)
    for _ in range(steps):
        checkpoint()
        intensity = rates @ values.T
        np.divide(weights, intensity, out=intensity, where=intensity > 0)
        moved = rates * (intensity @ values) * inverse
        change = (np.abs(moved - rates) * exposure).sum(axis=1)
        rates = moved
        if (change <= _STILL * totals).all():
            break
    return rates


def even_start(values: Floats, exposure: Floats, weights: Floats) -> Floats:
    """Return rates that share the events equally among all columns that have any exposure and any event."""
    used = (exposure > 0) & ((weights @ values) > 0)
    each = weights.sum(axis=1, keepdims=True) / np.maximum(used.sum(axis=1, keepdims=True), 1)
    rates: Floats = np.divide(each, exposure, out=np.zeros_like(exposure), where=used)
    return rates
