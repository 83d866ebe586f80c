"""Programs of an organization and their keys."""

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Count
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from apps.orgs import services
from apps.orgs.domain.permissions import NEVER_CUSTOM, Permission
from apps.orgs.grants import KeyForm, ServiceAccountForm
from apps.orgs.models import ApiKey, ServiceAccount
from apps.orgs.requests import OrganizationRequest
from apps.orgs.rules import organization_page
from apps.orgs.wording import PERMISSION_TITLES
from apps.shared.pages import page_of

PROGRAMS_ON_A_PAGE, KEYS_ON_A_PAGE = 50, 20


@organization_page(Permission.KEYS)
def programs(request: OrganizationRequest) -> HttpResponse:
    """List the programs, and add one."""
    form = ServiceAccountForm(request.POST or None, organization=request.organization, initial={"role": "viewer"})
    if form.is_bound and form.is_valid():
        row = _create(request, form)
        if row is not None:
            return redirect("orgs:program", request.organization.slug, row.pk)
    rows = ServiceAccount.objects.filter(organization=request.organization).select_related("custom_role")
    labels = (_("Program"), _("Role"), _("Sees"))
    context = {
        "page": page_of(rows.annotate(key_count=Count("keys")), request.GET, size=PROGRAMS_ON_A_PAGE),
        "form": form,
        "columns": [*({"label": label} for label in labels), {"label": _("Keys"), "is_numeric": True}],
    }
    return render(request, "orgs/programs.html", context, status=422 if form.is_bound else 200)


def _create(request: OrganizationRequest, form: ServiceAccountForm) -> ServiceAccount | None:
    try:
        return services.create_service_account(
            organization=request.organization,
            name=form.cleaned_data["name"],
            grant=form.grant(),
            giver=request.access,
        )
    except services.TooMuch:
        form.add_error("role", _("You cannot let a program do more than you may do yourself."))
    except ValidationError as error:
        form.add_error(None, error.messages)
    return None


@organization_page(Permission.KEYS)
@never_cache
def program(request: OrganizationRequest, account_id: int) -> HttpResponse:
    """Show the keys of a program, and make one: its text is shown in this answer and never again."""
    account = _account(request, account_id)
    offered = [one for one in Permission if one in account.permissions & request.access.granted - NEVER_CUSTOM]
    form = KeyForm(request.POST or None, offered=offered, titles=PERMISSION_TITLES)
    made = _make_key(request, account, form) if form.is_bound and form.is_valid() else None
    if made is not None:
        form = KeyForm(offered=offered, titles=PERMISSION_TITLES)
    context = _shown(request, account) | {"form": form, "made": made}
    return render(request, "orgs/program.html", context, status=422 if form.is_bound else 200)


def _account(request: OrganizationRequest, account_id: int) -> ServiceAccount:
    rows = ServiceAccount.objects.select_related("custom_role", "organization")
    return get_object_or_404(rows, organization=request.organization, pk=account_id)


def _shown(request: OrganizationRequest, account: ServiceAccount) -> dict[str, Any]:
    labels = (_("Key"), _("Scopes"), _("Last used"), _("Expires"), _("State"))
    keys = ApiKey.objects.filter(account=account).order_by("-created_at", "-pk")
    return {
        "account": account,
        "page": page_of(keys, request.GET, size=KEYS_ON_A_PAGE),
        "columns": [{"label": label} for label in labels],
        "now": timezone.now(),
    }


def _make_key(request: OrganizationRequest, account: ServiceAccount, form: KeyForm) -> services.NewKey | None:
    given = form.cleaned_data
    ends = timezone.now() + timedelta(days=given["days"]) if given["days"] else None
    try:
        return services.create_key(
            account=account,
            name=given["name"],
            scopes=given["scopes"],
            made_by=request.user,
            expires_at=ends,
            networks=given["networks"],
            per_minute=given["per_minute"],
        )
    except ValidationError as error:
        form.add_error(None, error.messages)
        return None


@organization_page(Permission.KEYS)
@require_POST
@never_cache
def rotate_key(request: OrganizationRequest, account_id: int, key_id: int) -> HttpResponse:
    """Make a key that allows the same, and let the one before end soon."""
    account = _account(request, account_id)
    row = get_object_or_404(ApiKey, account=account, pk=key_id, revoked_at=None)
    made = services.rotate_api_key(row, made_by=request.user, now=timezone.now())
    offered = [one for one in Permission if one in account.permissions]
    form = KeyForm(offered=offered, titles=PERMISSION_TITLES)
    return render(request, "orgs/program.html", _shown(request, account) | {"form": form, "made": made})


@organization_page(Permission.KEYS)
@require_POST
def revoke_key(request: OrganizationRequest, account_id: int, key_id: int) -> HttpResponse:
    """End a key at once."""
    row = get_object_or_404(ApiKey, account=_account(request, account_id), pk=key_id)
    services.revoke_api_key(row, now=timezone.now())
    messages.success(request, _("“%(name)s” opens nothing any more.") % {"name": row.name})
    return redirect("orgs:program", request.organization.slug, account_id)
