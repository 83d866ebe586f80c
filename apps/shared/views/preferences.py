"""What a reader chose for themselves; kept in a cookie, so it works before signing in."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from apps.shared.context import THEMES

_YEAR = 365 * 24 * 60 * 60


@require_POST
def set_theme(request: HttpRequest) -> HttpResponse:
    """Keep the chosen theme and go back; anything that is no theme means "as the system"."""
    theme = request.POST.get("theme", "")
    target = request.POST.get("next", "")
    is_ours = url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure())
    response = redirect(target if is_ours else "/")
    value = theme if theme in THEMES else "system"
    # The page's own script changes the theme without a request, so it must be able to write this cookie.
    response.set_cookie("theme", value, max_age=_YEAR, samesite="Lax", secure=request.is_secure(), httponly=False)
    return response
