"""fit_incremental(): from feature blocks to the effects of channels, with intervals."""

from collections.abc import Sequence
from math import sqrt
from typing import Final

import numpy as np
from numpy.typing import NDArray

from attribution.arrays import Floats
from attribution.fits import ChannelFit, Fit
from attribution.intervals import REPLICATES, interval_of, poisson_weights
from attribution.methods.incremental.judging import Judged, better, check_enough, judged, standard_errors
from attribution.methods.incremental.likelihood import exposure_of, fitted
from attribution.methods.incremental.maximizing import best_rates
from attribution.spec import Effect, Intensity, MethodSpec
from attribution.statistics import PROPENSITIES, UNIT, FeatureBlock

_STEPS: Final = 2_000
_SHORT_STEPS: Final = 80
_MOST_EVENTS: Final = 10_000
_EVIDENCE: Final = 3.84  # of twice the logarithm of a likelihood ratio: 95 % for one effect
_ALIKE: Final = 2.0  # standard errors


def fit_incremental(blocks: Sequence[FeatureBlock], *, replicates: int = REPLICATES, seed: int = 0) -> Fit:
    """
    Return how many conversions each channel caused, and how many nothing did.

    Parameters
    ----------
    blocks : sequence of FeatureBlock
        Of the same people: one of the family ``time``, one of ``visit``, or
        both. Of two, the one whose effects foretell held-out people better is
        taken; both are reported.
    replicates : int
        Bootstrap replicates for the intervals; 0 for none.
    seed : int

    Returns
    -------
    Fit
        Weights are conversions caused, shares their part of all conversions;
        with the baseline's they sum to 1. A channel whose effect cannot be
        told from none has neither, and ``notes`` name it as
        ``no_effect:<channel>``; its interval says how much could be missed.
        The note ``families_alike`` says that the held-out people do not
        decide between the families. The note ``substitution_unknown`` says that
        the fit is of the family ``visit``: whether a visit would have come
        without its channel is not in the data, so the total caused is only
        known to lie between ``caused_low`` (every visit would have come) and
        ``caused_high`` (nothing that follows a touchpoint would have
        happened), both of all conversions; see `calibrated`. ``quality`` holds, for held-out people,
        ``log_loss`` and ``base_log_loss`` (of a constant rate; both per
        conversion), ``auc``, ``replay`` (conversions foretold for one that
        happened), ``certainty`` (standard errors by which effects help) and,
        of the other family, ``other_log_loss``.

    Raises
    ------
    CannotTellError
        If data are too few, or touchpoints do not help to foretell the
        conversions of held-out people.

    Notes
    -----
    The intensity of conversions is a baseline, which follows the expected
    propensity of the person, plus what every touchpoint adds; each channel
    has its own mixture of decaying and of rising and decaying effects. People
    with a high propensity meet more touchpoints and convert more often
    anyway: the propensity columns take what that explains, so targeting is
    not mistaken for an effect as long as it shows in the number of touches.
    What people decide on grounds that no touch reflects cannot be seen.

    In the family ``visit``, a visit that a channel brought would have come
    directly without it: where it would not have come at all, the channel
    caused more than this says; in the family ``time``, direct visits play no
    part. Only an experiment decides between them in earnest.

    Where the first conversion ends what is watched of a person, part of what
    touchpoints caused would have happened later anyway, and is taken off.

    References
    ----------
    Zhang, Wei and Ren (2014), Multi-touch attribution in online advertising
    with survival theory, ICDM. Lawless (1987), Negative binomial and mixed
    Poisson regression, Canadian Journal of Statistics 15(3), 209-225 (gamma
    propensity).
    """
    for block in blocks:
        check_enough(block)
    judgements = [judged(block.ordered()) for block in blocks]
    best = better(judgements)
    block = best.block
    everybody = np.ones(len(block.people), dtype=bool)
    whole = fitted(block, everybody, columns=np.ones(block.values.shape[1]), steps=_STEPS).rates
    rates, idle = _without_idle(block, whole)
    lasting = _lasting(block, rates)
    shares = _shares(block, rates[None, :], exposure_of(block, everybody)[None, :], lasting)[0]
    low, high = interval_of(shares, _replicated(block, whole, shares, lasting, replicates, seed))
    conversions = len(block.groups)
    names = (*block.channel_names, "")
    figures = [
        ChannelFit(name, share * conversions, share, below, above)
        for name, share, below, above in zip(names, shares.tolist(), low.tolist(), high.tolist(), strict=True)
    ]
    return Fit(
        method="incremental",
        parameters={"family": block.family, "replicates": replicates, "seed": seed},
        channels=tuple(figures[:-1]),
        spec=MethodSpec("incremental", _intensity(block, rates, lasting)),
        baseline=figures[-1],
        quality=_quality(best, judgements) | _bounds(block, figures[:-1]),
        paths=int(block.people.sum()),
        conversions=conversions,
        data_hash=block.data_hash,
        notes=(*_notes(best, judgements), *(f"no_effect:{name}" for name in idle)),
    )


