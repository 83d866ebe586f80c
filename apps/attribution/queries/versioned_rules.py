"""The rules that credit is worked out by, in versions: lookback overrides, and the parameters of methods."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import attribution as engine
from apps.attribution.domain.lookbacks import LookbackVersion, read_overrides
from apps.attribution.models import RulesVersion

Topic = RulesVersion.Topic


@dataclass(frozen=True, slots=True)
class VersionedLookbacks:
    """The versions of a property's lookback overrides, newest first, and the number of the newest (0: none yet)."""

    version: int
    versions: tuple[LookbackVersion, ...]

    @property
    def newest(self) -> tuple[engine.LookbackOverride, ...]:
        """The overrides for what happens from now on."""
        return self.versions[0].overrides if self.versions else ()


@dataclass(frozen=True, slots=True)
class RulesChange:
    """One version of some rules: what they were from then on, since when, by whom and why."""

    version: int
    value: Any
    applies_from: datetime | None
    note: str
    made_by: str
    made_at: datetime


def lookback_versions(property_id: int) -> VersionedLookbacks:
    """Return the lookback overrides of a property."""
    rows = list(_versions(property_id, Topic.OVERRIDES))
    versions = tuple(LookbackVersion(read_overrides(row.value), row.applies_from) for row in rows)
    return VersionedLookbacks(rows[0].version if rows else 0, versions)


def versions_in_use(
    property_id: int, overrides: tuple[engine.LookbackOverride, ...] | None = None
) -> tuple[LookbackVersion, ...]:
    """Return the overrides that conversions follow, newest first: what is tried holds for conversions of any time."""
    return lookback_versions(property_id).versions if overrides is None else (LookbackVersion(overrides),)


def parameters_in_force(property_id: int) -> Mapping[str, Mapping[str, Any]]:
    """Return the parameters of methods that are not those by default."""
    newest = _versions(property_id, Topic.PARAMETERS).first()
    return newest.value if newest else {}


def rules_changes(property_id: int, topic: str, *, limit: int = 20) -> list[RulesChange]:
    """Return the newest versions of some rules, newest first."""
    rows = _versions(property_id, topic).select_related("made_by")[:limit]
    return [
        RulesChange(
            row.version, row.value, row.applies_from, row.note, row.made_by.email if row.made_by else "", row.made_at
        )
        for row in rows
    ]


def _versions(property_id: int, topic: str) -> Any:
    return RulesVersion.objects.filter(property_id=property_id, topic=topic).order_by("-version")
