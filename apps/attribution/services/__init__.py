"""Changes to goals, and builds of journeys."""

from apps.attribution.services.building import BuildUnderWay, build_journeys, tidy_up
from apps.attribution.services.deleting import delete_property
from apps.attribution.services.goals import archive_goal, change_goal, create_goal
from apps.attribution.services.promoting import (
    NothingToPromote,
    RulesMovedOn,
    UnknownPromotion,
    promote,
    undo_promotion,
)

__all__ = [
    "BuildUnderWay",
    "NothingToPromote",
    "RulesMovedOn",
    "UnknownPromotion",
    "archive_goal",
    "build_journeys",
    "change_goal",
    "create_goal",
    "delete_property",
    "promote",
    "tidy_up",
    "undo_promotion",
]
