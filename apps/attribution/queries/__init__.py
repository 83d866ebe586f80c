"""Answers about goals, credit and journeys."""

from apps.attribution.queries.asking import Asked, together
from apps.attribution.queries.case_settings import case_settings
from apps.attribution.queries.channel_rules import VersionedChannelRules, are_channels_pending, channel_rules_of
from apps.attribution.queries.conversions import conversions
from apps.attribution.queries.credit import compare_methods, credit_by, credit_by_day
from apps.attribution.queries.decisions import (
    UnknownDecision,
    decided,
    deciding_goals,
    decision_rules,
    decision_trace,
)
from apps.attribution.queries.event_reading import identity_rules_of, reading_rules
from apps.attribution.queries.goals import events_meeting, freshness, goals, learned_methods, methods, seen_events
from apps.attribution.queries.journey import UnknownConversion, journey
from apps.attribution.queries.moves import GoalsDiffer, credit_moves
from apps.attribution.queries.own_conversions import own_conversion, own_conversions
from apps.attribution.queries.parts import parts_in_journeys
from apps.attribution.queries.people import person_of
from apps.attribution.queries.person_details import UnknownPerson, person
from apps.attribution.queries.previews import TooManyPersons, preview
from apps.attribution.queries.promotions import promotions, rule_values
from apps.attribution.queries.scope import UnknownDimension, UnknownGoal, UnknownMethod, UntrainedMethod
from apps.attribution.queries.sources import ChangedSource, excluded_sources, renamed_sources
from apps.attribution.queries.totals import totals, unattributed
from apps.attribution.queries.training import (
    UnknownTraining,
    fits_in_force,
    run_in_force,
    training,
    training_before,
    trainings,
)
from apps.attribution.queries.trials import UnknownTrial, trial, trial_of, trials
from apps.attribution.queries.versioned_rules import (
    RulesChange,
    lookback_versions,
    parameters_in_force,
    rules_changes,
    versions_in_use,
)

__all__ = [
    "Asked",
    "ChangedSource",
    "GoalsDiffer",
    "RulesChange",
    "TooManyPersons",
    "UnknownConversion",
    "UnknownDecision",
    "UnknownDimension",
    "UnknownGoal",
    "UnknownMethod",
    "UnknownPerson",
    "UnknownTraining",
    "UnknownTrial",
    "UntrainedMethod",
    "VersionedChannelRules",
    "are_channels_pending",
    "case_settings",
    "channel_rules_of",
    "compare_methods",
    "conversions",
    "credit_by",
    "credit_by_day",
    "credit_moves",
    "decided",
    "deciding_goals",
    "decision_rules",
    "decision_trace",
    "events_meeting",
    "excluded_sources",
    "fits_in_force",
    "freshness",
    "goals",
    "identity_rules_of",
    "journey",
    "learned_methods",
    "lookback_versions",
    "methods",
    "own_conversion",
    "own_conversions",
    "parameters_in_force",
    "parts_in_journeys",
    "person",
    "person_of",
    "preview",
    "promotions",
    "reading_rules",
    "renamed_sources",
    "rule_values",
    "rules_changes",
    "run_in_force",
    "seen_events",
    "together",
    "totals",
    "training",
    "training_before",
    "trainings",
    "trial",
    "trial_of",
    "trials",
    "unattributed",
    "versions_in_use",
]
