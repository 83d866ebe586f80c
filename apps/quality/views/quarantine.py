"""Quarantine: search, look, fix, replay, discard, and how far a release is."""

from datetime import timedelta
from typing import Any
from urllib.parse import unquote, urlencode

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from apps.ingestion import api as ingestion
from apps.orgs import api as orgs
from apps.quality import queries, services, tasks
from apps.quality.domain.rules import BadRule
from apps.quality.forms import DiscardForm, FixForm, SearchForm
from apps.quality.forms.quarantine import STATES
from apps.quality.forms.sentences import said_of_end
from apps.quality.models import FixRule, Release
from apps.quality.queries.quarantine import ON_A_PAGE, Selection
from apps.quality.views.page import quality_page
from apps.shared.htmx import render_page

SHOWN_RELEASES = 10
_LONGEST = timedelta(days=3660)
_TONES = {"waiting": "warn", "failed_again": "bad", "under_way": "accent", "replayed": "good", "discarded": ""}


@quality_page(orgs.Permission.EVENTS)
def quarantine(request: orgs.PropertyRequest) -> HttpResponse:
    """Search, and act on what was found."""
    now = timezone.now()
    names = queries.names_of(request.property.id)
    sent = request.POST if request.method == "POST" else request.GET
    form = SearchForm(sent, info=request.property, reasons=_reasons(request), expectations=names)
    selection = form.selection(now=now)
    if not request.access.may(orgs.Permission.EVENTS_PERSONAL):
        selection = selection._replace(text="")  # what must not be seen must not be guessed by searching either
    fix, discard = FixForm(), DiscardForm()
    context: dict[str, Any] = {}
    status = 200
    if request.method == "POST":
        chosen = tuple(_chosen(request)[:ON_A_PAGE]) or selection.message_ids
        done, fix, discard, context = _act(request, selection._replace(message_ids=chosen))
        if done is not None:
            return done
        status = 200 if "fix_preview" in context else 422
    page = int(text) if (text := sent.get("page", "1")).isascii() and text.isdigit() and len(text) < 6 else 1
    states = queries.states(request.property.id, selection)
    total = states.get(selection.state, 0) if selection.state else sum(states.values())
    rows = queries.found(request.property.id, selection, page=page)
    context |= {
        "search": form,
        "fix": fix,
        "discard": discard,
        "rows": [_shown(request, row) for row in rows],
        "columns": [
            {"hidden_label": _("Chosen")},
            *({"label": one} for one in (_("Message"), _("Event"), _("Why"), _("Received"), _("State"))),
        ],
        "total": total,
        "waiting": sum(states.get(one, 0) for one in ("waiting", "failed_again")),
        "discarded": states.get("discarded", 0),
        "page": page,
        "previous_url": _page_url(request, page - 1) if page > 1 else "",
        "next_url": _page_url(request, page + 1) if page * ON_A_PAGE < total else "",
        "may_release": request.access.may(orgs.Permission.QUARANTINE),
        "may_change": request.access.may(orgs.Permission.QUALITY),
        "releases": Release.objects.filter(property_id=request.property.id)[:SHOWN_RELEASES],
        "release_columns": [{"label": one} for one in (_("Release"), _("State"), _("Events"), _("Asked"))],
        "fixes": queries.fixes_of(request.property.id),
        "fix_columns": [
            *({"label": one} for one in (_("Kept fix"), _("Field"), _("State"))),
            {"hidden_label": _("Actions")},
        ],
        "chosen": set(_chosen(request)),
    }
    return render(request, "quality/quarantine.html", context, status=status)


@quality_page(orgs.Permission.EVENTS)
def item(request: orgs.PropertyRequest) -> HttpResponse:
    """Show one event that is or was in quarantine, whole."""
    now = timezone.now()
    message_id = request.GET.get("id", "").replace("\0", "")[:512]
    if "id" not in request.GET:
        return redirect("quality:quarantine", request.property.organization_slug, request.property.slug)
    row = queries.item(request.property.id, message_id=message_id, since=now - _LONGEST, until=now + timedelta(days=2))
    if row is None:
        raise Http404
    names = queries.names_of(request.property.id)
    run = Release.objects.filter(property_id=request.property.id, pk=row.release_id).first()
    sees = request.access.may(orgs.Permission.EVENTS_PERSONAL)
    context = {
        "shown": _shown(request, row),
        "release": run,
        "payload": services.pretty(row.payload.encode()) if sees else _masked(row.payload),
        "expectations": [names[one] for one in row.expectations if one in names],
        "find_url": _find_url(request, row.message_id),
    }
    return render(request, "quality/item.html", context)


@quality_page(orgs.Permission.EVENTS)
def release(request: orgs.PropertyRequest, release_id: int) -> HttpResponse:
    """Show how far a release is."""
    row = get_object_or_404(Release, property_id=request.property.id, pk=release_id)
    may_undo = row.kind == Release.Kind.DISCARD and request.access.may(orgs.Permission.QUARANTINE)
    context = {
        "row": row,
        "fix_action": dict(FixRule.Action.choices).get(row.fix["action"], "") if row.fix else "",
        "is_active": row.is_active(),
        "may_take_back": may_undo and not row.is_active(),
    }
    return render_page(request, "quality/release.html", context, parts=("release",))


@quality_page(orgs.Permission.QUARANTINE)
@require_POST
def take_back(request: orgs.PropertyRequest, release_id: int) -> HttpResponse:
    """Have everything wait again that a release has discarded."""
    info = request.property
    row = get_object_or_404(Release, property_id=info.id, pk=release_id, kind=Release.Kind.DISCARD)
    try:
        row = services.take_back(run=row, asked_by=request.user, now=timezone.now())
        transaction.on_commit(lambda: tasks.request_release(row.pk, info.id))
    except services.NothingWaits:
        messages.info(request, _("Nothing that it discarded is discarded still."))
    return redirect("quality:release", info.organization_slug, info.slug, row.pk)


