"""Which family foretells held-out people better, how well, and whether anything can be told at all."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt
from typing import Final

import numpy as np

from attribution.arrays import Floats
from attribution.fits import CannotTellError
from attribution.methods.incremental.likelihood import (
    Fitted,
    Flags,
    area_under_curve,
    exposure_of,
    fitted,
    log_likelihood,
)
from attribution.statistics import FeatureBlock

FOLDS: Final = 3
STEPS: Final = 300
LEAST_CONVERSIONS: Final = 100
LEAST_PEOPLE: Final = 100
SURE: Final = 1.645  # one-sided 95 %


@dataclass(frozen=True, eq=False)
class Judged:
    """What held-out people say of a family: log-likelihoods by group of people, with and without effects."""

    block: FeatureBlock
    own: Floats
    base: Floats
    auc: float
    replay: float

    @property
    def certainty(self) -> float:
        """How many standard errors the effects raise the likelihood by."""
        return standard_errors(self.own - self.base)


def check_enough(block: FeatureBlock) -> None:
    """
    Refuse data that are too few to tell anything.

    Raises
    ------
    CannotTellError
    """
    conversions, touched = len(block.groups), int((block.delays_ms >= 0).sum())
    unconverted = int(block.people.sum() - block.converters.sum())
    if conversions == 0:
        raise CannotTellError("no_conversions", "nobody converted")
    if not block.channel_names:
        raise CannotTellError("no_channels", "nobody was touched by a channel other than direct")
    if touched < LEAST_CONVERSIONS:
        raise CannotTellError(
            "too_few_conversions", f"{touched} conversions after a touchpoint; at least {LEAST_CONVERSIONS} are needed"
        )
    if unconverted < LEAST_PEOPLE:
        raise CannotTellError(
            "too_few_people", f"{unconverted} people who did not convert; at least {LEAST_PEOPLE} are needed"
        )


def judged(block: FeatureBlock) -> Judged:
    """Fit two thirds of the people and ask the others, three times."""
    groups = np.arange(len(block.people))
    columns = np.ones(block.values.shape[1])
    only_base = columns.copy()
    only_base[1:] = 0.0
    own, base = np.zeros(len(groups)), np.zeros(len(groups))
    areas, foretold, happened = [], 0.0, 0
    for fold in range(FOLDS):
        held = groups % FOLDS == fold
        fit = fitted(block, ~held, columns=columns, steps=STEPS)
        own += log_likelihood(fit, held)
        base += log_likelihood(fitted(block, ~held, columns=only_base, steps=2), held)
        events = held[block.groups] & ((block.delays_ms >= 0) | (block.family == "time"))
        foretold += float(exposure_of(block, held) @ fit.rates)
        happened += int(events.sum())
        areas.append(_area(fit, events))
    return Judged(block, own, base, float(np.mean(areas)), foretold / max(happened, 1))


def _area(fit: Fitted, events: Flags) -> float:
    block = fit.block
    if not len(block.others) or not events.any():
        return 0.5
    return area_under_curve(block.values[events] @ fit.rates, block.others @ fit.rates, block.other_weights)


def better(judgements: Sequence[Judged]) -> Judged:
    """
    Return the family that foretells held-out people best.

    Raises
    ------
    CannotTellError
        If its effects foretell them no better than a constant.
    """
    best = max(judgements, key=lambda one: (float(one.own.sum()), one.block.family))
    if best.certainty < SURE:
        raise CannotTellError(
            "not_distinguishable",
            "touchpoints foretell the conversions of held-out people no better than a constant rate does "
            f"({best.certainty:.1f} standard errors)",
        )
    return best


def standard_errors(differences: Floats) -> float:
    """Return the sum of differences between groups in units of its standard error."""
    spread = float(np.std(differences, ddof=1)) * sqrt(len(differences)) if len(differences) > 1 else 0.0
    total = float(differences.sum())
    return total / spread if spread > 0 else 0.0
