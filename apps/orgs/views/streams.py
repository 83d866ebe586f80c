"""The write keys of a property's streams."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from apps.orgs import services
from apps.orgs.domain.permissions import Permission
from apps.orgs.forms import StreamForm
from apps.orgs.models import RetiredKey, Stream
from apps.orgs.requests import PropertyRequest
from apps.orgs.rules import property_page


@property_page(Permission.STREAMS)
@require_POST
def add(request: PropertyRequest) -> HttpResponse:
    """Add a stream with a write key of its own."""
    form = StreamForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Nothing was added: a stream needs a kind and a name of at most 120 characters."))
    else:
        stream = services.create_stream(property_id=request.property.id, **form.cleaned_data)
        messages.success(request, _("“%(name)s” can receive events.") % {"name": stream.name})
    return _back(request)


@property_page(Permission.STREAMS)
@require_POST
def rotate(request: PropertyRequest, stream_id: int) -> HttpResponse:
    """Give a stream a new write key; the one before is accepted for a while."""
    try:
        services.rotate_key(property_id=request.property.id, stream_id=stream_id, now=timezone.now())
    except Stream.DoesNotExist:
        raise Http404 from None
    messages.success(request, _("The stream has a new write key. The one before is accepted until it expires below."))
    return _back(request)


@property_page(Permission.STREAMS)
@require_POST
def revoke(request: PropertyRequest, key_id: int) -> HttpResponse:
    """End the overlap of a key now."""
    try:
        services.revoke_key(property_id=request.property.id, retired_key_id=key_id)
    except RetiredKey.DoesNotExist:
        raise Http404 from None
    messages.success(request, _("The old key opens nothing any more, within seconds."))
    return _back(request)


@property_page(Permission.STREAMS)
@require_POST
def switch(request: PropertyRequest, stream_id: int) -> HttpResponse:
    """Let a stream accept events, or none."""
    is_active = request.POST.get("active") == "1"
    try:
        services.switch_stream(property_id=request.property.id, stream_id=stream_id, is_active=is_active)
    except Stream.DoesNotExist:
        raise Http404 from None
    messages.success(
        request, _("The stream accepts events.") if is_active else _("The stream accepts no events any more.")
    )
    return _back(request)


def _back(request: PropertyRequest) -> HttpResponse:
    info = request.property
    return redirect("orgs:settings", organization=info.organization_slug, property=info.slug)
