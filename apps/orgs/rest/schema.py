"""How the API's description names its keys. Apart from the keys themselves: `collect` describes nothing."""

from typing import Any

from drf_spectacular.extensions import OpenApiAuthenticationExtension


class KeySchema(OpenApiAuthenticationExtension):
    """An API key as a security scheme; the framework finds it once this module is imported."""

    target_class = "apps.orgs.rest.access.KeyAuthentication"
    name = "apiKey"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:  # noqa: ARG002  the framework's signature
        """Return the scheme."""
        return {"type": "http", "scheme": "bearer", "description": "An API key of a program of the organization."}
