"""The versions of a link as a list of what changed, when and by whom (R10)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any

from django.utils.translation import gettext as _

from apps.ingestion.models import LINK_FIELDS, LinkVersion


@dataclass(frozen=True, slots=True)
class Change:
    """One field, before and after."""

    field: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Version:
    """One version with what it changed; the first changed nothing."""

    number: int
    made_at: datetime
    made_by: str
    changes: tuple[Change, ...]


def link_history(rows: Iterable[LinkVersion]) -> list[Version]:
    """Return *rows* (newest first) with the difference of each from the one before it."""
    listed = list(rows)
    found = [_version(row, _changes(older, row)) for row, older in pairwise(listed)]
    return [*found, *(_version(row, ()) for row in listed[-1:])]


def _version(row: LinkVersion, changes: tuple[Change, ...]) -> Version:
    return Version(row.version, row.made_at, row.made_by.email if row.made_by else "", changes)


def _changes(before: LinkVersion, after: LinkVersion) -> tuple[Change, ...]:
    return tuple(
        Change(_label(name), _text(getattr(before, name)), _text(getattr(after, name)))
        for name in LINK_FIELDS
        if getattr(before, name) != getattr(after, name)
    )


def _label(name: str) -> str:
    label = str(LinkVersion._meta.get_field(name).verbose_name)  # type: ignore[union-attr]  # noqa: SLF001
    return label[:1].upper() + label[1:]


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return _("in use") if value else _("in the archive")
    return str(value) or _("none")
