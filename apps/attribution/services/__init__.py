"""Changes to goals, builds of journeys, and trainings."""

from apps.attribution.services.building import BuildUnderWay, build_journeys, tidy_up
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

__all__ = [
    "BadTraining",
    "BuildUnderWay",
    "NothingToChange",
    "NothingToPromote",
    "RulesMovedOn",
    "TrainingOver",
    "TrainingUnderWay",
    "UnknownIdentityVersion",
    "UnknownPromotion",
    "archive_goal",
    "ask_retrainings",
    "ask_training",
    "build_journeys",
    "cancel_training",
    "change_goal",
    "change_identity_rules",
    "create_goal",
    "default_window",
    "delete_property",
    "end_lost_runs",
    "keep_apart",
    "promote",
    "see_move",
    "tidy_up",
    "train_method",
    "undo_identity",
    "undo_promotion",
]
