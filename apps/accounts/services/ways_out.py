"""Where signing out here leads: to the identity provider through which one came, if it has a place for that."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode, urlsplit

from django.core import signing
from django.http import HttpRequest
from django.urls import reverse

from apps.accounts import queries
from apps.accounts.adapters import saml_logout
from apps.accounts.models import IdentityProvider
from apps.accounts.services import entering
from apps.accounts.services.applications import application_of
from apps.accounts.services.leaving import BEGAN

SALT = "accounts.way-out"


def way_out(request: HttpRequest) -> str:
    """Return the page that leads on to the provider of this session, or "". Asked while one is signed in still."""
    began: Mapping[str, Any] = request.session.get(BEGAN, {})
    provider = queries.provider_by_key(str(began.get("provider", "")))
    if provider is None or not provider.sign_out_url:
        return ""
    if not entering.came_through(provider, request.user, request.session):
        return ""
    url = _saml(request, provider, began) if provider.kind == IdentityProvider.Kind.SAML else _oidc(request, provider)
    way = signing.dumps({"url": url, "name": provider.name}, salt=SALT)
    return f"{reverse('accounts:signed-out')}?{urlencode({'way': way})}"


def _saml(request: HttpRequest, provider: IdentityProvider, began: Mapping[str, Any]) -> str:
    return saml_logout.ask(
        request, application_of(provider), uid=str(began.get("uid", "")), index=str(began.get("index", "")),
        name_id_format=str(began.get("format", "")),
    )  # fmt: skip


def _oidc(request: HttpRequest, provider: IdentityProvider) -> str:
    """Return the address of RP-initiated logout: we keep no id token, so the provider knows us by our client id."""
    back = request.build_absolute_uri(reverse("account_login"))
    query = urlencode({"client_id": provider.client_id, "post_logout_redirect_uri": back})
    return f"{provider.sign_out_url}{'&' if urlsplit(provider.sign_out_url).query else '?'}{query}"
