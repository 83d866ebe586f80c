"""The small statistics that data-driven methods learn from: what a database hands over instead of journeys."""

from attribution.statistics.coalitions import MOST_LANES, CoalitionCounts
from attribution.statistics.features import KERNELS, PROPENSITIES, UNIT, Family, FeatureBlock, Kernel
from attribution.statistics.tally import Tally
from attribution.statistics.transitions import CONVERSION, NULL, TransitionCounts

__all__ = [
    "CONVERSION",
    "KERNELS",
    "MOST_LANES",
    "NULL",
    "PROPENSITIES",
    "UNIT",
    "CoalitionCounts",
    "Family",
    "FeatureBlock",
    "Kernel",
    "Tally",
    "TransitionCounts",
]
