"""Just-in-time membership: who comes through an organization's identity provider becomes a member of it."""

from collections.abc import Mapping
from typing import Any

from apps.accounts.domain.roles import role_for, values_of
from apps.accounts.models import IdentityProvider
from apps.orgs import api as orgs
from apps.orgs.api import Role
from apps.shared import behalf


@behalf.as_system
def join(*, provider: IdentityProvider, user: Any, claims: Mapping[str, Any]) -> Role:
    """Make *user* a member, with the role that *claims* give; owners keep theirs. Returns the role that holds now.

    With role rules the directory decides at every sign-in, and who matches none has the role of newcomers. Without
    rules a member keeps the role that people here have given.
    """
    organization = provider.organization
    present = orgs.role_in(organization_id=organization.pk, user=user)
    if present == Role.OWNER or (present is not None and not _has_rules(provider)):
        return present
    given = role_for(values_of(claims, provider.role_claim), provider.role_rules, Role.values)
    role = Role(given or provider.default_role)
    if role != present:
        orgs.add_member(organization=organization, user=user, role=role)
    return role


def _has_rules(provider: IdentityProvider) -> bool:
    return bool(provider.role_claim and provider.role_rules)
