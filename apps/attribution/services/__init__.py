"""Changes to goals, builds of journeys, and trainings."""

from apps.attribution.services.building import BuildUnderWay, build_journeys, tidy_up
from apps.attribution.services.deciding import change_decision_rules
from apps.attribution.services.deleting import delete_property
from apps.attribution.services.goals import archive_goal, change_goal, create_goal
from apps.attribution.services.identity import (
    NothingToChange,
    UnknownIdentityVersion,
    change_identity_rules,
    keep_apart,
    undo_identity,
)
from apps.attribution.services.promoting import (
    NothingToPromote,
    RulesMovedOn,
    UnknownPromotion,
    promote,
    undo_promotion,
)
from apps.attribution.services.retraining import ask_retrainings, default_window
from apps.attribution.services.training import (
    BadTraining,
    TrainingOver,
    TrainingUnderWay,
    ask_training,
    cancel_training,
    end_lost_runs,
    see_move,
    train_method,
)
from apps.attribution.services.trying import TrialOver, ask_trial, cancel_trial, run_trial, tidy_up_trials
from apps.attribution.services.versioned_rules import RulesUnchanged, VersionMovedOn, change_lookbacks

__all__ = [
    "BadTraining",
    "BuildUnderWay",
    "NothingToChange",
    "NothingToPromote",
    "RulesMovedOn",
    "RulesUnchanged",
    "TrainingOver",
    "TrainingUnderWay",
    "TrialOver",
    "UnknownIdentityVersion",
    "UnknownPromotion",
    "VersionMovedOn",
    "archive_goal",
    "ask_retrainings",
    "ask_training",
    "ask_trial",
    "build_journeys",
    "cancel_training",
    "cancel_trial",
    "change_decision_rules",
    "change_goal",
    "change_identity_rules",
    "change_lookbacks",
    "create_goal",
    "default_window",
    "delete_property",
    "end_lost_runs",
    "keep_apart",
    "promote",
    "run_trial",
    "see_move",
    "tidy_up",
    "tidy_up_trials",
    "train_method",
    "undo_identity",
    "undo_promotion",
]
