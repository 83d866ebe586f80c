"""One view for each address of the app."""

from apps.attribution.views.goals import add_goal, archive_goal, change_goal, goals
from apps.attribution.views.lookbacks import lookbacks
from apps.attribution.views.people import part, people, rules, undo
from apps.attribution.views.visits import visits

__all__ = [
    "add_goal",
    "archive_goal",
    "change_goal",
    "goals",
    "lookbacks",
    "part",
    "people",
    "rules",
    "undo",
    "visits",
]
