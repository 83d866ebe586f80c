"""An organization as a whole: its name, who owns it, its end, and who may do what."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from apps.orgs import services
from apps.orgs.domain.permissions import NEVER_CUSTOM, ROLES, WHOLE_ONLY, Permission, known
from apps.orgs.grants import OrganizationForm, RoleForm
from apps.orgs.models import CustomRole, Membership, Role
from apps.orgs.requests import OrganizationRequest
from apps.orgs.rules import organization_page
from apps.orgs.wording import PERMISSION_TITLES


@organization_page(None)
def organization(request: OrganizationRequest) -> HttpResponse:
    """Show what an organization is, and how to leave it; whoever may, renames it."""
    row, may_change = request.organization, request.access.may(Permission.ORGANIZATION)
    if request.method == "POST" and not may_change:
        raise PermissionDenied
    form = OrganizationForm(request.POST or None, instance=row)
    if form.is_bound and form.is_valid():
        services.rename_organization(row, name=form.cleaned_data["name"])
        services.set_common_lookbacks(
            row, click=form.cleaned_data["click_lookback"], view=form.cleaned_data["view_lookback"]
        )
        if "region" in form.fields:
            services.set_default_region(row, region=form.cleaned_data["region"])
        messages.success(request, _("Saved."))
        return redirect("orgs:organization", row.slug)
    return _shown(request, form, status=422 if form.is_bound else 200)


def _shown(request: OrganizationRequest, form: OrganizationForm, *, status: int, **heir: str) -> HttpResponse:
    others = Membership.objects.filter(organization=request.organization).exclude(user=request.user)
    is_owner = request.access.may(Permission.OWNERSHIP)
    context = {
        "form": form,
        "may_change": request.access.may(Permission.ORGANIZATION),
        "is_owner": is_owner,
        "has_heirs": is_owner and others.exists(),
        "grace_days": services.GRACE.days,
        **heir,
    }
    return render(request, "orgs/organization.html", context, status=status)


@organization_page(Permission.OWNERSHIP)
@require_POST
def transfer(request: OrganizationRequest) -> HttpResponse:
    """Make another member the owner, whose address is typed: a list of thousands would be no choice."""
    typed = request.POST.get("email", "").strip().replace("\0", "")[:254]
    rows = Membership.objects.filter(organization=request.organization, user__email=typed.lower())
    heir = rows.exclude(user=request.user).select_related("user").first()
    if heir is None:
        error = _("No other member has this address.")
        form = OrganizationForm(instance=request.organization)
        return _shown(request, form, status=422, heir=typed, heir_error=error)
    services.transfer_ownership(organization=request.organization, giver=request.user, taker=heir.user)
    messages.success(request, _("%(email)s owns the organization now; you are an admin.") % {"email": heir.user.email})
    return redirect("orgs:organization", request.organization.slug)


@organization_page(Permission.OWNERSHIP)
@require_POST
def delete(request: OrganizationRequest) -> HttpResponse:
    """Have the organization deleted after the grace period; its address must be typed."""
    if request.POST.get("address", "").strip() != request.organization.slug:
        messages.error(request, _("Nothing was done: type the address of the organization to confirm."))
    else:
        services.ask_for_deletion(request.organization, now=timezone.now())
        messages.warning(request, _("The organization will be deleted. Until then it can be kept."))
    return redirect("orgs:organization", request.organization.slug)


@organization_page(Permission.OWNERSHIP)
@require_POST
def keep(request: OrganizationRequest) -> HttpResponse:
    """Take the wish for deletion back."""
    services.keep_organization(request.organization)
    messages.success(request, _("The organization is kept."))
    return redirect("orgs:organization", request.organization.slug)


@organization_page(Permission.MEMBERS_READ)
def roles(request: OrganizationRequest) -> HttpResponse:
    """Show who may do what; whoever may change members makes roles of their own."""
    may_change = request.access.may(Permission.MEMBERS)
    if request.method == "POST" and not may_change:
        raise PermissionDenied
    offered = [one for one in Permission if one in request.access.granted - NEVER_CUSTOM]
    form = RoleForm(request.POST or None, offered=offered, titles=PERMISSION_TITLES)
    if form.is_bound and form.is_valid() and _create_role(request, form):
        return redirect("orgs:role-list", request.organization.slug)
    context = _matrix(request) | {"form": form, "may_change": may_change}
    return render(request, "orgs/roles.html", context, status=422 if form.is_bound else 200)


def _create_role(request: OrganizationRequest, form: RoleForm) -> bool:
    try:
        services.create_role(organization=request.organization, giver=request.access, **form.cleaned_data)
    except services.TooMuch:
        form.add_error("permissions", _("You cannot allow more than you may do yourself."))
    except ValidationError as error:
        form.add_error(None, error.messages)
    return form.is_valid()


def _matrix(request: OrganizationRequest) -> dict[str, Any]:
    """Return the table of permissions as it is asked everywhere: a row for each, a column for each role."""
    custom = list(CustomRole.objects.filter(organization=request.organization))
    columns = [(str(Role(name).label), allowed) for name, allowed in ROLES.items()]
    columns += [(row.name, known(row.permissions)) for row in custom]
    return {
        "columns": [{"label": _("May")}, *({"label": title} for title, _allowed in columns)],
        "rows": [
            {
                "title": PERMISSION_TITLES[one],
                "name": one.value,
                "is_mine": request.access.may(one),
                "is_whole_only": one in WHOLE_ONLY,
                "cells": [one in allowed for _title, allowed in columns],
            }
            for one in Permission
        ],
        "custom": custom,
        "access": request.access,
    }


@organization_page(Permission.MEMBERS)
@require_POST
def delete_role(request: OrganizationRequest, role_id: int) -> HttpResponse:
    """Delete a role that nobody has."""
    row = get_object_or_404(CustomRole, organization=request.organization, pk=role_id)
    try:
        services.delete_role(row)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        messages.success(request, _("The role is deleted."))
    return redirect("orgs:role-list", request.organization.slug)
