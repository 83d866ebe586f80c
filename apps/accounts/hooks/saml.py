"""SAML as allauth has it, but with every certificate of a provider, and with the session that it began."""

from typing import Any

from allauth.socialaccount.providers.saml import utils
from allauth.socialaccount.providers.saml.provider import SAMLProvider
from django.http import HttpRequest

_build = utils.build_saml_config


class OrganizationSamlProvider(SAMLProvider):
    """Notes which session of the provider a sign-in belongs to, so that its end there can end ours."""

    package = "allauth.socialaccount.providers.saml"

    def sociallogin_from_response(self, request: HttpRequest, response: Any) -> Any:
        """Return the sign-in."""
        login = super().sociallogin_from_response(request, response)
        login.account.session_index = response.get_session_index() or ""
        login.account.name_id_format = response.get_nameid_format() or ""
        return login


def config_with_every_certificate(request: HttpRequest, settings: dict[str, Any], slug: str) -> dict[str, Any]:
    """Return what allauth builds, with all certificates of the provider where it knows of one alone."""
    config: dict[str, Any] = _build(request, settings, slug)
    listed = settings.get("idp", {}).get("x509certs", [])
    if len(listed) > 1:
        config["idp"]["x509certMulti"] = {"signing": listed, "encryption": listed[:1]}
    return config


def install() -> None:
    """Have allauth build its configuration with every certificate: it has no setting for more than one."""
    utils.build_saml_config = config_with_every_certificate
