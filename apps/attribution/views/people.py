"""Who is who: a person by one of their ids, why those are theirs, and who is kept apart."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

import attribution as engine
from apps.attribution import queries, services, tasks
from apps.attribution.domain.people import NothingToPart, Pair, PersonDetail
from apps.attribution.forms import IdentityRulesForm
from apps.attribution.models import IdentityVersion
from apps.attribution.wording import ACTS, OUTCOMES, RULES, in_words
from apps.orgs import api as orgs
from apps.shared.clickhouse import QueryTooLarge, StoreUnavailable

PREVIEW_DAYS = 90
SHOWN_VERSIONS = 30


@orgs.property_page(orgs.Permission.EVENTS)
def people(request: orgs.PropertyRequest) -> HttpResponse:
    """Show the person of an id."""
    asked = request.GET.get("id", "").strip()
    context: dict[str, Any] = {
        "asked": asked,
        "may_change": request.access.may(orgs.Permission.IDENTITY),
        "versions": _versions(request),
        "part_url": _url(request, "person-part"),
        "id_columns": _columns(_("Id"), _("First seen"), _("Last seen"), numeric=[_("Events")], hidden=_("Keep apart")),
        "join_columns": _columns(
            _("When"), _("Ids"), _("Rule"), _("Event"), _("What came of it"), hidden=_("Keep apart")
        ),
        "journey_columns": _columns(_("When"), _("Conversion"), numeric=[_("Touchpoints"), _("Value")]),
    }
    try:
        context |= _found(request, asked) if asked else {}
    except queries.UnknownPerson:
        context["is_unknown"] = True
    except (StoreUnavailable, QueryTooLarge):
        context["is_away"] = True
    return render(request, "attribution/people.html", context)


@orgs.property_page(orgs.Permission.IDENTITY)
def part(request: orgs.PropertyRequest) -> HttpResponse:
    """Show what would move if ids were kept apart, and keep them apart."""
    asked = request.GET.get("id", "").strip()
    try:
        person = queries.person(request.property.id, asked)
        pairs = _pairs(person, request)
    except (queries.UnknownPerson, NothingToPart):
        messages.error(request, _("Nothing joins these ids any more."))
        return HttpResponseRedirect(f"{_url(request, 'person-list')}?{urlencode({'id': asked})}")
    if request.method == "POST":
        return _keep_apart(request, asked, pairs)
    now = queries.reading_rules(request.property.id)
    context: dict[str, Any] = {"asked": asked, "person": person, "pairs": pairs, "days": PREVIEW_DAYS}
    try:
        wanted = replace(now, identity=now.identity.with_apart(pairs))
        context["preview"] = in_words(queries.preview(request.property.id, wanted=wanted, period=_period(), of=person))
    except queries.TooManyPersons:
        context["problem"] = _("More persons would change than a preview can show.")
    except (StoreUnavailable, QueryTooLarge):
        context["problem"] = _("The preview cannot be computed at the moment. The ids can be kept apart all the same.")
    context["back_url"] = f"{_url(request, 'person-list')}?{urlencode({'id': asked})}"
    return render(request, "attribution/part.html", context)


@orgs.property_page(orgs.Permission.SETTINGS_READ)
def rules(request: orgs.PropertyRequest) -> HttpResponse:
    """Show which ids are nobody's, and change it or show first what would move."""
    may_change = request.access.may(orgs.Permission.IDENTITY)
    if request.method == "POST" and not may_change:
        raise PermissionDenied
    now, version = queries.identity_rules_of(request.property.id)
    sent = request.POST if request.method == "POST" else None
    form = IdentityRulesForm(sent, rules=now, seen=version)
    context: dict[str, Any] = {"form": form, "may_change": may_change, "days": PREVIEW_DAYS}
    status = 200
    if form.is_bound and not form.is_valid():
        status = 422
    elif form.is_bound and "preview" in request.POST:
        context |= _preview(request, form)
    elif form.is_bound and _saved(request, form):
        return HttpResponseRedirect(_url(request, "person-rules"))
    context |= {"versions": _versions(request), "default_ids": sorted(engine.DEFAULT_IGNORED_IDS), "rules": now}
    return render(request, "attribution/identity_rules.html", context, status=status)


@orgs.property_page(orgs.Permission.IDENTITY)
@require_POST
def undo(request: orgs.PropertyRequest, number: int) -> HttpResponse:
    """Take a change of rules about ids back."""
    try:
        services.undo_identity(property_id=request.property.id, version=number, made_by=request.user)
    except services.UnknownIdentityVersion:
        raise Http404 from None
    except services.NothingToChange:
        messages.info(request, _("The rules in force say so already."))
    else:
        _build_soon(request)
        messages.success(request, _("Change %(number)d is taken back. Reports follow it soon.") % {"number": number})
    return HttpResponseRedirect(_url(request, "person-rules"))


