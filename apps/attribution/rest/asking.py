"""What operations about credit are asked for: a goal in use, a period of whole days."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from rest_framework.serializers import ValidationError

from apps.attribution import queries


def goal_in_use(property_id: int, wanted: int | None) -> int:
    """Return a goal in use, the primary one where none is wanted. Raises ValidationError."""
    goals = [goal.id for goal in queries.goals(property_id)]
    found = wanted if wanted is not None else next(iter(goals), None)
    if found is None or found not in goals:
        raise ValidationError({"goal": "The property has no such goal."})
    return found


def period_of(first: date, last: date, time_zone: str) -> tuple[datetime, datetime]:
    """Return whole days of a time zone: from the first midnight to the one after the last day."""
    zone = ZoneInfo(time_zone)
    begins, ends = (datetime(one.year, one.month, one.day, tzinfo=zone) for one in (first, last + timedelta(days=1)))
    return begins, ends
