"""One view for each address of the app."""

from apps.attribution.views.goals import add_goal, archive_goal, change_goal, goals
from apps.attribution.views.lookbacks import lookbacks

__all__ = ["add_goal", "archive_goal", "change_goal", "goals", "lookbacks"]