def _found(request: orgs.PropertyRequest, asked: str) -> dict[str, Any]:
    person = queries.person(request.property.id, asked)
    return {
        "person": person,
        "joins": [{"it": one, "rule": RULES[one.rule], "outcome": OUTCOMES[one.outcome.value]} for one in person.joins],
        "is_nobody": not person.ids and not person.joins,
    }


def _pairs(person: PersonDetail, request: orgs.PropertyRequest) -> tuple[Pair, ...]:
    """Return which ids the address asks to keep apart: an id, what an event joined, or all joins after an instant."""
    if key := request.GET.get("split", ""):
        return person.pairs_of_id(key)
    if message_id := request.GET.get("event", ""):
        return person.pairs_of_join(message_id)
    try:
        instant = parse_datetime(request.GET.get("after", ""))
    except ValueError:
        instant = None
    if instant is None:
        raise NothingToPart
    return person.pairs_after(instant if instant.tzinfo else timezone.make_aware(instant))


def _keep_apart(request: orgs.PropertyRequest, asked: str, pairs: tuple[Pair, ...]) -> HttpResponse:
    back = HttpResponseRedirect(f"{_url(request, 'person-list')}?{urlencode({'id': asked})}")
    try:
        services.keep_apart(
            property_id=request.property.id,
            made_by=request.user,
            seen=int(request.POST.get("version", "-1")) if request.POST.get("version", "").isdigit() else -1,
            pairs=pairs,
            note=request.POST.get("note", ""),
        )
    except services.RulesMovedOn:
        messages.error(request, _("Somebody changed the rules meanwhile. Look at the figures again."))
    except services.NothingToChange:
        messages.info(request, _("The rules in force say so already."))
    except engine.BadIdentityRulesError:
        messages.error(request, _("The property keeps as many ids apart as it can."))
    else:
        _build_soon(request)
        messages.success(request, _("These ids stay apart from now on. Reports follow it soon."))
    return back


def _preview(request: orgs.PropertyRequest, form: IdentityRulesForm) -> dict[str, Any]:
    wanted = replace(queries.reading_rules(request.property.id), identity=form.rules)
    try:
        preview = queries.preview(request.property.id, wanted=wanted, period=_period())
        return {"preview": in_words(preview), "is_previewed": True}
    except queries.TooManyPersons:
        return {"problem": _("More persons would change than a preview can show.")}
    except (StoreUnavailable, QueryTooLarge):
        return {"problem": _("The preview cannot be computed at the moment.")}


def _saved(request: orgs.PropertyRequest, form: IdentityRulesForm) -> bool:
    said = form.cleaned_data
    try:
        made = services.change_identity_rules(
            property_id=request.property.id,
            made_by=request.user,
            seen=said["version"],
            ignored_ids=said["ignored_ids"],
            most_users=said["most_users"],
            note=said["note"],
        )
    except services.RulesMovedOn:
        form.add_error(None, _("Somebody else changed the settings meanwhile. Look at them and save again."))
        return False
    except services.NothingToChange:
        messages.info(request, _("Nothing was changed."))
    else:
        _build_soon(request)
        messages.success(request, _("Saved as version %(version)d.") % {"version": made.version})
    return True


def _versions(request: orgs.PropertyRequest) -> list[dict[str, Any]]:
    rows = IdentityVersion.objects.filter(property_id=request.property.id).select_related("made_by", "undoes")
    may_change = request.access.may(orgs.Permission.IDENTITY)
    return [
        {
            "it": row,
            "act": ACTS[row.act],
            "undone_by": [one.version for one in row.undone_by.all()],
            "undo_url": _url(request, "person-undo", number=row.version) if may_change else "",
        }
        for row in rows.prefetch_related("undone_by")[:SHOWN_VERSIONS]
    ]


def _columns(*labels: str, numeric: list[str] | None = None, hidden: str = "") -> list[dict[str, Any]]:
    columns: list[dict[str, Any]] = [{"label": label} for label in labels]
    columns += [{"label": label, "is_numeric": True} for label in numeric or []]
    return [*columns, {"hidden_label": hidden, "is_numeric": True}] if hidden else columns


def _period() -> tuple[datetime, datetime]:
    now = timezone.now()
    return now - timedelta(days=PREVIEW_DAYS), now + timedelta(days=1)


def _build_soon(request: orgs.PropertyRequest) -> None:
    property_id = request.property.id
    transaction.on_commit(lambda: tasks.request_build(property_id))


def _url(request: orgs.PropertyRequest, name: str, **more: Any) -> str:
    info = request.property
    scope = {"organization": info.organization_slug, "property": info.slug}
    return reverse(f"attribution:{name}", kwargs={**scope, **more})
