"""The door of the API: an API key or a session, then the same table of permissions that pages ask."""

import math
from dataclasses import replace
from typing import Any, NamedTuple

from django.http import Http404
from django.utils import timezone
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.throttling import BaseThrottle
from rest_framework.views import APIView

from apps.orgs import queries, services
from apps.orgs.addresses import address_of
from apps.orgs.domain.access import Access
from apps.orgs.domain.permissions import Permission, known
from apps.orgs.models import ApiKey, Property
from apps.shared import behalf, token_bucket
from apps.shared.behalf import Actor

_LONGEST = 200


class Program(NamedTuple):
    """A service account as the user of a request."""

    pk: int
    name: str
    is_authenticated: bool = True
    is_active: bool = True
    is_staff: bool = False


class KeyAuthentication(BaseAuthentication):
    """`Authorization: Bearer tk_…`. Every reason to refuse has the same answer, so that nothing can be probed."""

    def authenticate(self, request: Request) -> tuple[Program, ApiKey] | None:
        """Return the program and its key, or None where the request carries no key."""
        scheme, _space, text = request.META.get("HTTP_AUTHORIZATION", "").partition(" ")
        if scheme.lower() != "bearer":
            return None
        address = address_of(request._request)  # noqa: SLF001  DRF's documented name of Django's request
        try:
            key = services.open_with(text.strip()[:_LONGEST], address=address, now=timezone.now())
        except services.BadKey:
            raise AuthenticationFailed(
                "This key opens nothing: unknown, expired, revoked, or not allowed from here."
            ) from None
        account = key.account
        owner = account.organization
        whole = queries.access_by(account, organization_id=owner.pk, organization_slug=owner.slug)
        access = replace(whole, granted=whole.granted & known(key.scopes))
        actor = Actor("key", key.pk, f"{account.name} · {key.prefix}", address, behalf.current().actor.request_id)
        behalf.become(replace(behalf.of_organization(access.organization_id, access.limits), actor=actor))
        request._request.access = access  # type: ignore[attr-defined]  # noqa: SLF001
        return Program(account.pk, account.name), key

    def authenticate_header(self, request: Request) -> str:  # noqa: ARG002  the framework's signature
        """Name the scheme, so that the answer is 401."""
        return "Bearer"


class Allowed(BasePermission):
    """Asks the table of permissions for what the view `needs`; a view that names nothing is open to nobody."""

    def has_permission(self, request: Request, view: Any) -> bool:
        """Tell whether the caller may; what is of another organization does not exist."""
        if not request.user.is_authenticated:
            return False
        property_id = view.kwargs.get("property_id")
        if property_id is not None:
            return self._enter(request, property_id, view.needs)
        needs, access = view.needs, getattr(request._request, "access", None)  # noqa: SLF001
        return needs is None or (access is not None and access.may(needs))

    def _enter(self, request: Request, property_id: int, needs: Permission) -> bool:
        inner = request._request  # noqa: SLF001  DRF's documented name of Django's request
        try:
            info = queries.property_by_id(property_id)
        except Property.DoesNotExist:
            raise Http404 from None
        access: Access | None = getattr(inner, "access", None)
        if access is None:
            access = queries.access_of(request.user, organization_id=info.organization_id)
        if access is None or access.organization_id != info.organization_id or not access.reaches(info.id):
            raise Http404
        behalf.become(behalf.of_organization(access.organization_id, access.limits))
        inner.access, inner.property = access, info  # type: ignore[attr-defined]
        return access.may(needs)


class KeyThrottle(BaseThrottle):
    """A bucket of tokens for each key."""

    taken: token_bucket.Taken | None = None

    def allow_request(self, request: Request, view: Any) -> bool:
        """Take a token."""
        if not isinstance(request.auth, ApiKey):
            return True
        self.taken = token_bucket.take(f"key:{request.auth.pk}", per_minute=request.auth.per_minute)
        view.taken = self.taken
        return self.taken.is_allowed

    def wait(self) -> float | None:
        """Return the seconds until there is a token again."""
        return self.taken.wait if self.taken else None


class ApiView(APIView):
    """What every operation of the API is: it names what it needs, and says in its headers what is left of the limit."""

    authentication_classes = (KeyAuthentication, *APIView.authentication_classes)
    permission_classes = (Allowed,)
    throttle_classes = (KeyThrottle,)
    needs: Permission | None = Permission.OWNERSHIP
    taken: token_bucket.Taken | None = None

    def finalize_response(self, request: Request, response: Response, *args: Any, **kwargs: Any) -> Response:
        """Add the limits."""
        answer = super().finalize_response(request, response, *args, **kwargs)
        if self.taken is not None:
            seconds = math.ceil((self.taken.limit - self.taken.remaining) * 60 / self.taken.limit)
            answer["RateLimit-Limit"] = str(self.taken.limit)
            answer["RateLimit-Remaining"] = str(self.taken.remaining)
            answer["RateLimit-Reset"] = str(seconds)
        answer["Cache-Control"] = "no-store"
        return answer
