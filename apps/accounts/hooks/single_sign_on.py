"""Single sign-on: identity providers are those of organizations, and each speaks for its own domains only."""

from typing import Any

import requests
from allauth.account.utils import user_email
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialApp, SocialLogin
from allauth.socialaccount.providers.base import AuthProcess
from django.http import HttpRequest
from django.shortcuts import render

from apps.accounts import queries
from apps.accounts.models import IdentityProvider
from apps.accounts.services.applications import application_of
from apps.shared import guarded_http


class SingleSignOnAdapter(DefaultSocialAccountAdapter):
    """Answers allauth's questions about identity providers from the settings of organizations."""

    def list_apps(
        self, request: HttpRequest, provider: str | None = None, client_id: str | None = None
    ) -> list[SocialApp]:
        """Return the application that *client_id* (SAML) or *provider* (OpenID Connect) names by its key."""
        del request
        found = queries.provider_by_key(client_id or provider or "")
        if found is None:
            return []
        application = application_of(found)
        return [application] if provider in (None, application.provider, application.provider_id) else []

    def get_requests_session(self) -> requests.Session:
        """Return the session with which providers are asked."""
        return guarded_http.session()

    def is_email_verified(self, provider: Any, email: str) -> bool:
        """Believe a provider about the addresses of its organization's own domains."""
        return _may_speak_for(_provider_of(provider.app), email)

    def can_authenticate_by_email(self, login: SocialLogin, email: str) -> bool:
        """Let a provider sign in the account that has this address already, under the same condition."""
        return _may_speak_for(_provider_of(login.provider.app), email)

    def is_open_for_signup(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:  # noqa: ARG002
        """Make accounts for people whom the organization's own provider vouches for; `pre_social_login` has looked."""
        return True

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        """Refuse what a provider must not do, with a page that says why."""
        provider = _provider_of(sociallogin.provider.app)
        reason = _refusal(provider, sociallogin)
        if reason:
            page = render(request, "accounts/sso_refused.html", {"provider": provider, "reason": reason}, status=403)
            raise ImmediateHttpResponse(page)


def _refusal(provider: IdentityProvider | None, login: SocialLogin) -> str:
    """Return the reason against this sign-in, or ""."""
    email = asserted_address(login)
    if provider is None or not provider.is_enabled or login.state.get("process") != AuthProcess.LOGIN:
        return "disabled"
    if not email:
        return "no-address"
    if _denies_address(login):
        return "address-not-verified"
    if not _may_speak_for(provider, email):
        return "foreign-address"
    if login.is_existing and queries.is_switched_off(organization_id=provider.organization_id, user_id=login.user.pk):
        return "switched-off"
    return ""


def asserted_address(login: SocialLogin) -> str:
    """Return the address that the provider gave in this sign-in, whatever the account has."""
    addresses = [one.email for one in login.email_addresses]
    return str(addresses[0] if addresses else "" if login.is_existing else user_email(login.user) or "")


def _denies_address(login: SocialLogin) -> bool:
    """Tell whether the provider itself says that it has not verified the address."""
    claims = login.account.extra_data or {}
    said = [claims.get("email_verified"), *(part.get("email_verified") for part in _parts(claims))]
    return any(str(one).lower() == "false" for one in said if one is not None)


def _parts(claims: dict[str, Any]) -> list[dict[str, Any]]:
    return [part for part in (claims.get("userinfo"), claims.get("id_token")) if isinstance(part, dict)]


def _may_speak_for(provider: IdentityProvider | None, email: str) -> bool:
    return provider is not None and queries.owns_address(organization_id=provider.organization_id, email=email)


def _provider_of(app: SocialApp) -> IdentityProvider | None:
    return queries.provider_by_key(app.provider_id)
