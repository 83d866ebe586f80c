"""For how long an organization keeps its record."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from apps.compliance import services
from apps.compliance.forms import RetentionForm
from apps.compliance.models import AuditRetention, AuditSeal
from apps.orgs import api as orgs

_SEALS_SHOWN = 50


@orgs.organization_page(orgs.Permission.AUDIT_CHANGE)
def keeping(request: orgs.OrganizationRequest) -> HttpResponse:
    """Show what was pruned by which policy, and change the policy."""
    organization_id = request.organization.pk
    row = AuditRetention.objects.filter(organization_id=organization_id).first()
    form = RetentionForm(request.POST or None, initial={"years": row.years if row else ""})
    if form.is_bound and form.is_valid():
        services.change_retention(organization_id=organization_id, years=form.cleaned_data["years"])
        messages.success(request, _("Saved. What is older is pruned in the coming night."))
        return redirect("compliance:keeping", request.organization.slug)
    context = {
        "form": form,
        "oldest": services.oldest_kept(organization_id),
        "seals": AuditSeal.objects.filter(organization_id=organization_id)[:_SEALS_SHOWN],
        "columns": [{"label": label} for label in _columns()],
    }
    return render(request, "compliance/keeping.html", context, status=422 if form.is_bound else 200)


def _columns() -> tuple[str, ...]:
    return _("Pruned"), _("Entries"), _("Until"), _("Kept for"), _("Goes on from")
