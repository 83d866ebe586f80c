"""Signing out at the identity provider too, and signing out because somebody signed out there."""

from django.core import signing
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBadRequest, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from apps.accounts import queries
from apps.accounts.adapters import oidc_logout, saml_logout
from apps.accounts.models import IdentityProvider
from apps.accounts.services import leaving
from apps.accounts.services.applications import application_of
from apps.accounts.services.ways_out import SALT

_HOLDS = 600  # seconds


@require_safe
@never_cache
def signed_out(request: HttpRequest) -> HttpResponse:
    """Say that one is signed out here, and lead to the provider, which only our own sign-out can name."""
    try:
        way = signing.loads(request.GET.get("way", ""), salt=SALT, max_age=_HOLDS)
    except signing.BadSignature:
        return redirect("account_login")
    return render(request, "accounts/signed_out.html", way)


@require_safe
@never_cache
def single_logout(request: HttpRequest, key: str) -> HttpResponse:
    """End the sessions that the provider says, or, after we asked it, come back from there."""
    provider = queries.provider_by_key(key)
    if provider is None or not provider.is_enabled or provider.kind != IdentityProvider.Kind.SAML:
        raise Http404
    if "SAMLRequest" not in request.GET:
        return redirect("account_login")  # its answer changes nothing: we are signed out already
    try:
        asked = saml_logout.read(request, application_of(provider), now=timezone.now())
    except saml_logout.BadLogout:
        return HttpResponseBadRequest("This is no logout request of the provider.", content_type="text/plain")
    leaving.end_sessions(provider, uid=asked.uid, indexes=asked.indexes)
    return HttpResponseRedirect(asked.answer_url)


@csrf_exempt
@require_POST
@never_cache
def back_channel(request: HttpRequest, key: str) -> HttpResponse:
    """End the sessions of whom an OpenID provider says that they signed out there: the token is the proof."""
    provider = queries.provider_by_key(key)
    if provider is None or not provider.is_enabled or provider.kind != IdentityProvider.Kind.OIDC:
        raise Http404
    try:
        uid, indexes = oidc_logout.read(
            request.POST.get("logout_token", ""), issuer=provider.issuer, client_id=provider.client_id,
            now=timezone.now(),
        )  # fmt: skip
    except oidc_logout.BadLogoutToken:
        return HttpResponseBadRequest("This is no logout token of the provider.", content_type="text/plain")
    leaving.end_sessions(provider, uid=uid, indexes=indexes)
    return HttpResponse(status=200, content_type="text/plain")
