"""Who may enter an organization's sign-in settings: its owners."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse

from apps.orgs import api as orgs
from apps.orgs.api import Organization, Role

View = Callable[..., HttpResponse]


class OwnerRequest(orgs.MemberRequest):
    """A request that `owner_page` let in."""

    organization: Organization


def owner_page(view: View) -> View:
    """Let owners in; `request.organization` is the one they came for. Everybody else gets 404 (R5)."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, organization: str, **kwargs: Any) -> HttpResponse:
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path())
        try:
            row = orgs.organization_by_slug(organization)
        except Organization.DoesNotExist:
            raise Http404 from None
        if not orgs.has_role(organization_id=row.pk, user=request.user, least=Role.OWNER):
            raise Http404
        request.organization = row  # type: ignore[attr-defined]
        return view(request, *args, **kwargs)

    return guarded
