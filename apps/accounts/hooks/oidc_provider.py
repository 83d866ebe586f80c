"""OpenID Connect as allauth has it, but for how a half-finished sign-in is kept in the session."""

from typing import Any

from allauth.socialaccount.providers.openid_connect.provider import OpenIDConnectProvider


class OrganizationProvider(OpenIDConnectProvider):
    """Remembers its organization's provider by its key: two organizations may well have the same client id."""

    package = "allauth.socialaccount.providers.openid_connect"

    def serialize(self) -> dict[str, Any]:
        """Return what `deserialize` finds this provider by."""
        return {"id": self.id, "app.client_id": self.app.provider_id}
