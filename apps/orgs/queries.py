"""Answers about organizations, properties and streams."""

from django.db.models import QuerySet

from apps.orgs.domain.values import PropertyInfo, PropertyRules, StreamInfo
from apps.orgs.models import Membership, Organization, Property, PropertySettings, Role, Stream, User

_ORDER = [Role.VIEWER, Role.ANALYST, Role.ADMIN, Role.OWNER]


def organizations_of(user: User) -> QuerySet[Organization]:
    """Return the organizations that *user* is a member of."""
    return Organization.objects.filter(memberships__user=user)


def organizations_run_by(user: User) -> QuerySet[Organization]:
    """Return the organizations in which *user* may add properties."""
    # One filter, not two: each call of filter() would join memberships anew, and somebody else's role would do.
    return Organization.objects.filter(memberships__user=user, memberships__role__in=[Role.ADMIN, Role.OWNER])


def properties_of(user: User) -> QuerySet[Property]:
    """Return the properties that *user* may see, with their organizations."""
    return Property.objects.filter(organization__memberships__user=user).select_related("organization")


def organization_by_slug(slug: str) -> Organization:
    """Return an organization by its address; raises Organization.DoesNotExist."""
    return Organization.objects.get(slug=slug)


def owners_of(organization_id: int) -> QuerySet[User]:
    """Return the people who own an organization and may sign in."""
    return User.objects.filter(
        is_active=True, memberships__organization_id=organization_id, memberships__role=Role.OWNER
    ).order_by("email")


def role_in(*, organization_id: int, user: User) -> Role | None:
    """Return the role of *user*, or None for an outsider."""
    if not user.is_authenticated:
        return None
    role = Membership.objects.filter(organization_id=organization_id, user=user).values_list("role", flat=True).first()
    return Role(role) if role else None


def has_role(*, organization_id: int, user: User, least: Role) -> bool:
    """Tell whether *user* has the role *least* or a greater one."""
    role = role_in(organization_id=organization_id, user=user)
    return role is not None and _ORDER.index(role) >= _ORDER.index(least)


def rules_in_force(property_id: int) -> PropertyRules:
    """Return the newest rules of a property; a property without any has the defaults, as version 0."""
    row = PropertySettings.objects.filter(property_id=property_id).first() or PropertySettings(version=0)
    return PropertyRules(
        version=row.version,
        click_lookback=row.click_lookback,
        view_lookback=row.view_lookback,
        visit_gap=row.visit_gap,
        own_domains=tuple(row.own_domains),
        referrer_exclusions=tuple(row.referrer_exclusions),
        default_method=row.default_method,
    )


def property_info(row: Property) -> PropertyInfo:
    """Return *row* as the value that other apps receive."""
    return PropertyInfo(
        id=row.pk,
        slug=row.slug,
        name=row.name,
        organization_id=row.organization_id,
        organization_slug=row.organization.slug,
        organization_name=row.organization.name,
        time_zone=row.time_zone,
        currency=row.currency,
        rules=rules_in_force(row.pk),
    )


def property_by_id(property_id: int) -> PropertyInfo:
    """Return a property; raises Property.DoesNotExist."""
    return property_info(Property.objects.select_related("organization").get(pk=property_id))


def property_by_slugs(*, organization: str, slug: str) -> PropertyInfo:
    """Return a property by its two addresses; raises Property.DoesNotExist."""
    rows = Property.objects.select_related("organization")
    return property_info(rows.get(organization__slug=organization, slug=slug))


def find_property(*, organization: str, slug: str) -> PropertyInfo | None:
    """Return a property by its two addresses, or None."""
    row = Property.objects.select_related("organization").filter(organization__slug=organization, slug=slug).first()
    return None if row is None else property_info(row)


def all_property_ids() -> list[int]:
    """Return the id of every property."""
    return list(Property.objects.order_by("pk").values_list("pk", flat=True))


def stream_by_write_key(write_key: str) -> StreamInfo | None:
    """Return the active stream that *write_key* opens, or None."""
    row = Stream.objects.select_related("property__organization").filter(write_key=write_key, is_active=True).first()
    if row is None:
        return None
    return StreamInfo(id=row.pk, kind=row.kind, name=row.name, property=property_info(row.property))


def streams_of(property_id: int) -> QuerySet[Stream]:
    """Return the streams of a property."""
    return Stream.objects.filter(property_id=property_id)
