"""Links: the list, and a new one."""

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from apps.ingestion import queries, services
from apps.ingestion.forms import LinkForm
from apps.orgs import api as orgs

LINKS_ON_A_PAGE = 50


@orgs.property_page()
def links(request: orgs.PropertyRequest) -> HttpResponse:
    """List the links, newest first."""
    rows = queries.links_of(property_id=request.property.id)
    page = Paginator(rows, LINKS_ON_A_PAGE).get_page(request.GET.get("page"))
    labels = (_("Name"), _("Address to share"), _("Goes to"), _("Source and medium"), _("Campaign"))
    context = {
        "page": page,
        "columns": [{"label": label} for label in labels],
        "door": settings.COLLECT_URL.rstrip("/"),
        "may_change": _may_change(request),
    }
    return render(request, "ingestion/links.html", context)


@orgs.property_page()
def add_link(request: orgs.PropertyRequest) -> HttpResponse:
    """Make a link."""
    if not _may_change(request):
        raise PermissionDenied
    form = LinkForm(request.POST or None)
    if form.is_bound and form.is_valid() and _save(request, form):
        return redirect("ingestion:link-list", request.property.organization_slug, request.property.slug)
    return render(request, "ingestion/link.html", {"form": form}, status=422 if form.is_bound else 200)


def _save(request: orgs.PropertyRequest, form: LinkForm) -> bool:
    values = {name: value for name, value in form.cleaned_data.items() if name != "slug" or value}
    try:
        link = services.create_link(property_id=request.property.id, made_by=request.user, **values)
    except ValidationError as error:
        form.add_error(None, error)
        return False
    messages.success(request, _("“%(name)s” is ready to be shared.") % {"name": link.name})
    return True


def _may_change(request: orgs.PropertyRequest) -> bool:
    return orgs.has_role(organization_id=request.property.organization_id, user=request.user, least=orgs.Role.ANALYST)
