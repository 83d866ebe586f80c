"""The mail page of development: what was sent, and what it looked like."""

from csp.constants import NONE, SELF, UNSAFE_INLINE
from csp.decorators import csp_replace, csp_update
from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.clickjacking import xframe_options_sameorigin

from apps.shared.models import Mail

_SHOWN = 100


def _visible(request: HttpRequest) -> "QuerySet[Mail]":
    """Return the mail to oneself; operators see all. Elsewhere than in development the page does not exist."""
    if not settings.ACCOUNTS_MAIL_PAGE:
        raise Http404
    user = request.user
    return Mail.objects.all() if user.is_staff else Mail.objects.filter(to__iexact=getattr(user, "email", ""))


@login_required
def list_mail(request: HttpRequest) -> HttpResponse:
    """Show the newest mail."""
    return render(request, "accounts/mail_list.html", {"rows": _visible(request)[:_SHOWN]})


@login_required
@csp_update({"frame-src": [SELF]})  # type: ignore[arg-type]  # its stub forgets a view's arguments
def show_mail(request: HttpRequest, pk: int) -> HttpResponse:
    """Show one message as text and as a page."""
    return render(request, "accounts/mail.html", {"mail": get_object_or_404(_visible(request), pk=pk)})


@login_required
@xframe_options_sameorigin
@csp_replace(  # type: ignore[arg-type]
    {
        "default-src": [NONE],
        "style-src": [UNSAFE_INLINE],
        "img-src": ["data:"],
        "frame-ancestors": [SELF],
        "sandbox": True,
    }
)
def show_mail_page(request: HttpRequest, pk: int) -> HttpResponse:
    """Return the page of a message alone, with its inlined styles, in a sandbox."""
    return HttpResponse(get_object_or_404(_visible(request), pk=pk).html)
