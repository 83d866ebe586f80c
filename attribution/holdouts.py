"""Holdouts: regions where a channel was off tell what it caused, and what touchpoints alone cannot say."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final

import numpy as np
from numpy.typing import NDArray

from attribution.arrays import Integers
from attribution.fits import CannotTellError, ChannelFit, Fit
from attribution.history_arrays import HistoryArrays
from attribution.spec import Effect, Intensity

LEAST_REGIONS: Final = 4
_OWN_VISIT: Final = timedelta(seconds=1)
# Two-sided 95 % points of Student's t for 1, 2, ... degrees of freedom; beyond, the normal's.
_T: Final = (12.71, 4.30, 3.18, 2.78, 2.57, 2.45, 2.36, 2.31, 2.26, 2.23, 2.20, 2.18, 2.16, 2.14, 2.13, 2.12, 2.11,
             2.10, 2.09, 2.09, 2.08, 2.07, 2.07, 2.06, 2.06, 2.06, 2.05, 2.05, 2.05, 2.04)  # fmt: skip


@dataclass(frozen=True, eq=False)
class Holdout:
    """
    An experiment: in some regions, drawn at random, a channel was off.

    Parameters
    ----------
    channel : str
    regions : array of int, shape (n_people,)
        Region of each person, from 0.
    off : array of bool, shape (n_regions,)
        Where the channel was off.
    before : array, shape (n_regions,), optional
        Conversions a person in each region, in a period before the
        experiment: differences that were there already are taken off.
    """

    channel: str
    regions: Integers
    off: NDArray[np.bool_]
    before: NDArray[np.float64] | None = None


@dataclass(frozen=True, slots=True)
class HoldoutEffect:
    """
    What the experiment says.

    Parameters
    ----------
    channel : str
    caused : float
        Conversions that the channel caused where it was on; may be negative.
    low, high : float
        Ends of the 95 % interval.
    """

    channel: str
    caused: float
    low: float
    high: float


def holdout_effect(histories: HistoryArrays, holdout: Holdout) -> HoldoutEffect:
    """
    Return how many conversions a channel caused, by difference in differences between regions.

    Parameters
    ----------
    histories : HistoryArrays
        Everybody in the regions, watched during the experiment.
    holdout : Holdout

    Raises
    ------
    CannotTellError
        ``too_few_regions``: fewer than four, or fewer than two with the
        channel on or off, or one without people.

    Notes
    -----
    Every region is one observation, weighed alike, for people of one region
    share what happens there. The interval is Welch's, with the degrees of
    freedom of the smaller side.

    References
    ----------
    Vaver and Koehler (2011), Measuring ad effectiveness using geo
    experiments, Google.
    """
    people = np.bincount(holdout.regions, minlength=len(holdout.off))
    off, on = holdout.off, ~holdout.off
    if len(off) < LEAST_REGIONS or min(off.sum(), on.sum()) < 2 or not people.all():
        raise CannotTellError("too_few_regions", f"{on.sum()} regions with the channel and {off.sum()} without")
    owners = holdout.regions[histories.conversion_owners]
    rates = np.bincount(owners, minlength=len(off)) / people
    if holdout.before is not None:
        rates = rates - holdout.before
    difference = float(rates[on].mean() - rates[off].mean())
    error = float(np.sqrt(rates[on].var(ddof=1) / on.sum() + rates[off].var(ddof=1) / off.sum()))
    freedom = int(min(on.sum(), off.sum())) - 1
    reach = (_T[freedom - 1] if freedom <= len(_T) else 1.96) * error
    reached = float(people[on].sum())
    caused, low, high = (reached * part for part in (difference, difference - reach, difference + reach))
    return HoldoutEffect(holdout.channel, caused, low, high)


def calibrated(fit: Fit, effect: HoldoutEffect, visits: Mapping[str, int]) -> Fit:
    """
    Return an incremental fit of the family ``visit`` with the substitution that an experiment showed.

    The family assumes that a visit would have come directly without its
    channel. What the experiment's channel caused beyond its effects on
    visits says which part of them would not have come; the other channels
    that have any effect are taken to be alike. A channel without effect keeps
    none.

    Parameters
    ----------
    fit : Fit
    effect : HoldoutEffect
    visits : mapping of str to int
        Visits that each channel brought.

    Returns
    -------
    Fit
        With the note ``calibrated:<channel>`` in place of
        ``substitution_unknown``; ``quality`` holds ``substitution``, the part
        that would have come anyway, in [0, 1], and ``caused_low`` and
        ``caused_high``, of all conversions, for the ends of the experiment's
        interval.

    Raises
    ------
    CannotTellError
        ``not_distinguishable``: if the fit is not of the family ``visit``, or
        gives the channel no effect or visit.
    """
    weighting = fit.spec.weighting
    own = {one.channel: one.weight for one in fit.channels}.get(effect.channel, 0.0)
    if not isinstance(weighting, Intensity) or fit.parameters.get("family") != "visit":
        raise CannotTellError("not_distinguishable", "only effects on visits leave open what would have come anyway")
    if own <= 0 or not visits.get(effect.channel) or weighting.baseline <= 0:
        raise CannotTellError("not_distinguishable", f"no effect of {effect.channel} that could be compared")
    at_visits = {one.channel: visits.get(one.channel, 0) * weighting.baseline for one in fit.channels if one.weight > 0}

    def lost(caused: float) -> float:
        return min(max((caused - own) / at_visits[effect.channel], 0.0), 1.0)

    def grown(part: float) -> list[float]:
        return [one.weight + part * at_visits.get(one.channel, 0.0) for one in fit.channels]

    part = lost(effect.caused)
    ends = [sum(grown(lost(end))) for end in (effect.low, effect.high)]
    most = float(fit.conversions)
    scale = min(1.0, most / max(sum(grown(part)), 1e-300))
    channels = tuple(_moved(one, weight * scale / most) for one, weight in zip(fit.channels, grown(part), strict=True))
    baseline = fit.baseline and _moved(fit.baseline, max(1 - sum(one.share for one in channels), 0.0))
    added = tuple(Effect(name, _OWN_VISIT, part * weighting.baseline) for name in at_visits if part > 0)
    return replace(
        fit,
        channels=tuple(replace(one, weight=one.share * most) for one in channels),
        baseline=baseline and replace(baseline, weight=baseline.share * most),
        spec=replace(fit.spec, weighting=replace(weighting, effects=(*weighting.effects, *added))),
        quality={
            **fit.quality,
            "substitution": 1 - part,
            "caused_low": min(ends[0] / most, 1.0),
            "caused_high": min(ends[1] / most, 1.0),
        },
        notes=(*(one for one in fit.notes if one != "substitution_unknown"), f"calibrated:{effect.channel}"),
    )


def _moved(one: ChannelFit, share: float) -> ChannelFit:
    """Move a figure and its interval together."""
    shift = share - one.share
    low, high = (min(max(end + shift, 0.0), 1.0) for end in (one.low, one.high))
    return replace(one, share=share, low=min(low, share), high=max(high, share))
