"""The way to an organization's identity provider."""

from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.providers.base import AuthProcess
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from requests import RequestException

from apps.accounts import queries
from apps.accounts.forms.sign_in import WorkAddressForm
from apps.accounts.models import IdentityProvider
from apps.accounts.services.applications import application_of
from apps.accounts.views.entering import safe_next


def begin(request: HttpRequest) -> HttpResponse:
    """Ask for a work address, and show the way to the provider of the organization that owns its domain."""
    onward = safe_next(request, request.POST.get("next") or request.GET.get("next", ""))
    known = request.user.email if request.user.is_authenticated else ""
    form = WorkAddressForm(request.POST or None, initial={"email": known})
    if form.is_bound and form.is_valid():
        provider = queries.provider_for(form.cleaned_data["email"])
        way = _way_to(request, provider, onward) if provider else ""
        if provider and way:
            return render(request, "accounts/sso_continue.html", {"provider": provider, "way": way})
        form.refuse(is_known=provider is not None)
    status = 422 if form.is_bound else 200
    return render(request, "accounts/sso.html", {"form": form, "onward": onward}, status=status)


def _way_to(request: HttpRequest, provider: IdentityProvider, onward: str) -> str:
    """Return the provider's address for this sign-in, or "" when the provider cannot be asked for it."""
    asked = application_of(provider).get_provider(request)
    try:
        return str(asked.redirect(request, process=AuthProcess.LOGIN, next_url=onward)["Location"])
    except (RequestException, OAuth2Error, ImmediateHttpResponse, KeyError, ValueError):
        return ""
