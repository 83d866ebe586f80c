"""What an identity provider said about a person, in one mapping whatever the protocol."""

from collections.abc import Mapping
from typing import Any

from allauth.socialaccount.models import SocialLogin

from apps.accounts import queries
from apps.accounts.services import joining


def join_by(login: SocialLogin, user: Any) -> None:
    """Make *user* a member of the organization whose provider *login* came through."""
    provider = queries.provider_by_key(login.account.provider)
    if provider is not None and provider.is_enabled:
        joining.join(provider=provider, user=user, claims=claims_of(login))


def claims_of(login: SocialLogin) -> Mapping[str, Any]:
    """Return the claims of the ID token and of the user info, or the attributes of the SAML assertion."""
    data = login.account.extra_data or {}
    parts = [data.get("id_token"), data.get("userinfo")]
    if not any(isinstance(part, dict) for part in parts):
        return data
    return {name: value for part in parts if isinstance(part, dict) for name, value in part.items()}
