"""How an organization begins, changes hands and ends."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.text import slugify

from apps.orgs.models import GRACE, Membership, Organization, Property, Role, User
from apps.orgs.services.names import free_slug
from apps.shared import behalf


class NoMember(Exception):
    """The person is no member of the organization."""


def create_organization(*, name: str, slug: str, owner: User) -> Organization:
    """Create an organization that *owner* owns. Raises ValidationError."""
    organization = Organization(name=name, slug=slug)
    # An address is taken also by an organization that its founder cannot see, and until it has a member this one
    # can be seen by nobody either.
    with behalf.acting(behalf.of_system()), transaction.atomic():
        organization.full_clean()
        organization.save()
        Membership.objects.create(organization=organization, user=owner, role=Role.OWNER)
    return organization


def found_organization(*, name: str, owner: User) -> Organization:
    """Create an organization under an address that is made from its name."""
    with behalf.acting(behalf.of_system()):
        beginning = slugify(name)[:50].strip("-") or "organization"
        taken = set(Organization.objects.filter(slug__startswith=beginning).values_list("slug", flat=True))
    return create_organization(name=name, slug=free_slug(name, taken, "organization"), owner=owner)


def rename_organization(organization: Organization, *, name: str) -> None:
    """Give an organization another name; its address stays."""
    organization.name = name
    organization.full_clean(exclude=["slug"])
    organization.save(update_fields=["name"])


def set_common_lookbacks(organization: Organization, *, click: timedelta | None, view: timedelta | None) -> None:
    """Say how long clicks and views count in the properties that do not say it; None: as usual.

    Reports follow at once, for every period, as with the lookbacks of a property. Raises ValidationError.
    """
    organization.click_lookback, organization.view_lookback = click, view
    organization.full_clean(exclude=["slug"])
    organization.save(update_fields=["click_lookback", "view_lookback"])


@transaction.atomic
def transfer_ownership(*, organization: Organization, giver: User, taker: User) -> None:
    """Make another member the owner; who gives it away is an admin from now on. Raises NoMember."""
    both = Membership.objects.select_for_update().filter(organization=organization, user__in=(giver, taker))
    rows = {row.user_id: row for row in both.order_by("pk")}
    if taker.pk not in rows or giver.pk not in rows:
        raise NoMember(f"{taker} is no member of {organization}.")
    rows[giver.pk].role = Role.ADMIN
    heir = rows[taker.pk]
    # An owner has the whole: limits and a role of one's own making end.
    heir.role, heir.custom_role = Role.OWNER, None
    heir.property_ids, heir.sources, heir.countries = [], [], []
    heir.save()
    rows[giver.pk].save()


def ask_for_deletion(organization: Organization, *, now: datetime) -> None:
    """Have an organization deleted once the grace period is over. Until then everything works and can be kept."""
    organization.deletes_at = now + GRACE
    organization.save(update_fields=["deletes_at"])


def keep_organization(organization: Organization) -> None:
    """Take a wish for deletion back."""
    organization.deletes_at = None
    organization.save(update_fields=["deletes_at"])


def organizations_due(*, now: datetime) -> Iterable[Organization]:
    """Return the organizations whose grace period is over."""
    return Organization.objects.filter(deletes_at__lte=now)


def properties_to_end(organization: Organization, *, region: str | None) -> list[int]:
    """Return the properties of an organization, or those of one region."""
    rows = organization.properties.all() if region is None else organization.properties.filter(region=region)
    return list(rows.values_list("pk", flat=True))


def delete_property(*, property_id: int) -> None:
    """Delete a property with all that is of it in PostgreSQL; what others keep of it must have ended before."""
    Property.objects.filter(pk=property_id).delete()


def delete_organization(*, slug: str) -> list[int]:
    """Delete an organization with all that it owns in PostgreSQL and return the ids of the properties it had."""
    properties = list(Property.objects.filter(organization__slug=slug))
    Organization.objects.filter(slug=slug).delete()
    return [row.pk for row in properties]
