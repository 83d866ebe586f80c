"""The apps that open a property's links."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from apps.ingestion import queries, services
from apps.ingestion.forms import AppSiteForm
from apps.orgs import api as orgs


def _save(request: orgs.PropertyRequest, form: AppSiteForm) -> bool:
    form.instance.property_id, form.instance.made_by = request.property.id, request.user
    try:
        services.save_site(form.instance, organization_id=request.property.organization_id)
    except ValidationError as error:
        form.add_error(None, error)
        return False
    return True


@orgs.property_page(orgs.Permission.SETTINGS_READ)
def apps(request: orgs.PropertyRequest) -> HttpResponse:
    """Show the domain and its apps; admins may change them."""
    info = request.property
    may_change = request.access.may(orgs.Permission.SETTINGS)
    if request.method == "POST" and not may_change:
        raise PermissionDenied
    form = AppSiteForm(request.POST or None, instance=queries.app_site_of(info.id))
    if form.is_bound and form.is_valid() and _save(request, form):
        messages.success(request, _("Saved. Phones read it when the app is installed next."))
        return redirect(request.path)
    for field in form.fields.values():
        field.disabled = not may_change
    context = {"form": form, "may_change": may_change, "domain": form.instance.domain if form.instance.pk else ""}
    return render(request, "ingestion/apps.html", context, status=422 if form.is_bound else 200)
