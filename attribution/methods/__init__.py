"""METHODS and LEARNED: every method by name, with what it says and what it cannot claim."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, Literal

from attribution.fits import Fit
from attribution.methods import multi_touch, single_touch
from attribution.methods.incremental import fit_incremental
from attribution.methods.markov import fit_markov
from attribution.methods.shapley import fit_shapley
from attribution.spec import MethodSpec

Statistic = Literal["transitions", "coalitions", "features"]


@dataclass(frozen=True, slots=True)
class Method:
    """
    A method with a rule stated beforehand, as people choose it.

    Parameters
    ----------
    name : str
        Key in `METHODS`.
    title : str
        Name in the interface.
    description : str
        What it does, in one sentence.
    cannot_claim : str
        What its figures do not show.
    build : callable
        Returns a `MethodSpec`; keyword arguments are the parameters.
    """

    name: str
    title: str
    description: str
    cannot_claim: str
    build: Callable[..., MethodSpec]

    @property
    def spec(self) -> MethodSpec:
        """The specification with the default parameters."""
        return self.build()


_METHODS: Final = (
    Method(
        "last_non_direct",
        "Last non-direct touch",
        "All credit goes to the last touchpoint that was not direct; direct gets it only where there is nothing else.",
        "It does not show that this touchpoint caused the conversion, nor does it reward what came earlier.",
        single_touch.last_non_direct,
    ),
    Method(
        "last_touch",
        "Last touch",
        "All credit goes to the last touchpoint before the conversion, direct visits included.",
        "It does not show what brought people in: someone who had already decided often comes back directly.",
        single_touch.last_touch,
    ),
    Method(
        "first_touch",
        "First touch",
        "All credit goes to the first touchpoint inside the lookback window.",
        "It does not show what closed the sale, and a longer lookback changes who was first.",
        single_touch.first_touch,
    ),
    Method(
        "last_paid_click",
        "Last paid click",
        "All credit goes to the last paid click; without one, to the last touchpoint that was not direct.",
        "It favours paid channels by construction, so it cannot compare paid with unpaid ones.",
        single_touch.last_paid_click,
    ),
    Method(
        "linear",
        "Linear",
        "Every touchpoint gets the same credit.",
        "It does not show which touchpoint mattered: a channel that touches often earns more, useful or not.",
        multi_touch.linear,
    ),
    Method(
        "linear_distinct",
        "Linear by channel",
        "Every distinct channel of the journey gets the same credit, shared by its touchpoints.",
        "It does not show which channel mattered: being present is all that counts.",
        multi_touch.linear_distinct,
    ),
    Method(
        "position_based",
        "Position based",
        "The first and the last touchpoint get 40 % each, those between share 20 %.",
        "Its weights are a convention and not a measurement: nothing in the data supports 40-20-40.",
        multi_touch.position_based,
    ),
    Method(
        "w_shaped",
        "W-shaped",
        "The first touchpoint, the one that led to a milestone and the last get 30 % each, the others share 10 %.",
        "Its weights are a convention and not a measurement, and the choice of the milestone decides the result.",
        multi_touch.w_shaped,
    ),
    Method(
        "time_decay",
        "Time decay",
        "Credit halves with every seven days between touchpoint and conversion.",
        "It does not show that recent touchpoints work better: it assumes so.",
        multi_touch.time_decay,
    ),
    Method(
        "custom",
        "Custom weights",
        "Credit follows weights that you set by position, channel and kind of touchpoint.",
        "It shows the consequence of your own weights and no evidence for them.",
        multi_touch.custom,
    ),
)

METHODS: Final[Mapping[str, Method]] = MappingProxyType({method.name: method for method in _METHODS})


@dataclass(frozen=True, slots=True)
class LearnedMethod:
    """
    A method that learns its weights from people with and without conversions.

    Parameters
    ----------
    name : str
        Key in `LEARNED`, and `Fit.method`.
    title, description, cannot_claim : str
        As in `Method`.
    statistic : str
        What it learns from: ``transitions`` (`TransitionCounts`),
        ``coalitions`` (`CoalitionCounts`) or ``features`` (one or both
        families of `FeatureBlock`, as a sequence).
    fit : callable
        Takes the statistic and, by name, ``replicates`` and ``seed``; returns
        a `Fit` or raises `CannotTellError`.
    """

    name: str
    title: str
    description: str
    cannot_claim: str
    statistic: Statistic
    fit: Callable[..., Fit]


_LEARNED: Final = (
    LearnedMethod(
        "incremental",
        "Incremental",
        "Credit is what would not have happened without the touchpoint, by the rise of conversions after it; what"
        " would have happened anyway is kept apart as the baseline.",
        "It is no experiment: what makes people convert and leaves no trace in their touchpoints is mistaken for an"
        " effect, and whether a visit would have come directly anyway it cannot know.",
        "features",
        fit_incremental,
    ),
    LearnedMethod(
        "markov",
        "Markov chain",
        "Credit follows the share of conversions that is lost when every visit to a channel ends the journey.",
        "It does not show what would happen without the channel: people who skip it need not give up, and it gives"
        " all conversions away, organic ones too.",
        "transitions",
        fit_markov,
    ),
    LearnedMethod(
        "shapley",
        "Shapley value",
        "Credit follows what each channel adds to the conversion rate, averaged over all orders of channels.",
        "It does not show causes: people who meet more channels often wanted more from the start, and that counts as"
        " the channels' work.",
        "coalitions",
        fit_shapley,
    ),
)

LEARNED: Final[Mapping[str, LearnedMethod]] = MappingProxyType({method.name: method for method in _LEARNED})
