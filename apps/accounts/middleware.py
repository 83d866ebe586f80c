"""Keeps people out of an organization until they have shown what it asks for, and knows when they were last seen."""

from collections.abc import Callable
from typing import Any

import structlog
from allauth.account.adapter import get_adapter
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.auth import logout
from django.core.cache import cache
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django_htmx.http import HttpResponseClientRedirect

from apps.accounts.models import SignInRules
from apps.accounts.services import entering, rules
from apps.shared import behalf
from apps.shared.behalf import Actor, Behalf

_SEEN_EVERY = 60  # seconds
_TOLD = "accounts_told_of_emergency"
_MOST_BYTES = 512 * 1024  # of a provider's answer
log = structlog.get_logger()


class SignInRulesMiddleware:
    """Sends a member to the page that says what is missing, from every address that names an organization."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, _view: Any, _args: Any, kwargs: dict[str, Any]) -> HttpResponse | None:
        """Let the request through, or answer with the way to what is missing."""
        organization = kwargs.get("organization")
        if organization is None or not request.user.is_authenticated or request.path_info.startswith("/accounts/"):
            return None
        entry = entering.look(organization=organization, user=request.user, session=request.session)
        if entry.missing is None:
            _tell_once(request, entry.emergency)
            return None
        page = reverse("accounts:enter", kwargs={"organization": organization})
        if htmx := getattr(request, "htmx", None):
            return HttpResponseClientRedirect(f"{page}?{urlencode({'next': htmx.current_url_abs_path or '/'})}")
        back = request.get_full_path() if request.method in ("GET", "HEAD") else "/"
        return redirect(f"{page}?{urlencode({'next': back})}")


def _tell_once(request: HttpRequest, emergency: SignInRules | None) -> None:
    """Tell the owners of an emergency, once in a session."""
    told = request.session.get(_TOLD, [])
    if emergency is not None and emergency.pk not in told:
        request.session[_TOLD] = [*told, emergency.pk]
        rules.tell_of_emergency(rules=emergency, person=request.user)


class SessionActivityMiddleware:
    """Ends sessions that are idle or old, and writes down when and from where one was last seen: once a minute."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        key = request.session.session_key
        if key and request.user.is_authenticated and cache.add(f"accounts:seen:{key}", 1, _SEEN_EVERY):
            _see(request, UserSession.objects.filter(session_key=key, user=request.user))
        return self.get_response(request)


def _see(request: HttpRequest, rows: QuerySet[UserSession]) -> None:
    now = timezone.now()
    too_old = Q(last_seen_at__lt=now - settings.SESSION_IDLE) | Q(created_at__lt=now - settings.SESSION_LONGEST)
    if rows.filter(too_old).exists():
        logout(request)  # the page is then answered as to anybody who is not signed in
        behalf.become(Behalf(actor=Actor("stranger", address=behalf.current().actor.address)))
        return
    rows.update(last_seen_at=now, ip=get_adapter(request).get_client_ip(request))


class ProviderAnswersMiddleware:
    """Answers with a page what an identity provider, or somebody who plays one, sends to us in a broken shape (R11)."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if _is_of_provider(request) and int(request.headers.get("content-length") or 0) > _MOST_BYTES:
            return _failed(request)
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Say that the answer could not be used; the log keeps why. What is our own trouble stays ours."""
        if not _is_of_provider(request) or isinstance(error, Http404 | PermissionDenied | DatabaseError):
            return None
        log.warning("provider_answer_unusable", error=type(error).__name__, exc_info=error)
        return _failed(request)


def _is_of_provider(request: HttpRequest) -> bool:
    return request.path_info.startswith(("/accounts/saml/", "/accounts/oidc/"))


def _failed(request: HttpRequest) -> HttpResponse:
    return render(request, "socialaccount/authentication_error.html", status=401)
