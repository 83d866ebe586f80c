"""How well an intensity foretells what happened, in one measure for both families."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from attribution.arrays import Floats
from attribution.methods.incremental.maximizing import best_rates, even_start
from attribution.statistics import UNIT, FeatureBlock

Flags = NDArray[np.bool_]
_MINUTE_MS: Final = 60_000
_DAY_MS: Final = 86_400_000
# Of the time from a visit to the conversion that it led to: finer near the visit.
_DELAYS_MS: Final = _MINUTE_MS * np.array(
    [0, 1, 10, 60, 360, 1440, 3 * 1440, 7 * 1440, 14 * 1440, 30 * 1440, 90 * 1440], dtype=np.int64
)
_TRIFLE: Final = 1e-12


@dataclass(frozen=True, eq=False)
class Fitted:
    """Rates of the columns of a block; for visits also how long conversions take, and how many need no visit."""

    block: FeatureBlock
    rates: Floats
    delays: Floats
    touchless: float


def fitted(block: FeatureBlock, groups: Flags, *, columns: Floats, steps: int) -> Fitted:
    """
    Fit a block on some groups of people.

    Parameters
    ----------
    block : FeatureBlock
    groups : array of bool, shape (n_groups,)
    columns : array, shape (n_columns,)
        1 for columns to use, 0 for the others.
    steps : int
    """
    events = _events(block, groups)
    values, weights = block.values[events], np.ones((1, int(events.sum())))
    exposure = exposure_of(block, groups)[None, :] * columns
    start = even_start(values, exposure, weights)
    rates = best_rates(values, exposure, weights, start=start, steps=steps)[0]
    counts = np.histogram(np.minimum(block.delays_ms[events], _DELAYS_MS[-1] - 1), _DELAYS_MS)[0] + 0.5
    delays = counts / counts.sum() / (np.diff(_DELAYS_MS) / _DAY_MS)
    alone = groups[block.groups] & (block.delays_ms < 0)
    days = float(block.touchless_days[groups].sum()) * UNIT
    return Fitted(block, rates, delays, (float(alone.sum()) + 0.5) / (days + _TRIFLE))


def log_likelihood(fit: Fitted, groups: Flags) -> Floats:
    """
    Return the logarithm of the likelihood of other groups, one number a group.

    For both families it is the density of the conversions' instants, in
    conversions a day, so that the two can be compared: visits say whether
    one converts, and the distribution of delays says when.

    Parameters
    ----------
    fit : Fitted
    groups : array of bool, shape (n_groups,)

    Returns
    -------
    array, shape (n_groups,)
        Zero for groups that were not asked for.
    """
    block = fit.block
    found = -(block.exposure * UNIT) @ fit.rates
    events = _events(block, groups)
    terms = np.log(np.maximum(block.values[events] @ fit.rates, _TRIFLE))
    if block.family == "visit":
        places = np.searchsorted(_DELAYS_MS, np.minimum(block.delays_ms[events], _DELAYS_MS[-1] - 1), side="right")
        terms += np.log(fit.delays[places - 1])
        alone = np.bincount(block.groups[block.delays_ms < 0], minlength=len(found))
        found += alone * np.log(fit.touchless) - fit.touchless * block.touchless_days * UNIT
    found += np.bincount(block.groups[events], terms, len(found))
    return np.where(groups, found, 0.0)


def exposure_of(block: FeatureBlock, groups: Flags) -> Floats:
    """Return the exposure of every column in some groups of people."""
    total: Floats = block.exposure[groups].sum(axis=0) * UNIT
    return total


def _events(block: FeatureBlock, groups: Flags) -> Flags:
    """Return which events a family explains by its columns: of visits, those that had one."""
    events: Flags = groups[block.groups]
    return events & (block.delays_ms >= 0) if block.family == "visit" else events


def area_under_curve(scores: Floats, other_scores: Floats, other_weights: Floats) -> float:
    """
    Return the chance that an event scores higher than another moment, ties counting half.

    Examples
    --------
    >>> area_under_curve(np.array([3.0, 2.0]), np.array([1.0, 2.0]), np.ones(2))
    0.875
    """
    order = np.argsort(other_scores, kind="stable")
    ranked, below = other_scores[order], np.concatenate([[0.0], np.cumsum(other_weights[order])])
    lower = below[np.searchsorted(ranked, scores, side="left")]
    upper = below[np.searchsorted(ranked, scores, side="right")]
    return float(np.mean(lower + upper) / 2 / below[-1])
