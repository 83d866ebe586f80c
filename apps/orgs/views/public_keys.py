"""The public keys of a stream, and whether it takes events without a token."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from apps.orgs import services
from apps.orgs.domain.permissions import Permission
from apps.orgs.forms import PublicKeyForm
from apps.orgs.models import PublicKey, Stream
from apps.orgs.requests import PropertyRequest
from apps.orgs.rules import property_page


@property_page(Permission.STREAMS_READ)
def public_keys(request: PropertyRequest, stream_id: int) -> HttpResponse:
    """Show the keys of a stream; who may change streams adds one."""
    stream = get_object_or_404(Stream, property_id=request.property.id, pk=stream_id)
    may_change = request.access.may(Permission.STREAMS)
    if request.method == "POST" and not may_change:
        raise PermissionDenied
    form = PublicKeyForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid() and _add(request, stream, form):
        return _back(request, stream_id)
    labels = (_("Key"), _("Key ID"), _("Added"), _("Last token"))
    context = {
        "stream": stream,
        "keys": PublicKey.objects.filter(stream=stream).select_related("made_by"),
        "columns": [*({"label": label} for label in labels), {"hidden_label": _("Revoke")}],
        "form": form,
        "may_change": may_change,
        "collect_url": settings.COLLECT_URL.rstrip("/"),
    }
    return render(request, "orgs/public_keys.html", context, status=422 if form.is_bound else 200)


def _add(request: PropertyRequest, stream: Stream, form: PublicKeyForm) -> PublicKey | None:
    given: dict[str, Any] = form.cleaned_data
    try:
        row = services.add_public_key(
            property_id=request.property.id, stream_id=stream.pk, made_by=request.user, **given
        )
    except ValidationError as error:
        form.add_error(None, error)
        return None
    messages.success(request, _("“%(name)s” can get tokens now.") % {"name": row.name})
    return row


@property_page(Permission.STREAMS)
@require_POST
def revoke(request: PropertyRequest, stream_id: int, public_key_id: int) -> HttpResponse:
    """End a key and its tokens."""
    try:
        services.revoke_public_key(property_id=request.property.id, stream_id=stream_id, public_key_id=public_key_id)
    except PublicKey.DoesNotExist:
        raise Http404 from None
    messages.success(request, _("The key gets no more tokens, and those it got open nothing, within seconds."))
    return _back(request, stream_id)


@property_page(Permission.STREAMS)
@require_POST
def require_token(request: PropertyRequest, stream_id: int) -> HttpResponse:
    """Let a stream take events only with a token, or also by its write key alone."""
    is_required = request.POST.get("required") == "1"
    try:
        services.require_token(property_id=request.property.id, stream_id=stream_id, is_required=is_required)
    except Stream.DoesNotExist:
        raise Http404 from None
    wanted, open_again = _("The stream takes events only with a token now."), _("The write key alone is enough again.")
    messages.success(request, wanted if is_required else open_again)
    return _back(request, stream_id)


def _back(request: PropertyRequest, stream_id: int) -> HttpResponse:
    info = request.property
    return redirect("orgs:public-key-list", info.organization_slug, info.slug, stream_id)
