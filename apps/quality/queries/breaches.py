"""Breaches, and who is mailed about them."""

from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q, QuerySet

from apps.quality.models import Breach, BreachReader

_NEWS = timedelta(days=7)


def breaches_of(property_id: int) -> QuerySet[Breach]:
    """Return the breaches of a property, newest first."""
    return Breach.objects.filter(property_id=property_id).select_related("expectation", "seen_by")


def unseen_breaches(property_id: int, *, now: datetime) -> QuerySet[Breach]:
    """Return the breaches that last, or ended in the last week, and that nobody has said to have seen."""
    return breaches_of(property_id).filter(Q(ended_at=None) | Q(ended_at__gt=now - _NEWS), seen_at=None)


def reads_breaches(property_id: int, *, user: Any) -> bool:
    """Tell whether somebody is mailed about breaches."""
    return BreachReader.objects.filter(property_id=property_id, user=user).exists()
