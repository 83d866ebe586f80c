"""Links: the list, one of them, and a new one."""

import io

import segno
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from apps.ingestion import queries, services
from apps.ingestion.domain.networks import NETWORKS, template
from apps.ingestion.forms import LinkForm
from apps.ingestion.models import Link
from apps.orgs import api as orgs

LINKS_ON_A_PAGE = 50
_PICTURES = {"svg": "image/svg+xml", "png": "image/png"}
_REPORTED = ("click", "impression")


@orgs.property_page(orgs.Permission.SETTINGS_READ)
def links(request: orgs.PropertyRequest) -> HttpResponse:
    """List the links, newest first."""
    rows = queries.links_of(property_id=request.property.id)
    page = Paginator(rows, LINKS_ON_A_PAGE).get_page(request.GET.get("page"))
    labels = (_("Name"), _("Address to share"), _("Goes to"), _("Source and medium"), _("Campaign"))
    context = {
        "page": page,
        "columns": [{"label": label} for label in labels],
        "door": settings.COLLECT_URL.rstrip("/"),
        "may_change": request.access.may(orgs.Permission.LINKS),
    }
    return render(request, "ingestion/links.html", context)


@orgs.property_page(orgs.Permission.LINKS)
def add_link(request: orgs.PropertyRequest) -> HttpResponse:
    """Make a link."""
    form = LinkForm(request.POST or None)
    form.naming_rules = queries.naming_rules(request.property.id)
    if form.is_bound and form.is_valid() and _save(request, form):
        return redirect("ingestion:link-list", request.property.organization_slug, request.property.slug)
    return render(request, "ingestion/link.html", {"form": form}, status=422 if form.is_bound else 200)


@orgs.property_page(orgs.Permission.SETTINGS_READ)
def link(request: orgs.PropertyRequest, link_id: int) -> HttpResponse:
    """Show one link with everything that is shared of it."""
    row = _found(request, link_id)
    door = settings.COLLECT_URL.rstrip("/")
    reports = [
        {"name": network.name, **{kind: template(network, f"{door}/s/{row.slug}/{kind}") for kind in _REPORTED}}
        for network in NETWORKS
    ]
    return render(request, "ingestion/link_detail.html", {"link": row, "door": door, "reports": reports})


@orgs.property_page(orgs.Permission.SETTINGS_READ)
def qr_code(request: orgs.PropertyRequest, link_id: int, form: str) -> HttpResponse:
    """Draw the address of a link as a QR code, for paper (svg) or for screens (png)."""
    if form not in _PICTURES:
        raise Http404
    row = _found(request, link_id)
    code = segno.make(f"{settings.COLLECT_URL.rstrip('/')}/l/{row.slug}", error="m", micro=False)
    picture = io.BytesIO()
    code.save(picture, kind=form, scale=10, border=4, light="#ffffff")
    response = HttpResponse(picture.getvalue(), content_type=_PICTURES[form])
    if "download" in request.GET:
        response["Content-Disposition"] = f'attachment; filename="{row.slug}.{form}"'
    return response


def _found(request: orgs.PropertyRequest, link_id: int) -> Link:
    return get_object_or_404(queries.links_of(property_id=request.property.id), pk=link_id)


def _save(request: orgs.PropertyRequest, form: LinkForm) -> bool:
    values = {name: value for name, value in form.cleaned_data.items() if name != "slug" or value}
    try:
        link = services.create_link(property_id=request.property.id, made_by=request.user, **values)
    except ValidationError as error:
        form.add_error(None, error)
        return False
    messages.success(request, _("“%(name)s” is ready to be shared.") % {"name": link.name})
    return True
