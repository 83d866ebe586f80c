"""Roles of an organization's own making."""

from collections.abc import Iterable

from django.core.exceptions import ValidationError
from django.db.models import ProtectedError
from django.utils.translation import gettext as _

from apps.orgs.domain.access import Access
from apps.orgs.domain.permissions import NEVER_CUSTOM, known
from apps.orgs.models import CustomRole, Organization
from apps.orgs.services.members import TooMuch


def create_role(*, organization: Organization, name: str, permissions: Iterable[str], giver: Access) -> CustomRole:
    """Create a role. Raises ValidationError or TooMuch."""
    row = CustomRole(organization=organization, name=name)
    row.permissions = sorted(known(list(permissions)) - NEVER_CUSTOM)
    if not row.permissions:
        raise ValidationError({"permissions": _("Choose at least one thing that the role allows.")})
    if not giver.may_give(frozenset(known(row.permissions)), property_ids=giver.property_ids, limits=giver.limits):
        raise TooMuch
    row.full_clean(exclude=["organization"], validate_constraints=False)
    if CustomRole.objects.filter(organization=organization, name=name).exists():
        raise ValidationError({"name": _("There is a role with this name already.")})
    row.save()
    return row


def delete_role(row: CustomRole) -> None:
    """Delete a role that nobody has. Raises ValidationError."""
    try:
        row.delete()
    except ProtectedError:
        raise ValidationError(_("Somebody has this role. Give them another one first.")) from None
