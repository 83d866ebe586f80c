"""Imports of files: the list with a new one, and one of them: looked at, under way, and with its report."""

import json
import re
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django_htmx.http import HttpResponseClientRedirect

from apps.ingestion import queries, services, tasks, wiring
from apps.ingestion.forms import ImportForm, ReadingForm, as_filled_in
from apps.ingestion.forms.reasons import said_of_reason
from apps.ingestion.forms.sentences import said_of_end
from apps.ingestion.models import FileImport
from apps.orgs import api as orgs
from apps.shared.htmx import render_page

IMPORTS_ON_A_PAGE = 25
_UNEQUAL = re.compile(r"(?P<cells>\d+) cells where the header has (?P<wanted>\d+)(?:, to line \d+)?\. (?P<words>.+)")
_COUNTED = ("kinds", "skipped")


@orgs.property_page(orgs.Permission.IMPORTS)
def imports(request: orgs.PropertyRequest) -> HttpResponse:
    """List what was imported, and take in a file."""
    info, streams = request.property, _streams(request)
    form = ImportForm(request.POST or None, request.FILES or None, streams=streams)
    is_part = bool(request.headers.get("HX-Request"))
    if form.is_bound and form.is_valid() and (run := _upload(request, form)):
        answer = _to(request, run)
        return HttpResponseClientRedirect(answer["Location"]) if is_part else answer
    columns: list[dict[str, Any]] = [{"label": label} for label in (_("File"), _("When"), _("Who"), _("State"))]
    page = Paginator(queries.imports_of(info.id), IMPORTS_ON_A_PAGE).get_page(request.GET.get("page"))
    context = {"form": form, "page": page, "columns": columns, "has_streams": bool(streams)}
    response = render_page(request, "ingestion/imports.html", context, parts=("new_import",))
    if form.is_bound and not is_part:  # HTMX swaps in what is no error alone
        response.status_code = 422
    return response


@orgs.property_page(orgs.Permission.IMPORTS)
def one(request: orgs.PropertyRequest, run_id: int) -> HttpResponse:
    """Show one import; begin or discard it, or read its file otherwise."""
    run = _found(request, run_id)
    reading = _reading(request, run)
    if request.method == "POST" and not reading.is_bound:
        return _act(request, run)
    if reading.is_bound and reading.is_valid():
        return _read_otherwise(request, run, reading)
    work = run.work
    context: dict[str, Any] = {
        "run": run,
        "is_active": run.is_active(),
        "is_new": services.is_unread(run),
        "mark": services.reading_of(run),
        "rows": work.state.get("rows", 0),
        "events": work.state.get("events", 0),
        "refused": sum(work.state.get("reasons", {}).values()),
        "counts": {name: work.state.get(name, {}).items() for name in _COUNTED},
        "reasons": [(one, said_of_reason(one), count) for one, count in work.state.get("reasons", {}).items()],
        "unread": work.unread,
        "problem": said_of_end(work.problem),
        "report": list(map(_told, services.rows_of_report(work.report))),
        "report_columns": _report_columns(),
    }
    if context["is_new"]:
        context |= _look(request, run) | {"reading": reading}
    page = render_page(request, "ingestion/import.html", context, parts=("import_state",))
    page.status_code = 422 if reading.is_bound else 200
    return page


@orgs.property_page(orgs.Permission.IMPORTS)
def report(request: orgs.PropertyRequest, run_id: int) -> HttpResponse:
    """Hand over what was not understood, as CSV."""
    run = _found(request, run_id)
    if not run.work.report:
        raise Http404
    headers = {"Content-Disposition": f'attachment; filename="import-{run.pk}-rejected.csv"'}
    return HttpResponse(run.work.report, content_type="text/csv; charset=utf-8", headers=headers)


def _upload(request: orgs.PropertyRequest, form: ImportForm) -> FileImport | None:
    given = form.cleaned_data
    sent = services.Upload(given["file"].name, given["file"].read(), int(given["stream"]), form.said())
    try:
        return services.upload_file(sent, property_id=request.property.id, made_by=request.user, now=timezone.now())
    except services.TooManyFiles:
        form.add_error("file", _("Too many files wait already: import or forget some of them."))
        return None


def _streams(request: orgs.PropertyRequest) -> list[tuple[str, str]]:
    return [(str(stream.pk), stream.name) for stream in orgs.streams_of(request.property.id)]


def _reading(request: orgs.PropertyRequest, run: FileImport) -> ReadingForm:
    """Return the form about how the file is read: with what was said before, or with what is said now."""
    said = request.POST if request.POST.get("do") == "read" else None
    return ReadingForm(said, initial=as_filled_in(run), streams=_streams(request))


def _read_otherwise(request: orgs.PropertyRequest, run: FileImport, form: ReadingForm) -> HttpResponse:
    stream_id = int(form.cleaned_data["stream"])
    try:
        services.read_otherwise(property_id=request.property.id, run_id=run.pk, stream_id=stream_id, said=form.said())
    except services.ImportOver:
        messages.info(request, _("This import was begun before."))
    return _to(request, run)


def _act(request: orgs.PropertyRequest, run: FileImport) -> HttpResponse:
    about = {"property_id": request.property.id, "run_id": run.pk}
    try:
        if request.POST.get("do") == "discard":
            events = run.work.state.get("events", 0)
            services.discard_import(**about)
            said = _("What was imported stays.") if events else _("Nothing of it was imported.")
            messages.success(request, f"{_('The file is forgotten.')} {said}")
            return redirect("ingestion:import-list", request.property.organization_slug, request.property.slug)
        services.begin_import(**about, now=timezone.now(), reading=request.POST.get("reading", ""))
    except services.ReadOtherwise:
        messages.error(request, _("Somebody changed how the file is read. Look at what it becomes now."))
    except services.ImportOver:
        messages.info(request, _("This import was begun before."))
    else:
        transaction.on_commit(lambda: tasks.request_import(run.pk, request.property.id))
    return _to(request, run)


def _look(request: orgs.PropertyRequest, run: FileImport) -> dict[str, Any]:
    info = request.property
    try:
        look = services.look_at_file(run, sender=wiring.importer(info, run.stream_id), days=info.time_zone)
    except services.CANNOT_BE_READ as error:
        return {"problem": said_of_end(str(error))}
    return {
        "form": look.form,
        "unread": look.unread,
        "samples": [json.dumps(event, ensure_ascii=False, indent=2) for event in look.events[:3]],
        "sampled": len(look.events),
        "report": [_told(one._asdict()) for one in look.rejected],
    }


def _told(line: dict[str, Any]) -> dict[str, Any]:
    """Return a line of a report in the language of the page, where its words are known."""
    said = line["detail"]
    counted = _UNEQUAL.fullmatch(said)
    if counted is None:
        return line | {"detail": said_of_end(said)}
    counts = _("%(cells)s cells where the header has %(wanted)s.") % counted.groupdict()
    return line | {"detail": f"{counts} {said_of_end(counted['words'])}"}


def _report_columns() -> list[dict[str, Any]]:
    numbers: list[dict[str, Any]] = [{"label": label, "is_numeric": True} for label in (_("Row"), _("Line"))]
    return [*numbers, *({"label": label} for label in (_("Reason"), _("Field"), _("What is wrong")))]


def _found(request: orgs.PropertyRequest, run_id: int) -> FileImport:
    return get_object_or_404(queries.imports_of(request.property.id), pk=run_id)


def _to(request: orgs.PropertyRequest, run: FileImport) -> HttpResponse:
    return redirect("ingestion:import-detail", request.property.organization_slug, request.property.slug, run.pk)
