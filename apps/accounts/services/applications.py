"""An organization's identity provider in the shape that allauth works with; it is never stored in that shape."""

from typing import Any

from allauth.socialaccount.models import SocialApp

from apps.accounts.domain import certificates
from apps.accounts.models import IdentityProvider

_EMAIL = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/emailaddress"
_GIVEN = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/givenname"
_SURNAME = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/surname"
_ATTRIBUTES = {
    "uid": [],  # the NameID, which is what the subject of the assertion is
    "email": ["email", "mail", _EMAIL, "urn:oid:0.9.2342.19200300.100.1.3"],
    "first_name": ["first_name", "givenName", _GIVEN, "urn:oid:2.5.4.42"],
    "last_name": ["last_name", "sn", _SURNAME, "urn:oid:2.5.4.4"],
}
# What allauth leaves off unless told: every assertion is signed, with present algorithms, in answer to our question.
_STRICT = {
    "strict": True,
    "want_assertion_signed": True,
    "want_name_id": True,
    "want_attribute_statement": False,
    "reject_deprecated_algorithm": True,
    "reject_idp_initiated_sso": True,
    "allow_single_label_domains": True,
}


def application_of(provider: IdentityProvider) -> SocialApp:
    """Return *provider* as an application without a row."""
    is_oidc = provider.kind == IdentityProvider.Kind.OIDC
    return SocialApp(
        provider="openid_connect" if is_oidc else "saml",
        provider_id=provider.key,
        name=provider.name,
        client_id=provider.client_id if is_oidc else provider.key,
        secret=provider.client_secret if is_oidc else "",
        settings=_oidc(provider) if is_oidc else _saml(provider),
    )


def _oidc(provider: IdentityProvider) -> dict[str, Any]:
    return {"server_url": provider.issuer.rstrip("/")}


def _saml(provider: IdentityProvider) -> dict[str, Any]:
    listed = certificates.split(provider.certificates)
    return {
        "attribute_mapping": _ATTRIBUTES,
        "idp": {
            "entity_id": provider.entity_id,
            "sso_url": provider.sign_in_url,
            "slo_url": provider.sign_out_url,
            "x509cert": listed[0] if listed else "",
            "x509certs": listed,
        },
        "advanced": _STRICT | _signing(provider),
    }


def _signing(provider: IdentityProvider) -> dict[str, Any]:
    if not provider.signing_key:
        return {}
    return {
        "private_key": provider.signing_key,
        "x509cert": provider.signing_certificate,
        "logout_request_signed": True,
        "logout_response_signed": True,
    }
