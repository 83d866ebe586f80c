"""Kept fixes come and go."""

from typing import Any

from django.core.exceptions import ValidationError

from apps.orgs import api as orgs
from apps.quality.domain import fixes, rules
from apps.quality.models import FixRule

MOST = 100


def add_fix(*, property_id: int, made_by: Any, **values: Any) -> FixRule:
    """Keep a fix, so that events which fail are tried with it as they arrive. Raises ValidationError."""
    if FixRule.objects.filter(property_id=property_id).count() >= MOST:
        raise ValidationError(f"A property keeps at most {MOST} fixes.")
    return _save(FixRule(property_id=property_id, made_by=made_by, **values))


def change_fix(*, property_id: int, fix_id: int, **changes: Any) -> FixRule:
    """Change a kept fix; the record holds what it was. Raises ValidationError."""
    row = FixRule.objects.get(property_id=property_id, pk=fix_id)
    for field, value in changes.items():
        setattr(row, field, value)
    return _save(row)


def _save(row: FixRule) -> FixRule:
    row.full_clean(exclude=["property", "stream", "made_by"])
    try:
        fixes.check(row.field, row.action, row.parameters)
    except rules.BadRule as error:
        raise ValidationError({"field" if error.place == "field" else "parameters": str(error)}) from error
    if row.stream_id and not orgs.streams_of(row.property_id).filter(pk=row.stream_id).exists():
        raise ValidationError({"stream": "The property has no such stream."})
    row.save()
    return row


def switch_fix(*, property_id: int, fix_id: int, is_on: bool) -> None:
    """Use a kept fix, or let it rest."""
    row = FixRule.objects.get(property_id=property_id, pk=fix_id)
    row.is_on = is_on
    row.save(update_fields=["is_on"])


def remove_fix(*, property_id: int, fix_id: int) -> None:
    """Keep a fix no longer; the record still holds it."""
    FixRule.objects.get(property_id=property_id, pk=fix_id).delete()
