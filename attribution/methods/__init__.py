"""METHODS: every method by name, with what it says and what it cannot claim."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from attribution.methods import multi_touch, single_touch
from attribution.spec import MethodSpec


@dataclass(frozen=True, slots=True)
class Method:
    """
    A method as people choose it.

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
