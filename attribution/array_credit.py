"""credit_arrays(): the formulas of `weights` for many journeys at once, as numpy array arithmetic."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Final

import numpy as np
from numpy.typing import NDArray

from attribution.arrays import Floats, Integers, JourneyArrays, Pool, standing_places
from attribution.journeys import KIND_RANK, Lookbacks
from attribution.spec import (
    Custom,
    Decay,
    Equal,
    Intensity,
    Learned,
    MethodSpec,
    Preference,
    Repeats,
    Shares,
    Weighting,
)

_MILLISECOND: Final = timedelta(milliseconds=1)
_BLOCK_CELLS: Final = 1 << 20  # 8 MB of counts at a time
_MANY_CHANNELS: Final = 1 << 12  # counts would be mostly empty


def credit_arrays(spec: MethodSpec, journeys: JourneyArrays, lookbacks: Lookbacks | None = None) -> Floats:
    """
    Return the share of every touchpoint of many journeys.

    Parameters
    ----------
    spec : MethodSpec
    journeys : JourneyArrays
    lookbacks : Lookbacks, optional
        30 days for clicks and visits, 24 hours for views by default.

    Returns
    -------
    array, shape (n_touchpoints,)
        In [0, 1]. The shares of a journey sum to 1, or are all 0 when none of
        its touchpoints can be credited. Where the method knows a baseline,
        what is missing to 1 is the baseline's.

    Notes
    -----
    Equals `credit` within 1e-12. Time O(touchpoints); a million journeys of
    4.5 touchpoints take 0.01 to 0.15 seconds a method on one core.

    Examples
    --------
    >>> from attribution.methods.multi_touch import linear
    >>> journeys = JourneyArrays(
    ...     offsets=np.array([0, 2, 3]),
    ...     ages_ms=np.array([5000, 0, 10]),
    ...     channels=np.array([0, 1, 0]),
    ...     kinds=np.array([2, 2, 1]),
    ...     channel_names=["Email", "Direct"],
    ... )
    >>> credit_arrays(linear(), journeys)
    array([0.5, 0.5, 1. ])
    """
    pool = _without_repeats(spec.repeats, _preferred(spec.prefers, journeys.pool(lookbacks or Lookbacks())))
    shares = np.zeros(len(journeys.ages_ms))
    if len(pool.picked):
        shares[pool.picked] = _shares(spec.weighting, pool)
    return shares


def _preferred(prefers: tuple[Preference, ...], pool: Pool) -> Pool:
    """Keep, in each journey, what the first preference accepts that accepts anything."""
    if not prefers or not len(pool.picked):
        return pool
    kept = np.ones(len(pool.picked), dtype=bool)
    for preference in reversed(prefers):
        names = pool.journeys.channel_names
        table = np.array([preference.accepts(channel, kind) for channel in names for kind in KIND_RANK], dtype=bool)
        accepted = table[pool.channels * len(KIND_RANK) + pool.kinds]
        has_any = pool.spread(np.logical_or.reduceat(accepted, pool.starts))
        kept = accepted | (kept & ~has_any)
    return _kept(pool, kept)


def _without_repeats(repeats: Repeats, pool: Pool) -> Pool:
    """Let one touchpoint stand for its repeats, see `selection.standing`."""
    if repeats == "keep" or not len(pool.picked):
        return pool
    owners = pool.spread(np.arange(len(pool.starts)))
    cells = owners * len(pool.journeys.channel_names) + pool.channels
    kept = np.zeros(len(cells), dtype=bool)
    kept[standing_places(cells, repeats)] = True
    return _kept(pool, kept)


def _kept(pool: Pool, kept: NDArray[np.bool_]) -> Pool:
    """Return what is kept of a pool; every journey keeps something, so the members stay."""
    return Pool(pool.journeys, pool.picked[kept], pool.members, np.add.reduceat(kept, pool.starts, dtype=np.int64))


def _shares(weighting: Weighting, pool: Pool) -> Floats:
    """Weigh a pool and scale every journey to 1; all zero counts as equal."""
    if isinstance(weighting, Shares) and (end := weighting.only_end):
        shares = np.zeros(len(pool.picked))
        shares[pool.starts if end == "first" else pool.starts + pool.sizes - 1] = 1.0
        return shares
    weights = _weigh(weighting, pool)
    if isinstance(weighting, Intensity):
        return _of_intensity(weighting, weights, pool)
    totals = np.add.reduceat(weights, pool.starts)
    if (empty := totals == 0).any():
        weights[pool.spread(empty)] = 1.0
        totals[empty] = pool.sizes[empty]
    weights /= pool.spread(totals)
    return weights


def _weigh(weighting: Weighting, pool: Pool) -> Floats:
    match weighting:
        case Equal(distinct):
            return _by_distinct_channel(pool) if distinct else np.ones(len(pool.picked))
        case Shares():
            return _by_role(weighting, pool)
        case Decay(half_life):
            last = pool.starts + pool.sizes - 1  # the youngest: touch order is order of age
            younger = pool.spread(pool.ages_ms[last])
            return np.exp2((younger - pool.ages_ms) / (half_life / _MILLISECOND))
        case Custom():
            return _by_custom(weighting, pool)
        case Learned(by_channel, distinct):
            weights = _by_name(by_channel, pool)
            return weights * _by_distinct_channel(pool) if distinct else weights
        case Intensity():
            return _by_age(weighting, pool)


def _by_name(by_channel: Iterable[tuple[str, float]], pool: Pool) -> Floats:
    learned = dict(by_channel)
    return np.array([learned.get(name, 0.0) for name in pool.journeys.channel_names])[pool.channels]


def _by_age(weighting: Intensity, pool: Pool) -> Floats:
    ages = pool.ages_ms
    if weighting.from_youngest:
        ages = ages - pool.spread(ages[pool.starts + pool.sizes - 1])
    weights = np.zeros(len(pool.picked))
    shapes = sorted({(effect.half_life, effect.delayed) for effect in weighting.effects})
    for half_life, delayed in shapes:
        sizes = [
            (one.channel, one.size) for one in weighting.effects if (one.half_life, one.delayed) == (half_life, delayed)
        ]
        half_lives = ages / (half_life / _MILLISECOND)
        weights += _by_name(sizes, pool) * np.exp2(-half_lives) * (half_lives if delayed else 1.0)
    return weights


def _of_intensity(weighting: Intensity, weights: Floats, pool: Pool) -> Floats:
    own = np.add.reduceat(weights, pool.starts) + weighting.signal * pool.sizes
    totals = pool.spread(own + weighting.baseline)
    shares = np.zeros_like(weights)
    np.divide(weighting.lasting * weights, totals, out=shares, where=totals > 0)
    return shares


def _by_distinct_channel(pool: Pool) -> Floats:
    """Return 1 / (touchpoints of the same channel in the journey), in blocks that fit the processor's cache."""
    weights = np.empty(len(pool.picked))
    width = len(pool.journeys.channel_names)
    if width > _MANY_CHANNELS:
        cells = pool.spread(np.arange(len(pool.starts))) * width + pool.channels
        _, places, times = np.unique(cells, return_inverse=True, return_counts=True)
        weights[:] = 1.0 / times[places]
        return weights
    step = max(1, _BLOCK_CELLS // width)
    ranks = pool.spread(np.arange(len(pool.starts)))
    for begin in range(0, len(pool.starts), step):
        end = min(begin + step, len(pool.starts))
        block = slice(pool.starts[begin], pool.starts[end - 1] + pool.sizes[end - 1])
        cells = (ranks[block] - begin) * width + pool.channels[block]
        weights[block] = 1.0 / np.bincount(cells)[cells]
    return weights


def _by_role(weighting: Shares, pool: Pool) -> Floats:
    first, last = pool.starts, pool.starts + pool.sizes - 1
    milestone = _milestones(weighting, pool)
    reached = milestone >= 0
    ends = np.where(pool.sizes > 1, 2, 1)
    ends += reached & (milestone != first) & (milestone != last)
    others = pool.sizes - ends
    with_milestone = (weighting.first, weighting.rest, weighting.last)
    without = weighting.without_milestone or with_milestone
    worth_first, worth_rest, worth_last = (
        np.where(reached, yes, no) for yes, no in zip(with_milestone, without, strict=True)
    )
    weights = pool.spread(np.divide(worth_rest, others, out=np.zeros(len(others)), where=others > 0))
    places = np.concatenate([first, last, milestone[reached]])
    weights[places] = 0.0
    weights[first] += worth_first
    weights[last] += worth_last
    weights[milestone[reached]] += weighting.milestone
    return weights


def _milestones(weighting: Shares, pool: Pool) -> Integers:
    """Return the place of each journey's milestone touchpoint in the pool, -1 for none."""
    ages = pool.journeys.milestone_ages_ms
    if weighting.milestone == 0 or ages is None:
        return np.full(len(pool.starts), -1)
    own = ages[pool.members]
    older = pool.ages_ms >= pool.spread(own.astype(np.float64))
    counts = np.add.reduceat(older.astype(np.int64), pool.starts)
    return np.where((own >= 0) & (counts > 0), pool.starts + counts - 1, -1)


def _by_custom(weighting: Custom, pool: Pool) -> Floats:
    weights = np.zeros(len(pool.picked))
    reached = np.zeros(len(pool.picked), dtype=bool)
    for row, places in ((weighting.from_start, pool.places), (weighting.from_end, pool.places_from_end)):
        within = places < len(row)
        weights[within] += np.asarray(row, dtype=np.float64)[places[within]]
        reached |= within
    weights[~reached] = weighting.otherwise
    by_channel, by_kind = dict(weighting.by_channel), dict(weighting.by_kind)
    channel_factors = np.array([by_channel.get(name, 1.0) for name in pool.journeys.channel_names])
    kind_factors = np.array([by_kind.get(kind, 1.0) for kind in KIND_RANK])
    weights *= channel_factors[pool.channels]
    weights *= kind_factors[pool.kinds]
    return weights
