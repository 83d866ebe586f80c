"""Changes to goals: each keeps what was before, and who changed it when (R10)."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from apps.attribution.domain.goals import BadFilter, rule_of
from apps.attribution.models import Goal, GoalVersion


@transaction.atomic
def create_goal(*, property_id: int, made_by: Any, **values: Any) -> Goal:
    """Create a goal; the first of a property is its primary one. Raises ValidationError."""
    goal = Goal(property_id=property_id, **values)
    others = Goal.objects.select_for_update().filter(property_id=property_id, is_archived=False)
    goal.is_primary = goal.is_primary or not others.exists()
    return _save(goal, made_by)


@transaction.atomic
def change_goal(*, property_id: int, goal_id: int, made_by: Any, **changes: Any) -> Goal:
    """Change a goal. A new definition is a new version, which the next build follows. Raises ValidationError."""
    goal = Goal.objects.select_for_update().get(property_id=property_id, pk=goal_id)
    before = goal.definition()
    for field, value in changes.items():
        setattr(goal, field, value)
    if goal.definition() != before:
        goal.version += 1
        # Whoever's milestone this is means something else from now on, too.
        Goal.objects.filter(milestone=goal).update(version=F("version") + 1)
    return _save(goal, made_by)


@transaction.atomic
def archive_goal(*, property_id: int, goal_id: int, made_by: Any) -> Goal:
    """Take a goal out of use; its versions stay."""
    goal = Goal.objects.select_for_update().get(property_id=property_id, pk=goal_id)
    goal.is_archived, goal.is_primary, goal.built_version = True, False, 0
    _save(goal, made_by)
    heir = Goal.objects.filter(property_id=property_id, is_archived=False).first()
    if heir and not Goal.objects.filter(property_id=property_id, is_primary=True).exists():
        heir.is_primary = True
        _save(heir, made_by)
    return goal


def _save(goal: Goal, made_by: Any) -> Goal:
    goal.full_clean(exclude=["property", "milestone"], validate_constraints=False)
    try:
        rule_of(goal.pk or 0, goal.version, goal.definition())
    except BadFilter as error:
        raise ValidationError({"filters": str(error)}) from error
    _check_milestone(goal)
    if goal.is_primary:
        Goal.objects.filter(property_id=goal.property_id, is_primary=True).exclude(pk=goal.pk).update(is_primary=False)
    goal.save()
    GoalVersion.objects.create(
        goal=goal,
        version=goal.version,
        name=goal.name,
        definition=goal.definition(),
        is_primary=goal.is_primary,
        is_archived=goal.is_archived,
        made_by=made_by,
    )
    return goal


def _check_milestone(goal: Goal) -> None:
    if goal.milestone is None:
        return
    if goal.milestone.property_id != goal.property_id or goal.milestone_id == goal.pk:
        raise ValidationError({"milestone": _("Choose another goal of this property.")})
