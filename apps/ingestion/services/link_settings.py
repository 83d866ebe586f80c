"""Links come to be and change, version by version, and the rules of their names."""

from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from apps.ingestion.models import LINK_FIELDS, Link, LinkVersion, Naming


def create_link(*, property_id: int, made_by: Any, **values: Any) -> Link:
    """Create a link of a property. Raises ValidationError when its address or its destination will not do."""
    link = Link(property_id=property_id, made_by=made_by, **values)
    link.full_clean(exclude=["property", "made_by"])
    try:
        with transaction.atomic():
            link.save()
    except IntegrityError:  # an address may be taken by a link that nobody here can see
        raise ValidationError({"slug": _("This address is taken. Choose another.")}) from None
    return link


class LinkMovedOn(Exception):
    """Somebody else changed the link meanwhile."""


@transaction.atomic
def change_link(
    *, property_id: int, link_id: int, made_by: Any, based_on: int | None = None, now: datetime, **changes: Any
) -> Link:
    """Let a link say something else from now on; what it said before stays as a version (R10), its address stays.

    A change of nothing makes no version. Raises Link.DoesNotExist, LinkMovedOn where the link is not the version
    *based_on* any more, or ValidationError.
    """
    link = Link.objects.select_for_update().get(pk=link_id, property_id=property_id)
    if based_on is not None and based_on != link.version:
        raise LinkMovedOn(link.version)
    before = _said(link)
    changed = {name: value for name, value in changes.items() if name in LINK_FIELDS and before[name] != value}
    if not changed:
        return link
    first = {"made_by_id": link.made_by_id, "made_at": link.created_at}
    of_link = {"link": link, "property_id": property_id}
    LinkVersion.objects.get_or_create(**of_link, version=link.version, defaults={**before, **first})
    for name, value in changed.items():
        setattr(link, name, value)
    link.version += 1
    link.full_clean(exclude=["property", "made_by", "slug"])
    link.save()
    LinkVersion.objects.create(**of_link, version=link.version, made_by=made_by, made_at=now, **_said(link))
    return link


def _said(link: Link) -> dict[str, Any]:
    return {name: getattr(link, name) for name in LINK_FIELDS}


def change_naming(*, property_id: int, made_by: Any, **rules: Any) -> Naming:
    """Set how a property names its campaigns."""
    row, _is_new = Naming.objects.update_or_create(property_id=property_id, defaults={**rules, "made_by": made_by})
    return row
