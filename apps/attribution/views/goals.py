"""Goals: the list, and one of them to make or to change."""

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from apps.attribution import queries, services, tasks
from apps.attribution.domain.goals import rule_of
from apps.attribution.domain.results import SeenEvent
from apps.attribution.forms import GoalForm
from apps.attribution.models import Goal
from apps.orgs import api as orgs
from apps.shared.clickhouse import QueryTooLarge, StoreUnavailable
from apps.shared.htmx import render_page

PREVIEW_DAYS = 30
SHOWN_EVENTS = 12
SHOWN_VERSIONS = 20


@orgs.property_page(orgs.Permission.SETTINGS_READ)
def goals(request: orgs.PropertyRequest) -> HttpResponse:
    """List the goals in use."""
    rows = Goal.objects.filter(property_id=request.property.id, is_archived=False)
    columns = [{"label": label} for label in (_("Goal"), _("Events"), _("Counting"), _("State"))]
    context = {
        "goals": rows,
        "columns": columns,
        "may_change": _may_change(request),
        "seen": _seen(request),
        "seen_columns": [
            {"label": _("Event")},
            {"label": _("Events"), "is_numeric": True},
            {"label": _("With money"), "is_numeric": True},
            {"hidden_label": _("Goal"), "is_numeric": True},
        ],
        "taken": {goal.event_name for goal in rows},
        "days": PREVIEW_DAYS,
    }
    return render(request, "attribution/goals.html", context)


@orgs.property_page(orgs.Permission.GOALS)
def add_goal(request: orgs.PropertyRequest) -> HttpResponse:
    """Make a goal, or show first how many events would meet it."""
    return _edit(request, None)


@orgs.property_page(orgs.Permission.SETTINGS_READ)
def change_goal(request: orgs.PropertyRequest, goal_id: int) -> HttpResponse:
    """Change a goal, or show first how many events would meet it."""
    return _edit(request, get_object_or_404(Goal, property_id=request.property.id, pk=goal_id, is_archived=False))


@orgs.property_page(orgs.Permission.GOALS)
@require_POST
def archive_goal(request: orgs.PropertyRequest, goal_id: int) -> HttpResponse:
    """Take a goal out of use."""
    get_object_or_404(Goal, property_id=request.property.id, pk=goal_id, is_archived=False)
    goal = services.archive_goal(property_id=request.property.id, goal_id=goal_id, made_by=request.user)
    messages.success(request, _("“%(name)s” is archived.") % {"name": goal.name})
    return _to_list(request)


def _edit(request: orgs.PropertyRequest, goal: Goal | None) -> HttpResponse:
    may_change = _may_change(request)
    is_preview = "preview" in request.POST
    if request.method == "POST" and not may_change:
        raise PermissionDenied
    sent = request.POST if request.method == "POST" else None
    named = {"name": request.GET.get("event", ""), "event_name": request.GET.get("event", "")} if goal is None else {}
    form = GoalForm(sent, property_id=request.property.id, goal=goal, initial=named)
    if form.is_bound and form.is_valid() and not is_preview and _save(request, goal, form):
        return _to_list(request)
    context: dict[str, Any] = {
        "form": form,
        "goal": goal,
        "may_change": may_change,
        "days": PREVIEW_DAYS,
        "seen": _seen(request),
        "versions": goal.versions.select_related("made_by")[:SHOWN_VERSIONS] if goal else (),
    }
    if is_preview:
        context |= _preview(request, form)
    page = render_page(request, "attribution/goal.html", context, parts=("goal_preview",))
    page.status_code = 422 if form.is_bound and not is_preview else 200
    return page


def _save(request: orgs.PropertyRequest, goal: Goal | None, form: GoalForm) -> bool:
    property_id = request.property.id
    try:
        if goal is None:
            saved = services.create_goal(property_id=property_id, made_by=request.user, **form.values())
        else:
            saved = services.change_goal(
                property_id=property_id, goal_id=goal.pk, made_by=request.user, **form.values()
            )
    except ValidationError as error:
        form.add_error(None, error.messages)
        return False
    transaction.on_commit(lambda: tasks.request_build(property_id))
    messages.success(request, _("“%(name)s” is saved. Reports follow it within moments.") % {"name": saved.name})
    return True


def _preview(request: orgs.PropertyRequest, form: GoalForm) -> dict[str, Any]:
    """Return how many events of the last days meet the goal as the form describes it."""
    if not form.is_valid():
        return {"preview_problem": _("Complete the fields above to see how many events meet the goal.")}
    values = form.values()
    values["milestone"] = None
    draft = Goal(property_id=request.property.id, **values)
    since = timezone.now() - timedelta(days=PREVIEW_DAYS)
    try:
        met = queries.events_meeting(request.property.id, rule_of(0, 0, draft.definition()), since=since)
    except (StoreUnavailable, QueryTooLarge):
        return {"preview_problem": _("The events cannot be counted at the moment. The goal can be saved all the same.")}
    return {"preview": met}


def _seen(request: orgs.PropertyRequest) -> list[SeenEvent]:
    """Return the events that may be worth a goal; none for who may not see events, or when the store is silent."""
    if not request.access.may(orgs.Permission.EVENTS):
        return []
    since = timezone.now() - timedelta(days=PREVIEW_DAYS)
    try:
        return queries.seen_events(request.property.id, since=since, most=SHOWN_EVENTS)
    except (StoreUnavailable, QueryTooLarge):
        return []


def _may_change(request: orgs.PropertyRequest) -> bool:
    return request.access.may(orgs.Permission.GOALS)


def _to_list(request: orgs.PropertyRequest) -> HttpResponse:
    info = request.property
    return redirect("attribution:goal-list", organization=info.organization_slug, property=info.slug)
