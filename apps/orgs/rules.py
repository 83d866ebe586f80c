"""Who may enter a page of a property: one decorator that every such view carries."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse

from apps.orgs import queries
from apps.orgs.models import Property, Role

View = Callable[..., HttpResponse]


def property_page(least: Role = Role.VIEWER) -> Callable[[View], View]:
    """Let members with the role *least* in; `request.property` is the PropertyInfo they came for.

    An outsider gets the same 404 as for a property that does not exist (R5); who is not signed in is asked to.
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
            if not queries.has_role(organization_id=info.organization_id, user=request.user, least=least):
                raise Http404
            request.property = info  # type: ignore[attr-defined]
            return view(request, *args, **kwargs)

        guarded.is_property_page = True  # type: ignore[attr-defined]
        return guarded

    return decorate
