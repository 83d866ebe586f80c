"""Where a person begins, and the settings of a property."""

from typing import Any

from django.conf import settings as project
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from apps.orgs import history, queries, services
from apps.orgs.domain.permissions import Permission
from apps.orgs.domain.values import PropertyInfo
from apps.orgs.forms import NewPropertyForm, SettingsForm, StreamForm
from apps.orgs.models import Property, PropertySettings, Stream, User
from apps.orgs.requests import MemberRequest, PropertyRequest
from apps.orgs.rules import property_page
from apps.shared import navigation, regions
from apps.shared.pages import page_of

SHOWN_VERSIONS = 20
PROPERTIES_ON_A_PAGE = 50


@login_required
def home(request: MemberRequest) -> HttpResponse:
    """Choose a property, or go straight in where there is only one, unless all of them were asked for."""
    wanted = request.GET.get("q", "").strip().replace("\0", "")[:120]
    page = page_of(queries.properties_of(request.user, wanted=wanted), request.GET, size=PROPERTIES_ON_A_PAGE)
    if len(page.rows) == 1 and not {"all", "q", "page"} & set(request.GET):
        only = page.rows[0]
        return redirect(navigation.first_page(only.organization.slug, only.slug))
    context = {
        "page": page,
        "wanted": wanted,
        "is_long": bool(wanted or page.next_url or page.previous_url),
        "is_member": not page.rows and queries.organizations_of(request.user).exists(),
        "may_add": _may_found(request.user)
        or queries.organizations_where(request.user, Permission.PROPERTIES).exists(),
    }
    return render(request, "orgs/home.html", context)


@login_required
def new_property(request: MemberRequest) -> HttpResponse:
    """Begin a property: owners and admins in their organizations, operators in a new one too."""
    organizations = queries.organizations_where(request.user, Permission.PROPERTIES)
    may_found = _may_found(request.user)
    if not may_found and not organizations:
        raise PermissionDenied
    form = NewPropertyForm(request.POST or None, organizations=organizations, may_found=may_found)
    if form.is_bound and form.is_valid() and (row := _begin(request.user, form)):
        messages.success(request, _("Created. Send a first event with the write key below."))
        return redirect("orgs:settings", organization=row.organization.slug, property=row.slug)
    return render(request, "orgs/new_property.html", {"form": form}, status=422 if form.is_bound else 200)


def _begin(owner: User, form: NewPropertyForm) -> Property | None:
    """Return the new property, or None when the form now says what is wrong with the wish."""
    fields = {"organization": None, "organization_name": "", **form.cleaned_data}
    try:
        return services.begin_property(owner=owner, **fields)
    except ValidationError as error:
        form.add_error(None, error)
        return None


def _may_found(user: User) -> bool:
    return user.is_staff or project.ORGS_OPEN_SIGNUP


@property_page(Permission.SETTINGS_READ)
def settings(request: PropertyRequest) -> HttpResponse:
    """Show the rules of a property, its streams and its history; admins may change the rules."""
    info = request.property
    may_change = request.access.may(Permission.SETTINGS)
    if request.method == "POST" and not may_change:
        raise PermissionDenied
    form = SettingsForm(request.POST if request.method == "POST" else None, info=info)
    if form.is_bound and form.is_valid():
        return _save(request, info, form)
    if not may_change:
        for field in form.fields.values():
            field.disabled = True
    status = 422 if form.is_bound else 200
    context = _context(info, form, may_change=may_change) | {
        "is_owner": request.access.may(Permission.OWNERSHIP),
        "may_see_keys": request.access.may(Permission.STREAMS_READ),
        "may_change_streams": request.access.may(Permission.STREAMS),
        "stream_form": StreamForm(),
    }
    return render(request, "orgs/settings.html", context, status=status)


def _save(request: PropertyRequest, info: PropertyInfo, form: SettingsForm) -> HttpResponse:
    changes = form.changes()
    if changes:
        row = services.change_settings(property_id=info.id, made_by=request.user, **changes)
        messages.success(request, _("Saved as version %(version)d.") % {"version": row.version})
    else:
        messages.info(request, _("Nothing was changed."))
    return redirect(request.path)


def _context(info: PropertyInfo, form: SettingsForm, *, may_change: bool) -> dict[str, Any]:
    rows = PropertySettings.objects.filter(property_id=info.id).select_related("made_by")[: SHOWN_VERSIONS + 1]
    return {
        "form": form,
        "may_change": may_change,
        "streams": sorted(queries.streams_of(info.id), key=lambda stream: stream.kind != Stream.Kind.WEB),
        "versions": history.versions(list(rows))[:SHOWN_VERSIONS],
        "region": regions.title(info.region),
        "collect_url": regions.collect_url(info.region),
    }