@quality_page(orgs.Permission.QUALITY)
@require_POST
def change_fix(request: orgs.PropertyRequest, fix_id: int) -> HttpResponse:
    """Switch a kept fix on or off, or keep it no longer."""
    row = get_object_or_404(queries.fixes_of(request.property.id), pk=fix_id)
    if "remove" in request.POST:
        services.remove_fix(property_id=request.property.id, fix_id=row.pk)
        messages.success(request, _("“%(name)s” is kept no longer.") % {"name": row.name})
    else:
        services.switch_fix(property_id=request.property.id, fix_id=row.pk, is_on=not row.is_on)
    return redirect("quality:quarantine", request.property.organization_slug, request.property.slug)


Acted = tuple[HttpResponse | None, FixForm, DiscardForm, dict[str, Any]]


def _act(request: orgs.PropertyRequest, selection: Selection) -> Acted:
    """Do what a button asks for; return an answer, or the forms as they were sent and what is wrong."""
    if not request.access.may(orgs.Permission.QUARANTINE):
        raise PermissionDenied
    asked = request.POST.get("do", "")
    fix = FixForm(request.POST if asked in ("fix", "preview") else None)
    discard = DiscardForm(request.POST if asked == "discard" else None)
    answer: HttpResponse | None = None
    context: dict[str, Any] = {"problem": _("Correct the fields that are marked below.")}
    try:
        if asked == "preview" and fix.is_valid():
            context = {"fix_preview": _preview(request, selection, fix)}
        elif asked == "discard" and discard.is_valid():
            answer = _release(request, "discard", selection, None, discard.cleaned_data["note"])
        elif asked == "fix" and fix.is_valid() and _keep(request, fix):
            answer = _release(request, "replay", selection, fix.fix(), "")
        elif asked in ("replay", "restore"):
            answer = _release(request, asked, selection, None, "")
    except services.NothingWaits:
        none_discarded = _("Nobody has discarded an event of this selection.")
        is_back = asked == "restore"
        context = {"problem": none_discarded if is_back else _("No event of this selection waits in quarantine.")}
    except BadRule as error:
        context = {"problem": str(error)}
    return answer, fix, discard, context


def _release(
    request: orgs.PropertyRequest, kind: str, selection: Selection, fix: dict[str, Any] | None, note: str
) -> HttpResponse:
    info = request.property
    row = services.ask_release(
        property_id=info.id, kind=kind, selection=selection, fix=fix, note=note, asked_by=request.user,
        now=timezone.now(),
    )  # fmt: skip
    transaction.on_commit(lambda: tasks.request_release(row.pk, info.id))
    return redirect("quality:release", info.organization_slug, info.slug, row.pk)


def _preview(request: orgs.PropertyRequest, selection: Selection, fix: FixForm) -> dict[str, Any]:
    changed, looked_at, some = services.preview_fix(property_id=request.property.id, selection=selection, fix=fix.fix())
    if not request.access.may(orgs.Permission.EVENTS_PERSONAL):
        some = [one._replace(before=_masked(one.before), after=_masked(one.after)) for one in some]
    return {"changed": changed, "of": looked_at, "some": some}


def _masked(payload: str) -> str:
    return services.pretty(ingestion.masked_json(payload).encode())


def _keep(request: orgs.PropertyRequest, fix: FixForm) -> bool:
    """Keep a fix where that is asked for; only who may change quality may."""
    if not fix.cleaned_data["is_kept"]:
        return True
    if not request.access.may(orgs.Permission.QUALITY):
        raise PermissionDenied
    values = {"name": fix.cleaned_data["name"], **fix.fix()}
    try:
        services.add_fix(property_id=request.property.id, made_by=request.user, **values)
    except ValidationError as error:
        fix.add_error(None, error.messages)
        return False
    return True


def _reasons(request: orgs.PropertyRequest) -> list[str]:
    now = timezone.now()
    return queries.reasons(request.property.id, since=now - timedelta(days=365), until=now + timedelta(days=1))


def _shown(request: orgs.PropertyRequest, row: queries.Item) -> dict[str, Any]:
    info = request.property
    sees = request.access.may(orgs.Permission.EVENTS_PERSONAL)
    detail = row.detail if sees else ingestion.masked_text(row.detail)
    return {
        "item": row,
        "title": row.name if row.kind == "track" else row.kind,
        "state": dict(STATES).get(row.state, row.state),
        "tone": _TONES.get(row.state, ""),
        "why": said_of_end(detail) or ingestion.said_of_reason(row.reason) or row.reason,
        "url": f"{_address(info)}/quality/quarantine/item/?{urlencode({'id': row.message_id})}",
    }


def _chosen(request: orgs.PropertyRequest) -> list[str]:
    """Return the ids that are ticked; forms change line breaks, so that the page escapes what it asks with."""
    return list(map(unquote, request.POST.getlist("chosen")))


def _page_url(request: orgs.PropertyRequest, page: int) -> str:
    query = request.GET.copy()
    query["page"] = str(page)
    return f"?{query.urlencode()}"


def _address(info: orgs.PropertyInfo) -> str:
    return f"/o/{info.organization_slug}/p/{info.slug}"


def _find_url(request: orgs.PropertyRequest, message_id: str) -> str:
    return f"{_address(request.property)}/events/?{urlencode({'message_id': message_id})}"
