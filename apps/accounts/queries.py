"""Answers about how an organization signs in. Whoever signs in is nobody yet, so the system asks for them."""

from typing import Any

from apps.accounts.domain.addresses import domain_of
from apps.accounts.models import Domain, IdentityProvider, ProvisionedPerson, SignInRules
from apps.shared import behalf


@behalf.as_system
def provider_by_key(key: str) -> IdentityProvider | None:
    """Return the identity provider that *key* names in addresses, in use or not, or None."""
    return IdentityProvider.objects.select_related("organization").filter(key=key).first()


@behalf.as_system
def provider_for(email: str) -> IdentityProvider | None:
    """Return the identity provider in use of the organization that owns the domain of *email*, or None."""
    rows = IdentityProvider.objects.select_related("organization").filter(
        is_enabled=True,
        organization__domains__name=domain_of(email),
        organization__domains__verified_at__isnull=False,
    )
    return rows.first()


@behalf.as_system
def owns_address(*, organization_id: int, email: str) -> bool:
    """Tell whether an organization has shown that the domain of *email* is its own."""
    rows = Domain.objects.filter(organization_id=organization_id, verified_at__isnull=False)
    return rows.filter(name=domain_of(email)).exists()


@behalf.as_system
def owner_of_domain(name: str) -> int | None:
    """Return the organization that has shown that a domain, or one above it, is its own; the nearest counts."""
    labels = name.split(".")
    above = [".".join(labels[place:]) for place in range(len(labels) - 1)]
    rows = Domain.objects.filter(name__in=above, verified_at__isnull=False).values_list("name", "organization_id")
    return next((owner for _name, owner in sorted(rows, key=lambda row: -len(row[0]))), None)


@behalf.as_system
def is_switched_off(*, organization_id: int, user_id: int) -> bool:
    """Tell whether the organization's directory has put this person out."""
    rows = ProvisionedPerson.objects.filter(organization_id=organization_id, user_id=user_id, is_active=False)
    return rows.exists()


def rules_of_member(*, organization: str, user: Any) -> SignInRules | None:
    """Return the sign-in rules of an organization, by its address; None where none are made or *user* is no member."""
    rows = SignInRules.objects.select_related("organization__identity_provider")
    return rows.filter(organization__slug=organization, organization__memberships__user=user).first()
