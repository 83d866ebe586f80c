"""What people say a conversion is, the rules that credit follows, and how far journeys and trainings are."""

from apps.attribution.models.building import BuildRun, Drawing, Watermark
from apps.attribution.models.computing import Computation
from apps.attribution.models.goals import Goal, GoalVersion
from apps.attribution.models.rules import ChannelRulesVersion, IdentityVersion, Promotion, RulesVersion
from apps.attribution.models.training import TrainingRun
from apps.attribution.models.trials import Trial

__all__ = [
    "BuildRun",
    "ChannelRulesVersion",
    "Computation",
    "Drawing",
    "Goal",
    "GoalVersion",
    "IdentityVersion",
    "Promotion",
    "RulesVersion",
    "TrainingRun",
    "Trial",
    "Watermark",
]
