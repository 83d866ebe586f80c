"""Breaches: said to be seen, and mailed to whoever asks."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from apps.orgs import api as orgs
from apps.quality import queries, services
from apps.quality.views.page import quality_page


@quality_page(orgs.Permission.QUALITY)
@require_POST
def see_breach(request: orgs.PropertyRequest, breach_id: int) -> HttpResponse:
    """Note that somebody has seen a breach, or its end."""
    if not queries.breaches_of(request.property.id).filter(pk=breach_id).exists():
        raise Http404
    services.see_breach(property_id=request.property.id, breach_id=breach_id, seen_by=request.user, now=timezone.now())
    return _to_overview(request)


@quality_page(orgs.Permission.EVENTS)
@require_POST
def mail_breaches(request: orgs.PropertyRequest) -> HttpResponse:
    """Mail the reader about breaches from now on, or no more."""
    is_on = request.POST.get("on") == "1"
    services.read_breaches(
        property_id=request.property.id,
        user=request.user,
        is_on=is_on,
        language=get_language() or "en",
        now=timezone.now(),
    )
    messages.success(request, _("You are mailed about it from now on.") if is_on else _("You are mailed no more."))
    return _to_overview(request)


def _to_overview(request: orgs.PropertyRequest) -> HttpResponse:
    return redirect("quality:overview", request.property.organization_slug, request.property.slug)
