"""Answers about organizations, properties and streams."""

from datetime import timedelta
from typing import Any

from django.db.models import F, Func, Q, QuerySet
from django.utils import timezone

from apps.orgs.domain.access import Access
from apps.orgs.domain.permissions import NEVER_CUSTOM, ROLES, Permission
from apps.orgs.domain.values import PropertyInfo, PropertyRules, PublicKeyInfo, StreamInfo
from apps.orgs.models import (
    Grant,
    Membership,
    Organization,
    Property,
    PropertySettings,
    PublicKey,
    Role,
    Stream,
    User,
)
from apps.orgs.models.lookbacks import USUAL_CLICK_LOOKBACK, USUAL_VIEW_LOOKBACK
from apps.shared import behalf
from apps.shared.behalf import Limits

_GRANTED = """
    SELECT id, role, custom_role_id, property_ids, sources, countries FROM orgs_membership
    WHERE user_id = %s AND organization_id = %s AND (ends_at IS NULL OR ends_at > %s)
"""


def organizations_of(user: User) -> QuerySet[Organization]:
    """Return the organizations that *user* is a member of."""
    return Organization.objects.filter(pk__in=_memberships(user).values("organization_id"))


def _memberships(user: User) -> QuerySet[Membership]:
    """Return the memberships of *user* that hold now."""
    holds = Q(ends_at__isnull=True) | Q(ends_at__gt=timezone.now())
    return Membership.objects.filter(holds, user=user).select_related("custom_role", "organization")


def organizations_where(user: User, permission: Permission) -> QuerySet[Organization]:
    """Return the organizations in which *user* may do something."""
    built_in = Q(custom_role__isnull=True, role__in=[role for role, allowed in ROLES.items() if permission in allowed])
    own = Q(custom_role__permissions__contains=[permission]) if permission not in NEVER_CUSTOM else Q(pk__in=[])
    rows = _memberships(user).filter(built_in | own)
    return Organization.objects.filter(pk__in=rows.values("organization_id"))


def properties_of(user: User, *, wanted: str = "") -> QuerySet[Property]:
    """Return the properties that *user* may see, with their organizations, by the names of both.

    *wanted* is a part of either name.
    """
    membership = "organization__memberships__"
    holds = Q(**{f"{membership}ends_at__isnull": True}) | Q(**{f"{membership}ends_at__gt": timezone.now()})
    own_id = Func(F("pk"), template="ARRAY[%(expressions)s]")
    reached = Q(**{f"{membership}property_ids": []}) | Q(**{f"{membership}property_ids__contains": own_id})
    rows = Property.objects.filter(holds, reached, **{f"{membership}user": user}).select_related("organization")
    if wanted:
        rows = rows.filter(Q(name__icontains=wanted) | Q(organization__name__icontains=wanted))
    return rows.order_by("organization__name", "organization_id", "name", "pk")


def access_of(user: Any, *, organization_id: int) -> Access | None:
    """Return what *user* may do in an organization, or None for an outsider."""
    if not user.is_authenticated or not user.is_active:
        return None
    # Every page asks this. Building such a query with the ORM costs more than answering it; a role of the
    # organization's own making, which hardly anybody has, is asked for when it is needed.
    rows = Membership.objects.raw(_GRANTED, [user.pk, organization_id, timezone.now()])
    row = next(iter(rows), None)
    return None if row is None else access_by(row, organization_id=organization_id)


def access_by(grant: Grant, *, organization_id: int, organization_slug: str = "") -> Access:
    """Return what a grant allows in its organization."""
    return Access(
        organization_id=organization_id,
        organization_slug=organization_slug,
        title=grant.title,
        granted=grant.permissions,
        property_ids=frozenset(grant.property_ids),
        limits=Limits(tuple(sorted(grant.sources)), tuple(sorted(grant.countries))),
    )


def organization_ids_of(user: User) -> list[int]:
    """Return the ids of the organizations that *user* is a member of."""
    return list(_memberships(user).values_list("organization_id", flat=True))


def account_by_email(email: str) -> User | None:
    """Return the account with an address, or None."""
    return User.objects.filter(email=email.replace("\0", "").strip().lower()).first()


def organization_by_slug(slug: str) -> Organization:
    """Return an organization by its address; raises Organization.DoesNotExist."""
    return Organization.objects.get(slug=slug)


