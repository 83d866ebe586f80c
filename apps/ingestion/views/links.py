"""Links: the list, one of them with its versions, a new one, and changes."""

import io

import segno
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from apps.ingestion import queries, services
from apps.ingestion.domain.networks import NETWORKS, template
from apps.ingestion.forms import LinkChangeForm, LinkForm
from apps.ingestion.link_history import link_history
from apps.ingestion.models import Link
from apps.orgs import api as orgs
from apps.shared import regions

LINKS_ON_A_PAGE, VERSIONS_SHOWN = 50, 50
_PICTURES = {"svg": "image/svg+xml", "png": "image/png"}
_REPORTED = ("click", "impression")


@orgs.property_page(orgs.Permission.SETTINGS_READ)
def links(request: orgs.PropertyRequest) -> HttpResponse:
    """List the links in use, newest first, or those in the archive."""
    shows_archive = request.GET.get("archive") == "1"
    every = queries.links_of(property_id=request.property.id)
    rows = every.filter(is_active=not shows_archive)
    page = Paginator(rows, LINKS_ON_A_PAGE).get_page(request.GET.get("page"))
    labels = (_("Name"), _("Address to share"), _("Goes to"), _("Source and medium"), _("Campaign"))
    context = {
        "page": page,
        "columns": [{"label": label} for label in labels],
        "door": regions.collect_url(request.property.region),
        "may_change": request.access.may(orgs.Permission.LINKS),
        "shows_archive": shows_archive,
        "has_archive": shows_archive or every.filter(is_active=False).exists(),
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
    door = regions.collect_url(request.property.region)
    reports = [
        {
            "name": _("Any other") if network is NETWORKS[-1] else network.name,
            **{kind: template(network, f"{door}/s/{row.slug}/{kind}") for kind in _REPORTED},
        }
        for network in NETWORKS
    ]
    context = {
        "link": row,
        "door": door,
        "domain": queries.link_domain(request.property.id),
        "reports": reports,
        "versions": link_history(queries.link_versions(row)[:VERSIONS_SHOWN]),
        "may_change": request.access.may(orgs.Permission.LINKS),
    }
    return render(request, "ingestion/link_detail.html", context)


@orgs.property_page(orgs.Permission.LINKS)
def change_link(request: orgs.PropertyRequest, link_id: int) -> HttpResponse:
    """Let a link say something else from now on."""
    row = _found(request, link_id)
    form = LinkChangeForm(request.POST or None, instance=row)
    form.naming_rules = queries.naming_rules(request.property.id)
    if form.is_bound and form.is_valid() and _change(request, form, link_id):
        return _to_link(request, link_id)
    row = _found(request, link_id)  # a form writes what was typed into its own
    return render(request, "ingestion/link.html", {"form": form, "link": row}, status=422 if form.is_bound else 200)


@orgs.property_page(orgs.Permission.LINKS)
@require_POST
def archive_link(request: orgs.PropertyRequest, link_id: int) -> HttpResponse:
    """Take a link out of use, or back into it."""
    is_active = request.POST.get("active") == "1"
    row = _found(request, link_id)
    services.change_link(
        property_id=request.property.id, link_id=row.pk, made_by=request.user, now=timezone.now(), is_active=is_active
    )
    messages.success(
        request,
        _("The link is in use again, within five seconds.")
        if is_active
        else _("The link is in the archive. Within five seconds whoever follows it finds nothing."),
    )
    return _to_link(request, link_id)


def _to_link(request: orgs.PropertyRequest, link_id: int) -> HttpResponse:
    return redirect("ingestion:link-detail", request.property.organization_slug, request.property.slug, link_id)


def _change(request: orgs.PropertyRequest, form: LinkChangeForm, link_id: int) -> bool:
    based_on, about = form.cleaned_data["version"], {"property_id": request.property.id, "link_id": link_id}
    try:
        link = services.change_link(
            **about, made_by=request.user, based_on=based_on, now=timezone.now(), **form.changes()
        )
    except services.LinkMovedOn:
        form.add_error(None, _("Somebody else changed the link meanwhile. Look at it and save again."))
        return False
    except ValidationError as error:
        form.add_error(None, error)
        return False
    if link.version == based_on:
        messages.info(request, _("Nothing was changed."))
    else:
        words = _("Saved as version %(version)d. It holds at the door within five seconds.")
        messages.success(request, words % {"version": link.version})
    return True


@orgs.property_page(orgs.Permission.SETTINGS_READ)
def qr_code(request: orgs.PropertyRequest, link_id: int, form: str) -> HttpResponse:
    """Draw the address of a link as a QR code, for paper (svg) or screens (png); `at=domain`: the property's own."""
    if form not in _PICTURES:
        raise Http404
    row = _found(request, link_id)
    domain = queries.link_domain(request.property.id) if request.GET.get("at") == "domain" else ""
    place = f"https://{domain}" if domain else regions.collect_url(request.property.region)
    code = segno.make(f"{place}/l/{row.slug}", error="m", micro=False)
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
