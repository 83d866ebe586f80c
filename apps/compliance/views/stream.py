"""Where else the record goes: receivers, what is on its way to them, and what was given up."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from apps.compliance import queries, services
from apps.compliance.forms import EndpointForm
from apps.compliance.models import AuditDelivery, AuditEndpoint
from apps.orgs import api as orgs

DELIVERIES_ON_A_PAGE = 50
_page = orgs.organization_page(orgs.Permission.AUDIT_CHANGE)


@_page
@never_cache
def endpoints(request: orgs.OrganizationRequest) -> HttpResponse:
    """List the receivers, and add one: its secret is shown in this answer and never again."""
    form, made = EndpointForm(request.POST or None), None
    if form.is_bound and form.is_valid():
        try:
            url = form.cleaned_data["url"]
            made = services.add_endpoint(organization_id=request.organization.pk, url=url)
            form = EndpointForm()
        except ValidationError as error:
            form.add_error(None, error)
    labels = (_("Address"), _("State"), _("Last delivered"))
    counts = (_("Waiting"), _("Given up"))
    context = {
        "form": form,
        "made": made,
        "rows": queries.endpoints(request.organization.pk),
        "columns": [
            *({"label": label} for label in labels),
            *({"label": label, "is_numeric": True} for label in counts),
        ],
    }
    return render(request, "compliance/endpoints.html", context, status=422 if form.is_bound else 200)


def _endpoint(request: orgs.OrganizationRequest, endpoint_id: int) -> AuditEndpoint:
    return get_object_or_404(AuditEndpoint, organization_id=request.organization.pk, pk=endpoint_id)


@_page
def endpoint(request: orgs.OrganizationRequest, endpoint_id: int) -> HttpResponse:
    """Show what went to a receiver and how it answered, newest first."""
    return _shown(request, _endpoint(request, endpoint_id))


def _shown(request: orgs.OrganizationRequest, row: AuditEndpoint, *, has_new_secret: bool = False) -> HttpResponse:
    state, before = request.GET.get("state", ""), request.GET.get("before", "")
    asked = queries.deliveries(
        row, state=state, before=int(before) if before.isdecimal() and len(before) < 19 else None
    )
    rows = list(asked[: DELIVERIES_ON_A_PAGE + 1])
    more = rows[DELIVERIES_ON_A_PAGE - 1].pk if len(rows) > DELIVERIES_ON_A_PAGE else None
    columns = [
        {"label": _("Message")}, {"label": _("State")}, {"label": _("Attempts"), "is_numeric": True},
        {"label": _("Answer")}, {"label": _("Next attempt")}, {"hidden_label": _("Send again")},
    ]  # fmt: skip
    states = [("", _("All")), *AuditDelivery.State.choices]
    context = {
        "endpoint": row,
        "has_new_secret": has_new_secret,
        "rows": rows[:DELIVERIES_ON_A_PAGE],
        "tabs": [{"label": label, "url": f"?state={name}", "is_current": name == state} for name, label in states],
        "columns": columns,
        "next_url": f"?state={state}&before={more}" if more else "",
        "first_url": f"?state={state}" if before else "",
        "given_up": row.deliveries.filter(state=AuditDelivery.State.DEAD).count(),
        "now": timezone.now(),
    }
    return render(request, "compliance/endpoint.html", context)


@_page
@require_POST
@never_cache
def rotate_secret(request: orgs.OrganizationRequest, endpoint_id: int) -> HttpResponse:
    """Sign with a new secret, which is shown in this answer and never again."""
    row = _endpoint(request, endpoint_id)
    services.rotate_secret(row, now=timezone.now())
    return _shown(request, row, has_new_secret=True)


@_page
@require_POST
def test_endpoint(request: orgs.OrganizationRequest, endpoint_id: int) -> HttpResponse:
    """Put a test on its way."""
    row = _endpoint(request, endpoint_id)
    services.add_test(row, now=timezone.now())
    messages.success(request, _("A test is on its way. Its answer shows here within half a minute."))
    return _back(request, row)


@_page
@require_POST
def pause_endpoint(request: orgs.OrganizationRequest, endpoint_id: int) -> HttpResponse:
    """Deliver nothing for now."""
    row = _endpoint(request, endpoint_id)
    services.pause(row, now=timezone.now())
    messages.success(request, _("Paused. What is recorded meanwhile waits."))
    return _back(request, row)


@_page
@require_POST
def resume_endpoint(request: orgs.OrganizationRequest, endpoint_id: int) -> HttpResponse:
    """Deliver again."""
    row = _endpoint(request, endpoint_id)
    services.resume(row, now=timezone.now())
    messages.success(request, _("What waited goes out now."))
    return _back(request, row)


@_page
@require_POST
def replay(request: orgs.OrganizationRequest, endpoint_id: int) -> HttpResponse:
    """Send one delivery again, or all that were given up."""
    row, chosen = _endpoint(request, endpoint_id), request.POST.get("delivery", "")
    delivery_id = int(chosen) if chosen.isdecimal() and len(chosen) < 19 else None
    count = services.replay(row, delivery_id=delivery_id, now=timezone.now()) if delivery_id or not chosen else 0
    words = ngettext("%(count)s delivery goes out again.", "%(count)s deliveries go out again.", count)
    messages.success(request, words % {"count": count})
    return _back(request, row)


@_page
@require_POST
def delete_endpoint(request: orgs.OrganizationRequest, endpoint_id: int) -> HttpResponse:
    """Stream nothing there any more; what waits is not sent."""
    row = _endpoint(request, endpoint_id)
    row.delete()
    messages.success(request, _("The record no longer goes to %(url)s.") % {"url": row.url})
    return redirect("compliance:endpoints", request.organization.slug)


def _back(request: orgs.OrganizationRequest, row: AuditEndpoint) -> HttpResponse:
    return redirect("compliance:endpoint", request.organization.slug, row.pk)