def _without_idle(block: FeatureBlock, whole: Floats) -> tuple[Floats, list[str]]:
    """Fit again without the channels whose effects are within what chance brings about."""
    everybody = np.ones(len(block.people), dtype=bool)
    kernels = len(block.kernels)
    columns = np.ones(len(whole))
    idle = []
    reached = _in_sample(block, whole)
    for place, name in enumerate(block.channel_names):
        own = slice(1 + place * kernels, 1 + (place + 1) * kernels)
        others = columns.copy()
        others[own] = 0.0
        if whole[own].any():
            start = (whole * others + _even(block) * others * 1e-3)[None, :]
            rates = _refitted(block, others, start)
            if 2 * (reached - _in_sample(block, rates)) >= _EVIDENCE:
                continue
        idle.append(name)
    for name in idle:
        place = block.channel_names.index(name)
        columns[1 + place * kernels : 1 + (place + 1) * kernels] = 0.0
    if not idle or len(idle) == len(block.channel_names):
        return whole, idle if len(idle) < len(block.channel_names) else []
    return fitted(block, everybody, columns=columns, steps=_STEPS).rates, idle


def _refitted(block: FeatureBlock, columns: Floats, start: Floats) -> Floats:
    events = _explained(block)
    exposure = (exposure_of(block, np.ones(len(block.people), dtype=bool)) * columns)[None, :]
    weights = np.ones((1, int(events.sum())))
    rates: Floats = best_rates(block.values[events], exposure, weights, start=start, steps=_STEPS // 4)[0]
    return rates


def _in_sample(block: FeatureBlock, rates: Floats) -> float:
    total = exposure_of(block, np.ones(len(block.people), dtype=bool))
    return float(np.log(np.maximum(block.values[_explained(block)] @ rates, 1e-300)).sum() - total @ rates)


def _explained(block: FeatureBlock) -> NDArray[np.bool_]:
    return (block.delays_ms >= 0) | (block.family == "time")


def _even(block: FeatureBlock) -> Floats:
    total = exposure_of(block, np.ones(len(block.people), dtype=bool))
    rates = np.zeros_like(total)
    np.divide(len(block.groups), total, out=rates, where=total > 0)
    return rates


def _shares(
    block: FeatureBlock, rates: Floats, exposure: Floats, lasting: float, events: Floats | None = None
) -> Floats:
    """Return, for each fit, the share of every channel and, last, of the baseline."""
    masses = (rates * exposure)[:, block.effects].reshape(len(rates), len(block.channel_names), -1).sum(axis=2)
    total = np.full(len(rates), float(len(block.groups))) if events is None else events
    caused = lasting * masses / total[:, None]
    return np.column_stack([caused, np.maximum(1 - caused.sum(axis=1), 0.0)])


def _lasting(block: FeatureBlock, rates: Floats) -> float:
    """Return how much of what channels caused would not have come later by itself, where conversions end the watch."""
    intensity = block.values @ rates
    caused = block.values[:, block.effects] @ rates[block.effects]
    parts = np.divide(caused, intensity, out=np.zeros_like(intensity), where=intensity > 0)
    if not parts.any():
        return 1.0
    chances = (intensity - caused) * block.left_days
    if block.family == "visit":
        chances *= block.touch_rate
    return float((parts * np.exp(-chances)).sum() / parts.sum())


def _replicated(
    block: FeatureBlock, whole: Floats, shares: Floats, lasting: float, replicates: int, seed: int
) -> Floats:
    """Return shares of resampled people around the fitted ones; of many events, some, and the spread scaled down."""
    if not replicates:
        return np.zeros((0, len(shares)))
    weights = poisson_weights(len(block.people), replicates=replicates, seed=seed)
    stride = max(1, -(-len(block.groups) // _MOST_EVENTS))
    explained = _explained(block)
    thinned = np.zeros(len(block.groups), dtype=bool)
    thinned[::stride] = True
    picked = thinned & explained
    exposure = weights @ (block.exposure * UNIT) / stride
    drawn = weights[:, block.groups[picked]]
    start = np.repeat((0.95 * whole + 0.05 * _even(block) / len(whole))[None, :], replicates, axis=0)
    rates = best_rates(block.values[picked], exposure, drawn, start=start, steps=_SHORT_STEPS)
    found = _shares(block, rates, exposure, lasting, weights[:, block.groups[thinned]].sum(axis=1))
    around: Floats = shares + (found - found.mean(axis=0)) / sqrt(stride)
    return around


def _intensity(block: FeatureBlock, rates: Floats, lasting: float) -> Intensity:
    """Return the fit for single journeys, at the mean time for which converting people had been watched."""
    days = float(block.watched_days.mean())
    shapes = np.array(PROPENSITIES)
    slopes = rates[-len(PROPENSITIES) :] / (shapes + block.touch_rate * days)
    kernels = len(block.kernels)
    effects = tuple(
        Effect(name, kernel.half_life, float(size), kernel.delayed)
        for place, name in enumerate(block.channel_names)
        for kernel, size in zip(block.kernels, rates[1 + place * kernels :], strict=False)
        if size > 0
    )
    return Intensity(
        baseline=float(rates[0] + slopes @ shapes),
        effects=effects,
        signal=float(slopes.sum()),
        from_youngest=block.family == "visit",
        lasting=lasting,
    )


def _quality(best: Judged, judgements: Sequence[Judged]) -> dict[str, float]:
    conversions = len(best.block.groups)
    quality = {
        "log_loss": -float(best.own.sum()) / conversions,
        "base_log_loss": -float(best.base.sum()) / conversions,
        "auc": best.auc,
        "replay": best.replay,
        "certainty": best.certainty,
    }
    for other in judgements:
        if other is not best:
            quality["other_log_loss"] = -float(other.own.sum()) / conversions
            quality["family_certainty"] = standard_errors(best.own - other.own)
    return quality


def _bounds(block: FeatureBlock, channels: Sequence[ChannelFit]) -> dict[str, float]:
    """Return between what the total caused lies, where the family leaves it open: at most what touchpoints precede."""
    if block.family == "time":
        return {}
    after_touches = int(block.values[:, block.effects].any(axis=1).sum())
    low = min(sum(one.share for one in channels), 1.0)
    return {"caused_low": low, "caused_high": max(low, after_touches / len(block.groups))}


def _notes(best: Judged, judgements: Sequence[Judged]) -> tuple[str, ...]:
    alike = any(standard_errors(best.own - other.own) < _ALIKE for other in judgements if other is not best)
    found = ("families_alike",) if alike else ()
    return (*found, "substitution_unknown") if best.block.family == "visit" else found
