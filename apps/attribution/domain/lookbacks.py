"""Lookback overrides as they are kept: every version since its instant, and the one for a conversion."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import attribution as engine

MOST_OVERRIDES: Final = 200
LONGEST_NAME: Final = 300
KEYS: Final = ("source", "campaign", "ad_group")
LEAST: Final = timedelta(hours=1)
MOST: Final[Mapping[str, timedelta]] = {"click": timedelta(days=90), "view": timedelta(days=7)}


class BadOverrides(ValueError):
    """Overrides cannot be understood: the number of the line, and what is wrong by a code.

    `nobody`, `no_lookback`, `range`, `long`, `twice`, `many` or `unknown`.
    """


@dataclass(frozen=True, slots=True)
class LookbackVersion:
    """Overrides for the conversions from an instant on; without one, for all of them."""

    overrides: tuple[engine.LookbackOverride, ...] = ()
    applies_from: datetime | None = None


def overrides_at(versions: Sequence[LookbackVersion], instant: datetime) -> tuple[engine.LookbackOverride, ...]:
    """Return the overrides for a conversion of an instant; *versions* come newest first."""
    for version in versions:
        if version.applies_from is None or engine.milliseconds(version.applies_from) <= engine.milliseconds(instant):
            return version.overrides
    return ()


def versions_in(
    versions: Sequence[LookbackVersion], begin: datetime, end: datetime
) -> list[tuple[datetime, tuple[engine.LookbackOverride, ...]]]:
    """Return what holds at some time from *begin* until *end*, and since when, in order of time.

    *versions* come newest first.
    """
    found: list[tuple[datetime, tuple[engine.LookbackOverride, ...]]] = []
    until = end
    for version in (*versions, LookbackVersion()):
        since = max(version.applies_from or begin, begin)
        if since < until:
            found.append((since, version.overrides))
            until = since
    return found[::-1]


def stored_versions(versions: Iterable[LookbackVersion]) -> list[dict[str, Any]]:
    """Return versions for JSON."""
    return [
        {
            "overrides": stored_overrides(one.overrides),
            "applies_from": one.applies_from.isoformat() if one.applies_from else None,
        }
        for one in versions
    ]


def read_versions(stored: Iterable[Mapping[str, Any]]) -> tuple[LookbackVersion, ...]:
    """Return the versions that `stored_versions` wrote."""
    return tuple(
        LookbackVersion(
            read_overrides(one["overrides"]),
            datetime.fromisoformat(one["applies_from"]) if one["applies_from"] else None,
        )
        for one in stored
    )


def stored_overrides(overrides: Iterable[engine.LookbackOverride]) -> list[dict[str, Any]]:
    """Return overrides for JSON, in one order: names, and hours where a lookback is given."""
    return [
        {name: getattr(one, name) for name in KEYS if getattr(one, name)}
        | {kind: _hours(span) for kind in MOST if (span := getattr(one, kind)) is not None}
        for one in sorted(overrides, key=lambda one: one.key)
    ]


def read_overrides(stored: object) -> tuple[engine.LookbackOverride, ...]:
    """Return the overrides that JSON means. Raises BadOverrides."""
    if not isinstance(stored, list):
        raise BadOverrides(0, "unknown")
    if len(stored) > MOST_OVERRIDES:
        raise BadOverrides(len(stored), "many")
    found = tuple(_override(number, one) for number, one in enumerate(stored, start=1))
    seen: set[tuple[str, str, str]] = set()
    for number, one in enumerate(found, start=1):
        if one.key in seen:
            raise BadOverrides(number, "twice")
        seen.add(one.key)
    return found


def _override(number: int, stored: object) -> engine.LookbackOverride:
    if not isinstance(stored, dict) or not stored.keys() <= {*KEYS, *MOST}:
        raise BadOverrides(number, "unknown")
    names = {name: stored.get(name, "") for name in KEYS}
    if not all(isinstance(name, str) and "\x00" not in name for name in names.values()):
        raise BadOverrides(number, "unknown")
    if max(len(name) for name in names.values()) > LONGEST_NAME:
        raise BadOverrides(number, "long")
    if not any(names.values()):
        raise BadOverrides(number, "nobody")
    spans = {kind: _span(number, kind, stored[kind]) for kind in MOST if stored.get(kind) is not None}
    if not spans:
        raise BadOverrides(number, "no_lookback")
    return engine.LookbackOverride(**names, click=spans.get("click"), view=spans.get("view"))


def _span(number: int, kind: str, hours: object) -> timedelta:
    if isinstance(hours, bool) or not isinstance(hours, int | float):
        raise BadOverrides(number, "unknown")
    if not LEAST.total_seconds() <= hours * 3600 <= MOST[kind].total_seconds():
        raise BadOverrides(number, "range")
    return timedelta(hours=hours)


def _hours(span: timedelta) -> int | float:
    hours = span / timedelta(hours=1)
    return int(hours) if hours == int(hours) else hours
