"""Names of campaigns: the rules, an address built by them, and the names of the past that go against them."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from apps.ingestion import finding, queries, services
from apps.ingestion.domain import naming
from apps.ingestion.forms import BuilderForm, NamingForm
from apps.ingestion.forms.linking import FAULTS
from apps.orgs import api as orgs

DAYS, SHOWN = 90, 100


@orgs.property_page(orgs.Permission.SETTINGS_READ)
def names(request: orgs.PropertyRequest) -> HttpResponse:
    """Show the rules, build an address, check the past; analysts may change the rules."""
    info = request.property
    may_change = request.access.may(orgs.Permission.LINKS)
    if request.method == "POST" and not may_change:
        raise PermissionDenied
    form = NamingForm(request.POST or None, instance=queries.naming_of(info.id))
    if form.is_bound and form.is_valid():
        services.change_naming(property_id=info.id, made_by=request.user, **form.cleaned_data)
        messages.success(request, _("Saved. New links follow the rules from now on."))
        return redirect(request.path)
    rules = queries.naming_rules(info.id)
    builder = BuilderForm(request.GET if "address" in request.GET else None, rules=rules)
    context = {
        "form": form,
        "may_change": may_change,
        "builder": builder,
        "built": builder.built() if builder.is_bound and builder.is_valid() else "",
        "faults": _past(info.id, rules),
        "days": DAYS,
        "columns": [
            {"label": _("Name")},
            {"label": _("Field")},
            {"label": _("What is wrong")},
            {"label": _("Better")},
            {"label": _("Events"), "is_numeric": True},
        ],
    }
    return render(request, "ingestion/names.html", context, status=422 if form.is_bound else 200)


def _past(property_id: int, rules: naming.NamingRules) -> list[dict[str, Any]]:
    """Return the names of the last months that go against *rules*, the most used first."""
    fields = {"source": _("Source"), "medium": _("Medium"), "campaign": _("Campaign")}
    found = []
    for used in finding.names_used(property_id, now=timezone.now(), days=DAYS):
        for fault in naming.findings({used.field: used.name}, rules):
            words = {"name": used.name, "field": fields[used.field], "fault": FAULTS[fault.fault]}
            found.append({**words, "better": fault.better, "events": used.events})
    return found[:SHOWN]
