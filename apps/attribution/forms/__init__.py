"""Forms of goals, of rules about ids, and of what makes visits and their sources."""

from apps.attribution.forms.goals import GoalForm, TriedGoalForm, tried_goal_form
from apps.attribution.forms.people import IdentityRulesForm
from apps.attribution.forms.visits import VisitsForm

__all__ = ["GoalForm", "IdentityRulesForm", "TriedGoalForm", "VisitsForm", "tried_goal_form"]
