"""Changes to expectations: each keeps what was before, and who changed it when (R10)."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from apps.orgs import api as orgs
from apps.quality.domain import rules
from apps.quality.models import Expectation, ExpectationVersion

MOST = 500


class Exchanged(NamedTuple):
    """What a whole set of expectations changed."""

    added: int
    changed: int
    archived: int
    unchanged: int


@transaction.atomic
def create_expectation(*, property_id: int, made_by: Any, **values: Any) -> Expectation:
    """Make an expectation. Raises ValidationError."""
    _check_room(property_id)
    return _save(Expectation(property_id=property_id, **values), made_by)


@transaction.atomic
def change_expectation(
    *, property_id: int, expectation_id: int, made_by: Any, seen_version: int | None = None, **changes: Any
) -> Expectation:
    """Change an expectation; what decides is then a new version. Raises ValidationError.

    *seen_version* is the version that the changes were made to: another one in force is somebody else's change.
    """
    row = Expectation.objects.select_for_update().get(property_id=property_id, pk=expectation_id, is_archived=False)
    if seen_version not in (None, row.version):
        raise ValidationError({"version": _("Somebody else changed it meanwhile. Look at it again, and save again.")})
    before, name = row.definition(), row.name
    for field, value in changes.items():
        setattr(row, field, value)
    if row.definition() == before and row.name == name:
        return row
    row.version += 1
    return _save(row, made_by)


@transaction.atomic
def archive_expectation(*, property_id: int, expectation_id: int, made_by: Any) -> Expectation:
    """Take an expectation out of use; what it found stays."""
    row = Expectation.objects.select_for_update().get(property_id=property_id, pk=expectation_id, is_archived=False)
    row.is_archived, row.is_on = True, False
    row.version += 1
    return _save(row, made_by)


@transaction.atomic
def restore_expectation(*, property_id: int, expectation_id: int, made_by: Any) -> Expectation:
    """Take an archived expectation into use again, as it was. Raises ValidationError."""
    row = Expectation.objects.select_for_update().get(property_id=property_id, pk=expectation_id, is_archived=True)
    _check_room(property_id)
    row.is_archived, row.is_on = False, True
    row.version += 1
    return _save(row, made_by)


@transaction.atomic
def exchange_expectations(*, property_id: int, documents: Sequence[Mapping[str, Any]], made_by: Any) -> Exchanged:
    """Make *documents* the whole set by their names; what is not named is archived. Raises ValidationError."""
    rows = Expectation.objects.select_for_update().filter(property_id=property_id, is_archived=False)
    kept = {row.name: row for row in rows}
    added = changed = unchanged = 0
    named = {document["name"] for document in documents}
    gone = [row for name, row in kept.items() if name not in named]
    for row in gone:
        archive_expectation(property_id=property_id, expectation_id=row.pk, made_by=made_by)
    for document in documents:
        known, values = kept.get(document["name"]), dict(document)
        if known is None:
            create_expectation(property_id=property_id, made_by=made_by, **values)
            added += 1
            continue
        version = known.version
        after = change_expectation(property_id=property_id, expectation_id=known.pk, made_by=made_by, **values)
        changed, unchanged = changed + (after.version > version), unchanged + (after.version == version)
    return Exchanged(added, changed, len(gone), unchanged)


def _check_room(property_id: int) -> None:
    if Expectation.objects.filter(property_id=property_id, is_archived=False).count() >= MOST:
        raise ValidationError(_("A property has at most %(most)s expectations.") % {"most": MOST})


def _save(row: Expectation, made_by: Any) -> Expectation:
    if not row.is_archived:  # what goes out of use may be as it was allowed to be once
        _check(row)
    row.save()
    ExpectationVersion.objects.create(
        expectation=row,
        version=row.version,
        name=row.name,
        definition=row.definition(),
        is_archived=row.is_archived,
        made_by=made_by,
    )
    return row


def _check(row: Expectation) -> None:
    row.full_clean(exclude=["property", "stream"], validate_constraints=False)
    try:
        rules.check_name(row.name)
        rules.check(row.kind, row.field, row.parameters, row.severity, row.event)
    except rules.BadRule as error:
        raise ValidationError({"parameters" if error.place not in _FIELDS else error.place: str(error)}) from error
    if row.stream_id and not orgs.streams_of(row.property_id).filter(pk=row.stream_id).exists():
        raise ValidationError({"stream": _("The property has no such stream.")})
    others = Expectation.objects.filter(property_id=row.property_id, name=row.name, is_archived=False)
    if others.exclude(pk=row.pk).exists():
        raise ValidationError({"name": _("There is an expectation of this name already.")})


_FIELDS = frozenset({"name", "event", "kind", "field", "severity"})
