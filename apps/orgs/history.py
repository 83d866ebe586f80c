"""The versions of a property's rules as a list of what changed, when and by whom (R10)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any, cast

from django.db.models import Field
from django.utils.translation import gettext as _

from apps.orgs.fields import span_text
from apps.orgs.models import PropertySettings
from apps.orgs.wording import METHOD_TITLES

FIELDS = (
    "currency",
    "time_zone",
    "click_lookback",
    "view_lookback",
    "visit_gap",
    "campaign_opens",
    "default_method",
    "own_domains",
    "referrer_exclusions",
    "past_exclusions",
    "click_ids",
)


@dataclass(frozen=True, slots=True)
class Change:
    """One field, before and after."""

    field: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Version:
    """One version of the rules with what it changed."""

    number: int
    made_at: datetime
    made_by: str
    changes: tuple[Change, ...]


def versions(rows: Sequence[PropertySettings]) -> list[Version]:
    """Return *rows* (newest first) with the difference of each from the one before it."""
    listed = [_version(row, changes_between(older, row)) for row, older in pairwise(rows)]
    return [*listed, *(_version(row, ()) for row in rows[-1:])]


def _version(row: PropertySettings, changes: tuple[Change, ...]) -> Version:
    return Version(row.version, row.made_at, row.made_by.email if row.made_by else "", changes)


def changes_between(before: PropertySettings, after: PropertySettings) -> tuple[Change, ...]:
    """Return the fields whose values differ."""
    return tuple(
        Change(_label(name), _text(name, getattr(before, name)), _text(name, getattr(after, name)))
        for name in FIELDS
        if getattr(before, name) != getattr(after, name)
    )


def _label(name: str) -> str:
    field = cast("Field[Any, Any]", PropertySettings._meta.get_field(name))  # noqa: SLF001  Django's documented name
    label = str(field.verbose_name)
    return label[:1].upper() + label[1:]


def _text(name: str, value: Any) -> str:
    if value is None:
        return _("as the organization says")
    if isinstance(value, timedelta):
        return span_text(value)
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, list):
        return ", ".join(one if isinstance(one, str) else " ".join(one) for one in value) or _("none")
    return str(METHOD_TITLES.get(value, value)) if name == "default_method" else str(value)
