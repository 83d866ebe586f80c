"""Expectations: the list, one of them with a preview, and the whole set as YAML."""

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from apps.orgs import api as orgs
from apps.quality import queries, services
from apps.quality.domain import documents
from apps.quality.domain.fields import subject
from apps.quality.forms import ExpectationForm
from apps.quality.forms.sentences import said_of_value
from apps.quality.models import Expectation
from apps.quality.queries.previews import DAYS
from apps.quality.sets import as_yaml, streams_by_name
from apps.quality.views.page import quality_page
from apps.shared.clickhouse import QueryTooLarge, StoreUnavailable
from apps.shared.htmx import render_page
from apps.shared.yaml_documents import BadDocument

SHOWN_VERSIONS, SHOWN_NAMES, SHOWN_ARCHIVED = 20, 200, 50


@quality_page(orgs.Permission.SETTINGS_READ)
def expectations(request: orgs.PropertyRequest) -> HttpResponse:
    """List what is expected; take in a whole set."""
    if request.method == "POST":
        return _take_in(request)
    return _list(request)


@quality_page(orgs.Permission.SETTINGS_READ)
def download(request: orgs.PropertyRequest) -> HttpResponse:
    """Give the whole set as YAML."""
    answer = HttpResponse(as_yaml(request.property.id), content_type="application/yaml; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{documents.FILE}"'
    return answer


@quality_page(orgs.Permission.QUALITY)
def add_expectation(request: orgs.PropertyRequest) -> HttpResponse:
    """Make an expectation, or show first what it would have found."""
    return _edit(request, None)


@quality_page(orgs.Permission.SETTINGS_READ)
def change_expectation(request: orgs.PropertyRequest, expectation_id: int) -> HttpResponse:
    """Change an expectation, or show first what it would find."""
    return _edit(request, _found(request, expectation_id))


@quality_page(orgs.Permission.QUALITY)
@require_POST
def archive_expectation(request: orgs.PropertyRequest, expectation_id: int) -> HttpResponse:
    """Take an expectation out of use."""
    row = _found(request, expectation_id)
    services.archive_expectation(property_id=request.property.id, expectation_id=row.pk, made_by=request.user)
    messages.success(request, _("“%(name)s” is archived.") % {"name": row.name})
    return _to_list(request)


@quality_page(orgs.Permission.QUALITY)
@require_POST
def restore_expectation(request: orgs.PropertyRequest, expectation_id: int) -> HttpResponse:
    """Take an archived expectation into use again."""
    row = get_object_or_404(queries.archived_of(request.property.id), pk=expectation_id)
    try:
        services.restore_expectation(property_id=request.property.id, expectation_id=row.pk, made_by=request.user)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        messages.success(request, _("“%(name)s” is in use again.") % {"name": row.name})
    return _to_list(request)


def _list(
    request: orgs.PropertyRequest, *, problems: str = "", sent: str = "", compared: dict[str, Any] | None = None
) -> HttpResponse:
    labels = (_("Expectation"), _("Events"), _("What is expected"), _("Events that fail"), _("State"))
    context = {
        "rows": [(row, _said(row.parameters)) for row in queries.expectations_of(request.property.id)],
        "columns": [{"label": one} for one in labels],
        "archived": queries.archived_of(request.property.id)[:SHOWN_ARCHIVED],
        "may_change": _may_change(request),
        "problems": problems.splitlines(),
        "sent": sent,
        **(compared or {}),
    }
    return render(request, "quality/expectations.html", context, status=422 if problems else 200)


def _take_in(request: orgs.PropertyRequest) -> HttpResponse:
    if not _may_change(request):
        raise PermissionDenied
    given = request.FILES.get("file")
    text = given.read(documents.LARGEST + 1).decode("utf-8", "replace") if given else request.POST.get("text", "")
    name = given.name if given and given.name else documents.FILE
    try:
        found = documents.read(text, streams=streams_by_name(request.property.id), file=name)
        if "compare" in request.POST:
            return _list(request, sent=text, compared=_compared(request, found))
        done = services.exchange_expectations(property_id=request.property.id, documents=found, made_by=request.user)
    except BadDocument as error:
        return _list(request, problems=str(error), sent=text)
    except ValidationError as error:
        return _list(request, problems="\n".join(error.messages), sent=text)
    said = _("%(added)d added, %(changed)d changed, %(archived)d archived, %(unchanged)d as before.")
    messages.success(request, said % done._asdict())
    return _to_list(request)


def _compared(request: orgs.PropertyRequest, found: list[dict[str, Any]]) -> dict[str, Any]:
    """Return what a set would change, each change with its words."""
    words = {"added": (_("added"), "good"), "changed": (_("changed"), "warn"), "archived": (_("archived"), "bad")}
    changes = services.compare_expectations(property_id=request.property.id, documents_=found)
    return {
        "is_compared": True,
        "changes": [
            {
                "change": one,
                "what": words[one.what][0],
                "tone": words[one.what][1],
                "parts": [(key, documents.said(before), documents.said(after)) for key, before, after in one.parts],
            }
            for one in changes
        ],
        "change_columns": [{"label": one} for one in (_("Expectation"), _("What becomes of it"), _("Differences"))],
    }


def _said(parameters: dict[str, Any]) -> list[tuple[str, str | None]]:
    return [(name, documents.said(value)) for name, value in parameters.items()]


def _edit(request: orgs.PropertyRequest, row: Expectation | None) -> HttpResponse:
    may_change, is_preview = _may_change(request), "preview" in request.POST
    if request.method == "POST" and not may_change:
        raise PermissionDenied
    form = ExpectationForm(request.POST if request.method == "POST" else None, property_id=request.property.id, row=row)
    if form.is_bound and form.is_valid() and not is_preview and _save(request, row, form):
        return _to_list(request)
    context: dict[str, Any] = {
        "form": form,
        "row": row,
        "may_change": may_change,
        "days": DAYS,
        "names": _names(request),
        "versions": row.versions.select_related("made_by")[:SHOWN_VERSIONS] if row else (),
        "preview_columns": [{"label": one} for one in (_("Message"), _("Event"), _("Why"))],
    }
    if is_preview:
        context |= _preview(request, form)
    page = render_page(request, "quality/expectation.html", context, parts=("expectation_preview",))
    page.status_code = 422 if form.is_bound and not is_preview else 200
    return page


def _save(request: orgs.PropertyRequest, row: Expectation | None, form: ExpectationForm) -> bool:
    given = {"property_id": request.property.id, "made_by": request.user, **form.given()}
    try:
        if row is None:
            saved = services.create_expectation(**given)
        else:
            seen = form.cleaned_data["version"]
            saved = services.change_expectation(expectation_id=row.pk, seen_version=seen, **given)
    except ValidationError as error:
        for place, words in error.message_dict.items():
            form.add_error(place if place in form.fields and place != "version" else None, words)
        return False
    said = _("“%(name)s” is saved. The writer follows it within five seconds.")
    messages.success(request, said % {"name": saved.name})
    return True


def _preview(request: orgs.PropertyRequest, form: ExpectationForm) -> dict[str, Any]:
    if not form.is_valid():
        return {"preview_problem": _("Correct the fields above to see what would have failed.")}
    try:
        found = queries.preview(request.property.id, form.rule(), now=timezone.now())
    except queries.NoPreview:
        return {"preview_problem": _("This looks at what does not come; there are no events to show.")}
    except (StoreUnavailable, QueryTooLarge):
        return {"preview_problem": _("The events cannot be counted at the moment. It can be saved all the same.")}
    some = [one._replace(detail=said_of_value(one.detail)) for one in found.some]
    return {"preview": found._replace(some=some), "may_see": request.access.may(orgs.Permission.EVENTS_PERSONAL)}


def _names(request: orgs.PropertyRequest) -> list[str]:
    """Return the events of the last days; none when the store is silent."""
    if not request.access.may(orgs.Permission.EVENTS):
        return []
    try:
        found = queries.event_names(request.property.id, since=timezone.now() - timedelta(days=DAYS), most=SHOWN_NAMES)
    except (StoreUnavailable, QueryTooLarge):
        return []
    return list(dict.fromkeys(subject(one.kind, one.name) for one in found))


def _found(request: orgs.PropertyRequest, expectation_id: int) -> Expectation:
    return get_object_or_404(queries.expectations_of(request.property.id), pk=expectation_id)


def _may_change(request: orgs.PropertyRequest) -> bool:
    return request.access.may(orgs.Permission.QUALITY)


def _to_list(request: orgs.PropertyRequest) -> HttpResponse:
    return redirect("quality:expectation-list", request.property.organization_slug, request.property.slug)
