"""What follows from a directory: accounts, memberships, roles. It speaks for the organization's own domains only."""

from collections.abc import Iterable
from typing import Any

from allauth.account.models import EmailAddress
from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from apps.accounts import queries
from apps.accounts.domain.roles import role_for
from apps.accounts.models import IdentityProvider, ProvisionedPerson
from apps.orgs import api as orgs
from apps.orgs.api import Organization, Role


class LastOwner(ValidationError):
    """The directory would take the last owner away."""


class AddressTaken(ValidationError):
    """The new address is that of another account."""


def account_for(*, organization: Organization, email: str) -> Any:
    """Return the account with this address, made when there is none. Raises ValidationError for a foreign domain."""
    check_address(organization=organization, email=email)
    user, is_new = get_user_model().objects.get_or_create(email=email.lower())
    if is_new:
        user.set_unusable_password()
        user.save()
    # The organization owns the domain, so it says who has the address.
    EmailAddress.objects.update_or_create(user=user, email=user.email, defaults={"verified": True, "primary": True})
    return user


def check_address(*, organization: Organization, email: str) -> None:
    """Raise ValidationError unless the organization owns the domain of *email*."""
    if not queries.owns_address(organization_id=organization.pk, email=email):
        raise ValidationError(
            _("“%(email)s” is not at a domain that the organization has verified.") % {"email": email}
        )


def change_address(*, organization: Organization, user: Any, email: str) -> None:
    """Give the account another address. Raises ValidationError for a foreign domain, AddressTaken."""
    if user.email == email.lower():
        return
    for address in (user.email, email):
        check_address(organization=organization, email=address)
    if get_user_model().objects.filter(email=email.lower()).exists():
        raise AddressTaken(_("Another account has the address “%(email)s”.") % {"email": email})
    EmailAddress.objects.filter(user=user).delete()
    user.email = email.lower()
    user.save(update_fields=["email"])
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)


def settle(people: Iterable[ProvisionedPerson]) -> None:
    """Bring memberships and roles in line with what the directory says now. Raises LastOwner."""
    for person in people:
        if person.is_active:
            _let_in(person)
        else:
            put_out(person)


def put_out(person: ProvisionedPerson) -> None:
    """End the membership; the account stays, for it may belong elsewhere. Raises LastOwner."""
    removed = orgs.end_membership(organization_id=person.organization_id, user=person.user)
    if not removed and orgs.role_in(organization_id=person.organization_id, user=person.user) is not None:
        raise LastOwner(_("The last owner cannot be taken away. Make somebody else an owner first."))


def _let_in(person: ProvisionedPerson) -> None:
    organization = person.organization
    provider = IdentityProvider.objects.filter(organization=organization).first()
    present = orgs.role_in(organization_id=organization.pk, user=person.user)
    groups = list(person.groups.values_list("name", flat=True))
    given = role_for(groups, provider.role_rules if provider else {}, Role.values)
    default = provider.default_role if provider else Role.VIEWER
    if present == Role.OWNER:
        return
    # Without rules a member keeps the role that people here have given.
    role = Role(given or (default if present is None or (provider and provider.role_rules) else present))
    if role != present:
        orgs.add_member(organization=organization, user=person.user, role=role)
