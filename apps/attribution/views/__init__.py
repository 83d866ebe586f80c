"""Pages about goals, persons, and what makes visits and their sources."""

from apps.attribution.views.goals import add_goal, archive_goal, change_goal, goals
from apps.attribution.views.people import part, people, rules, undo
from apps.attribution.views.visits import visits

__all__ = ["add_goal", "archive_goal", "change_goal", "goals", "part", "people", "rules", "undo", "visits"]