def owners_of(organization_id: int) -> QuerySet[User]:
    """Return the people who own an organization and may sign in."""
    rows = User.objects.filter(memberships__organization_id=organization_id, memberships__role=Role.OWNER)
    return rows.filter(is_active=True).order_by("email")


def role_in(*, organization_id: int, user: User) -> Role | None:
    """Return the built-in role of *user*, or None for an outsider. What it allows, `access_of` says."""
    role = _memberships(user).filter(organization_id=organization_id).values_list("role", flat=True).first()
    return Role(role) if role else None


def place_of_property(property_id: int) -> tuple[int, str]:
    """Return the organization that owns a property, and its region; raises Property.DoesNotExist."""
    return Property.objects.values_list("organization_id", "region").get(pk=property_id)


@behalf.as_system
def is_only_organization(organization_id: int) -> bool:
    """Tell whether no other organization shares this installation."""
    return not Organization.objects.exclude(pk=organization_id).exists()


@behalf.as_system
def region_of_property(property_id: int) -> str | None:
    """Return the region of a property, whoever asks; None for one that does not exist."""
    return Property.objects.filter(pk=property_id).values_list("region", flat=True).first()


def rules_in_force(property_row: Property) -> PropertyRules:
    """Return the newest rules of a property; a property without any has the defaults, as version 0.

    Lookbacks that it does not say are those of its organization.
    """
    row = PropertySettings.objects.filter(property=property_row).first() or PropertySettings(version=0)
    own, common = (row.click_lookback, row.view_lookback), common_lookbacks(property_row.organization)
    return PropertyRules(
        version=row.version,
        click_lookback=own[0] or common[0],
        view_lookback=own[1] or common[1],
        own_lookbacks=own,
        common_lookbacks=common,
        visit_gap=row.visit_gap,
        own_domains=tuple(row.own_domains),
        referrer_exclusions=tuple(row.referrer_exclusions),
        campaign_opens=row.campaign_opens,
        past_exclusions=tuple(row.past_exclusions),
        click_ids=tuple((name, source, medium) for name, source, medium in row.click_ids),
        default_method=row.default_method,
    )


def common_lookbacks(organization: Organization) -> tuple[timedelta, timedelta]:
    """Return how long clicks and views count in the properties of an organization that do not say it."""
    return (
        organization.click_lookback or USUAL_CLICK_LOOKBACK,
        organization.view_lookback or USUAL_VIEW_LOOKBACK,
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
        rules=rules_in_force(row),
        region=row.region,
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


def all_property_ids(region: str | None = None) -> list[int]:
    """Return the id of every property, or of those of one region."""
    rows = Property.objects.order_by("pk")
    return list((rows if region is None else rows.filter(region=region)).values_list("pk", flat=True))


def regions_of_properties() -> dict[int, str]:
    """Return the region of every property."""
    return dict(Property.objects.values_list("pk", "region"))


def stream_by_write_key(write_key: str) -> StreamInfo | None:
    """Return the active stream that *write_key* opens, now or as the key that it had before, or None."""
    is_retired = Q(retired_keys__write_key=write_key, retired_keys__accepted_until__gt=timezone.now())
    rows = Stream.objects.select_related("property__organization").filter(is_active=True)
    row = rows.filter(write_key=write_key).first() or rows.filter(is_retired).first()
    if row is None:
        return None
    return StreamInfo(
        id=row.pk,
        kind=row.kind,
        name=row.name,
        property=property_info(row.property),
        requires_token=row.requires_token,
        key_ids=frozenset(row.public_keys.values_list("key_id", flat=True)),
    )


def public_key_by_id(key_id: str) -> PublicKeyInfo | None:
    """Return a public key of an active stream, or None."""
    row = PublicKey.objects.select_related("stream").filter(key_id=key_id, stream__is_active=True).first()
    if row is None:
        return None
    return PublicKeyInfo(row.key_id, row.stream.client_id(), row.stream_id, row.pem, row.algorithm)


def streams_of(property_id: int) -> QuerySet[Stream]:
    """Return the streams of a property, with the keys that they had before."""
    return Stream.objects.filter(property_id=property_id).prefetch_related("retired_keys")
