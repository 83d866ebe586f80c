"""Changes of the rules that credit is worked out by: each is a new version (R10)."""

from datetime import datetime
from typing import Any

from django.db import transaction

from apps.attribution.domain.lookbacks import read_overrides, stored_overrides
from apps.attribution.models import RulesVersion, Watermark


class RulesUnchanged(Exception):
    """The rules in force are those already."""


class VersionMovedOn(Exception):
    """Somebody changed the rules since they were looked at."""


@transaction.atomic
def change_lookbacks(
    *, property_id: int, seen_version: int, overrides: object, covers_past: bool, made_by: Any, now: datetime,
    note: str = "",
) -> RulesVersion:  # fmt: skip
    """Make *overrides* those of a property, for conversions from now on, or for those of the past as well.

    Raises BadOverrides, RulesUnchanged, or VersionMovedOn when *seen_version* is not the newest any more.
    """
    wanted = stored_overrides(read_overrides(overrides))
    Watermark.objects.get_or_create(property_id=property_id)
    Watermark.objects.select_for_update().get(property_id=property_id)  # one change waits for another
    newest = _newest(property_id, RulesVersion.Topic.OVERRIDES)
    if (newest.version if newest else 0) != seen_version:
        raise VersionMovedOn
    holds = newest.value if newest else []
    reaches_back = covers_past and newest is not None and newest.applies_from is not None
    if wanted == holds and not reaches_back:
        raise RulesUnchanged
    return add_rules(
        property_id, RulesVersion.Topic.OVERRIDES, wanted, made_by=made_by, applies_from=None if covers_past else now,
        note=note,
    )  # fmt: skip


def add_rules(
    property_id: int, topic: str, value: Any, *, made_by: Any, applies_from: datetime | None = None, note: str = ""
) -> RulesVersion:
    """Add a version of some rules; those before stay as they were."""
    newest = _newest(property_id, topic)
    return RulesVersion.objects.create(
        property_id=property_id,
        topic=topic,
        version=newest.version + 1 if newest else 1,
        value=value,
        applies_from=applies_from,
        note=note[:200],
        made_by=made_by,
    )


def _newest(property_id: int, topic: str) -> RulesVersion | None:
    return RulesVersion.objects.filter(property_id=property_id, topic=topic).order_by("-version").first()
