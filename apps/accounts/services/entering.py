"""What stands between somebody who is signed in and an organization that asks for more."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from allauth.account.internal.userkit import user_id_to_str
from allauth.mfa.models import Authenticator

from apps.accounts import queries
from apps.accounts.models import IdentityProvider, SignInRules

# Where allauth keeps how a session came to be, and whose.
_METHODS, _WHOSE = "account_authentication_methods", "account_authentication_methods_user"


class Obstacle(StrEnum):
    """What is missing."""

    NO_SECOND_FACTOR = "no-second-factor"
    SECOND_FACTOR_NOT_SHOWN = "second-factor-not-shown"
    SINGLE_SIGN_ON = "single-sign-on"


@dataclass(frozen=True, slots=True)
class Entry:
    """Somebody at the door of an organization: what is missing, and the rules if they come in around single sign-on."""

    missing: Obstacle | None = None
    emergency: SignInRules | None = None


def look(*, organization: str, user: Any, session: Mapping[str, Any]) -> Entry:
    """Return what *user* must still show in *session* to enter the organization at that address.

    Of outsiders nothing is asked: they must not learn from it that the organization exists. The second factor of the
    organization's own identity provider is its own business: who came through it is asked for none here.
    """
    rules = queries.rules_of_member(organization=organization, user=user)
    if rules is None:
        return Entry()
    provider: IdentityProvider | None = getattr(rules.organization, "identity_provider", None)
    if came_through(provider, user, session):
        return Entry()
    if rules.needs_single_sign_on and provider is not None and provider.is_enabled:
        if rules.break_glass_id != user.pk:
            return Entry(Obstacle.SINGLE_SIGN_ON)
        return Entry(_second_factor(user, session), emergency=rules)
    return Entry(_second_factor(user, session) if rules.needs_second_factor else None)


def came_through(provider: IdentityProvider | None, user: Any, session: Mapping[str, Any]) -> bool:
    """Tell whether this session of *user* came to be through *provider*, which is in use."""
    if provider is None or not provider.is_enabled:
        return False
    return any(one.get("provider") == provider.key for one in _methods(user, session))


def _methods(user: Any, session: Mapping[str, Any]) -> list[dict[str, Any]]:
    is_theirs = session.get(_WHOSE) == user_id_to_str(user)
    return list(session.get(_METHODS, [])) if is_theirs else []


def _second_factor(user: Any, session: Mapping[str, Any]) -> Obstacle | None:
    if not has_second_factor(user):
        return Obstacle.NO_SECOND_FACTOR
    shown = any(one.get("method") == "mfa" for one in _methods(user, session))
    return None if shown else Obstacle.SECOND_FACTOR_NOT_SHOWN


def has_second_factor(user: Any) -> bool:
    """Tell whether *user* has an authenticator app or a passkey; recovery codes alone are none."""
    kinds = [Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN]
    return bool(Authenticator.objects.filter(user=user, type__in=kinds).exists())
