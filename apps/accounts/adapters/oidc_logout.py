"""OpenID Connect back-channel logout: a provider's word that somebody signed out there, signed, fresh and new."""

from datetime import datetime, timedelta
from typing import Any

from allauth.socialaccount.internal import jwtkit
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from jwt import PyJWTError
from requests import RequestException

from apps.accounts.adapters import oidc_discovery

FRESH = timedelta(minutes=5)
_EVENT = "http://schemas.openid.net/event/backchannel-logout"
_ERRORS = (OAuth2Error, PyJWTError, RequestException, oidc_discovery.NoProvider, KeyError, ValueError, TypeError)


class BadLogoutToken(ValueError):
    """Not a logout token of this provider for us: unsigned, altered, old, read before, or another kind of token."""


def read(token: str, *, issuer: str, client_id: str, now: datetime) -> tuple[str, list[str]]:
    """Return whose sessions end, and which of the provider's, or none for all. Raises BadLogoutToken."""
    try:
        found = oidc_discovery.configuration(issuer)
        claims: dict[str, Any] = jwtkit.verify_and_decode(
            credential=token, keys_url=str(found["jwks_uri"]), issuer=str(found["issuer"]), audience=client_id,
            lookup_kid=jwtkit.lookup_kid_jwk,
        )  # fmt: skip
    except _ERRORS as error:
        raise BadLogoutToken(type(error).__name__) from error
    events, made_at = claims.get("events"), claims.get("iat")
    # With a nonce it is an id token, which whoever signs in holds; without exp and jti it could be sent again.
    is_logout = isinstance(events, dict) and _EVENT in events and "nonce" not in claims
    is_fresh = isinstance(made_at, int | float) and abs(now.timestamp() - made_at) <= FRESH.total_seconds()
    if not (is_logout and is_fresh and claims.get("jti") and claims.get("exp") and claims.get("sub")):
        raise BadLogoutToken("claims")
    return str(claims["sub"]), [str(claims["sid"])] if claims.get("sid") else []
