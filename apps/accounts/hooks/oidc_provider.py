"""OpenID Connect as allauth has it, but for how a half-finished sign-in is kept in the session, and for ID tokens.

Their signature is looked at also where they come straight from the provider.
"""

from typing import Any

from allauth.socialaccount.internal import jwtkit
from allauth.socialaccount.providers.openid_connect.provider import OpenIDConnectProvider
from allauth.socialaccount.providers.openid_connect.views import OpenIDConnectOAuth2Adapter


class OrganizationProvider(OpenIDConnectProvider):
    """Remembers its organization's provider by its key: two organizations may well have the same client id."""

    package = "allauth.socialaccount.providers.openid_connect"

    def serialize(self) -> dict[str, Any]:
        """Return what `deserialize` finds this provider by."""
        return {"id": self.id, "app.client_id": self.app.provider_id}


def verified_claims(adapter: OpenIDConnectOAuth2Adapter, app: Any, id_token: str) -> dict[str, Any]:
    """Return what a signed token of the provider for us says. Raises OAuth2Error."""
    found: dict[str, Any] = jwtkit.verify_and_decode(
        credential=id_token,
        keys_url=adapter.openid_config["jwks_uri"],
        issuer=adapter.openid_config["issuer"],
        audience=app.client_id,
        lookup_kid=jwtkit.lookup_kid_jwk,
    )
    return found


def install() -> None:
    """Have allauth read ID tokens so: it has no setting for it."""
    OpenIDConnectOAuth2Adapter._decode_id_token = verified_claims  # noqa: SLF001
