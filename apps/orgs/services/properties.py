"""Changes to properties and their rules."""

from typing import Any
from zoneinfo import available_timezones

from babel.numbers import list_currencies
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from apps.orgs.models import Organization, Property, PropertySettings, Stream, User
from apps.orgs.services import residency
from apps.orgs.services.names import free_slug
from apps.orgs.services.organizations import found_organization


@transaction.atomic
def create_property(
    *,
    organization: Organization,
    name: str,
    slug: str,
    time_zone: str,
    currency: str,
    made_by: User | None,
    region: str = "",
) -> Property:
    """Create a property with the default rules as its first version and a web stream. Raises ValidationError.

    Without a *region* it begins in that of its organization, or in the only one.
    """
    row = Property(organization=organization, name=name, slug=slug, time_zone=time_zone, currency=currency)
    row.region = residency.region_for(organization, region)
    row.full_clean()
    _check_place(time_zone=time_zone, currency=currency)
    row.save()
    PropertySettings.objects.create(property=row, version=1, made_by=made_by, time_zone=time_zone, currency=currency)
    Stream.objects.create(property=row, kind=Stream.Kind.WEB, name=name)
    return row


def _check_place(*, time_zone: str, currency: str) -> None:
    """Raise ValidationError for what no page could write a figure in."""
    if time_zone not in available_timezones():
        raise ValidationError({"time_zone": _("There is no such time zone. Write it as Europe/Berlin.")})
    if currency not in list_currencies():
        raise ValidationError({"currency": _("There is no such currency. Write its code, such as EUR.")})


@transaction.atomic
def begin_property(
    *,
    organization: Organization | None,
    organization_name: str,
    name: str,
    time_zone: str,
    currency: str,
    owner: User,
    region: str = "",
) -> Property:
    """Create a property, and the organization first when none is given, under addresses made from their names."""
    if organization is None:
        organization = found_organization(name=organization_name, owner=owner)
    taken = set(organization.properties.values_list("slug", flat=True))
    return create_property(
        organization=organization,
        name=name,
        slug=free_slug(name, taken, "property"),
        time_zone=time_zone,
        currency=currency,
        made_by=owner,
        region=region,
    )


@transaction.atomic
def change_settings(*, property_id: int, made_by: User | None, **changes: Any) -> PropertySettings:
    """Add a version of the rules in which *changes* hold; the versions before stay as they are (R10).

    Raises ValidationError when a value is out of its range.
    """
    row = Property.objects.select_for_update().get(pk=property_id)
    newest = PropertySettings.objects.filter(property_id=property_id).first() or PropertySettings(
        property_id=property_id, version=0, time_zone=row.time_zone, currency=row.currency
    )
    newest.pk, newest.version, newest.made_by = None, newest.version + 1, made_by
    newest._state.adding = True  # noqa: SLF001  Django's documented way to copy a row
    for field, value in changes.items():
        setattr(newest, field, value)
    newest.full_clean(exclude=["made_by"])
    newest.save()
    row.time_zone, row.currency = newest.time_zone, newest.currency
    row.save(update_fields=["time_zone", "currency"])
    return newest


def ensure_account(*, email: str, password: str, is_operator: bool = False) -> User:
    """Return the account of *email*, made when there is none, that signs in with *password*."""
    user, _ = User.objects.get_or_create(email=email.strip().lower())
    user.is_staff = user.is_superuser = is_operator
    user.set_password(password)
    user.save()
    user.confirm_address()
    return user
