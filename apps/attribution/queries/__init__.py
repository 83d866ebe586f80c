"""Answers about goals, credit and journeys."""

from apps.attribution.queries.asking import Asked, together
from apps.attribution.queries.conversions import conversions
from apps.attribution.queries.credit import compare_methods, credit_by, credit_by_day
from apps.attribution.queries.goals import events_meeting, freshness, goals, learned_methods, methods, seen_events
from apps.attribution.queries.journey import UnknownConversion, journey
from apps.attribution.queries.scope import UnknownDimension, UnknownGoal, UnknownMethod, UntrainedMethod
from apps.attribution.queries.totals import totals, unattributed
from apps.attribution.queries.training import (
    UnknownTraining,
    fits_in_force,
    run_in_force,
    training,
    training_before,
    trainings,
)

__all__ = [
    "Asked",
    "UnknownConversion",
    "UnknownDimension",
    "UnknownGoal",
    "UnknownMethod",
    "UnknownTraining",
    "UntrainedMethod",
    "compare_methods",
    "conversions",
    "credit_by",
    "credit_by_day",
    "events_meeting",
    "fits_in_force",
    "freshness",
    "goals",
    "journey",
    "learned_methods",
    "methods",
    "run_in_force",
    "seen_events",
    "together",
    "totals",
    "training",
    "training_before",
    "trainings",
    "unattributed",
]
