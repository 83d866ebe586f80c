"""Who may enter a page: one decorator for the pages of a property, one for those of an organization.

Both ask PostgreSQL on behalf of the person who is signed in, so that what belongs to others is not there (R5), then go
on for this one organization alone, with the limits of the member. The permission comes from `domain/permissions.py`.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone

from apps.orgs import queries
from apps.orgs.domain.access import Access
from apps.orgs.domain.permissions import Permission
from apps.orgs.models import Organization, Property
from apps.shared import behalf

View = Callable[..., Any]


def property_page(needs: Permission = Permission.REPORTS) -> Callable[[View], View]:
    """Let members in who may do what the page *needs*; `request.property` is the PropertyInfo they came for.

    Times are shown, and understood where they are typed, by the clock of the property.

    An outsider gets the same 404 as for a property that does not exist (R5), a member without the permission 403; who
    is not signed in is asked to.
    """

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(
            request: HttpRequest,
            *args: Any,
            organization: str,
            property: str,  # noqa: A002  the name of the part of the address
            **kwargs: Any,
        ) -> HttpResponse:
            if not request.user.is_authenticated:
                return redirect_to_login(request.get_full_path())
            try:
                info = queries.property_by_slugs(organization=organization, slug=property)
            except Property.DoesNotExist:
                raise Http404 from None
            access = queries.access_of(request.user, organization_id=info.organization_id)
            if access is None or not access.reaches(info.id):
                raise Http404
            _let_in(request, access, needs, region=info.region)
            request.property = info  # type: ignore[attr-defined]
            with timezone.override(info.time_zone):  # every page of a property tells its times by one clock
                return view(request, *args, **kwargs)

        return _marked(guarded, needs, "property")

    return decorate


def organization_page(needs: Permission | None) -> Callable[[View], View]:
    """Let members of the organization in who may do what the page *needs*, or every member when it needs nothing.

    `request.organization` is the row they came for. Outsiders get 404, who is not signed in is asked to.
    """

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, organization: str, **kwargs: Any) -> HttpResponse:
            if not request.user.is_authenticated:
                return redirect_to_login(request.get_full_path())
            try:
                row = queries.organization_by_slug(organization)
            except Organization.DoesNotExist:
                raise Http404 from None
            access = queries.access_of(request.user, organization_id=row.pk)
            if access is None:
                raise Http404
            _let_in(request, access, needs)
            request.organization = row  # type: ignore[attr-defined]
            return view(request, *args, **kwargs)

        return _marked(guarded, needs, "organization")

    return decorate


def _let_in(request: HttpRequest, access: Access, needs: Permission | None, *, region: str = "") -> None:
    """Go on for this organization alone, and in the region of its property. Raises PermissionDenied."""
    if needs is not None and not access.may(needs):
        raise PermissionDenied
    request.access = access  # type: ignore[attr-defined]
    behalf.become(behalf.of_organization(access.organization_id, access.limits, region=region))


def _marked(view: View, needs: Permission | None, scope: str) -> View:
    """Say on the view itself what it asks for: the generated test of R5 reads it."""
    view.door = (scope, needs)  # type: ignore[attr-defined]
    return view
