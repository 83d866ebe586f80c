"""The record of an organization: searched, and taken along as a file."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _

from apps.compliance import queries, services
from apps.compliance.forms import RecordForm
from apps.compliance.models import AuditEntry
from apps.compliance.wording import ACTIONS, ACTORS, SUBJECTS
from apps.orgs import api as orgs
from apps.shared.tables import Cell, csv_lines

ENTRIES_ON_A_PAGE = 100
_EXPORTED_AT_ONCE = 2000


@dataclass(frozen=True, slots=True)
class Line:
    """One entry, in words."""

    entry: AuditEntry
    actor_kind: str
    action: str
    subject: str
    changes: tuple[tuple[str, str, str], ...]


@orgs.organization_page(orgs.Permission.AUDIT)
def record(request: orgs.OrganizationRequest) -> HttpResponse:
    """Show what was done, newest first."""
    form = RecordForm(request.GET)
    before = _number(request.GET.get("before", ""))
    rows = queries.entries(organization_id=request.organization.pk, wanted=form.wanted(), before=before)
    page = list(rows[: ENTRIES_ON_A_PAGE + 1])
    kept = {name: value for name, value in request.GET.items() if name in form.fields and value}
    more = {**kept, "before": page[ENTRIES_ON_A_PAGE - 1].number} if len(page) > ENTRIES_ON_A_PAGE else {}
    context = {
        "form": form,
        "lines": [_line(entry) for entry in page[:ENTRIES_ON_A_PAGE]],
        "columns": [{"label": label} for label in (_("Time"), _("By"), _("What"), _("Before and after"))],
        "next_url": "?" + urlencode(more) if more else "",
        "first_url": "?" + urlencode(kept) if before else "",
        "export_query": urlencode(kept),
        "may_change": request.access.may(orgs.Permission.AUDIT_CHANGE),
    }
    return render(request, "compliance/record.html", context)


def _number(text: str) -> int | None:
    return int(text) if text.isdecimal() and len(text) < 19 else None


def _line(entry: AuditEntry) -> Line:
    return Line(
        entry=entry,
        actor_kind=str(ACTORS.get(entry.actor_kind, entry.actor_kind)),
        action=str(ACTIONS.get(entry.action, entry.action)),
        subject=str(SUBJECTS.get(entry.subject, entry.subject)),
        changes=tuple(_changes(entry)),
    )


def _changes(entry: AuditEntry) -> Iterator[tuple[str, str, str]]:
    before, after = entry.before or {}, entry.after or {}
    for name in sorted({*before, *after} - {"id", "organization_id"}):
        was, is_now = _text(before.get(name)), _text(after.get(name))
        if was or is_now:
            yield name, was, is_now


def _text(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return "" if value is None else str(value)


@orgs.organization_page(orgs.Permission.AUDIT)
def record_export(request: orgs.OrganizationRequest) -> HttpResponseBase:
    """Stream the record as CSV, with the hashes that prove it."""
    wanted = RecordForm(request.GET).wanted()
    services.record(
        action="export",
        organization_id=request.organization.pk,
        subject="compliance_record",
        query=request.GET.urlencode(),
    )
    header = ["number", "time", "actor_kind", "actor", "address", "request", "action", "subject", "subject_id",
              "before", "after", "previous", "hash"]  # fmt: skip
    lines = csv_lines(header, _rows(request.organization.pk, wanted))
    response = StreamingHttpResponse((line.encode() for line in lines), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{request.organization.slug}-record.csv"'
    return response


def _rows(organization_id: int, wanted: queries.Wanted) -> Iterator[Sequence[Cell]]:
    before = None
    while True:
        page = list(queries.entries(organization_id=organization_id, wanted=wanted, before=before)[:_EXPORTED_AT_ONCE])
        for one in page:
            yield (
                one.number, one.at.isoformat() if one.at else "", one.actor_kind, one.actor_name, one.address,
                one.request_id, one.action, one.subject, one.subject_id, _json(one.before), _json(one.after),
                one.previous, one.hash,
            )  # fmt: skip
        if len(page) < _EXPORTED_AT_ONCE:
            return
        before = page[-1].number


def _json(value: Any) -> str:
    return "" if value is None else json.dumps(value, ensure_ascii=False, sort_keys=True)
