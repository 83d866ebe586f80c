"""What people set up for the quality of data, and what was found."""

from apps.quality.models.breach import Breach, BreachReader
from apps.quality.models.expectation import Expectation, ExpectationVersion, Observation
from apps.quality.models.quarantine import FixRule, Release
from apps.quality.models.schema import Drift, EventSchema

__all__ = [
    "Breach",
    "BreachReader",
    "Drift",
    "EventSchema",
    "Expectation",
    "ExpectationVersion",
    "FixRule",
    "Observation",
    "Release",
]
