"""The page between a member and an organization that asks for more."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme

from apps.accounts import queries
from apps.accounts.services import entering
from apps.orgs.api import MemberRequest


@login_required
def enter(request: MemberRequest, organization: str) -> HttpResponse:
    """Say what is missing and show the way; go on when nothing is."""
    onward = safe_next(request, request.GET.get("next", ""))
    rules = queries.rules_of_member(organization=organization, user=request.user)
    if rules is None:
        raise Http404
    missing = entering.look(organization=organization, user=request.user, session=request.session).missing
    if missing is None:
        return redirect(onward)
    context: dict[str, Any] = {"rules": rules, "missing": missing.value, "onward": onward}
    return render(request, "accounts/enter.html", context, status=403)


def safe_next(request: Any, address: str) -> str:
    """Return *address* where it is one of ours, else the start: nobody is led away by a link."""
    is_ours = url_has_allowed_host_and_scheme(
        address, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return address if is_ours else "/"
