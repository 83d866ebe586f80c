"""Trainings of data-driven methods: what runs, what was found, and how to begin one."""

from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from apps.attribution import api as attribution
from apps.orgs import api as orgs
from apps.reports import fits, wording
from apps.reports.addresses import live_url, page_url
from apps.reports.rules import report_page
from apps.reports.training_rows import row_of
from apps.shared.htmx import render_page

LIST_PARTS, DETAIL_PARTS = ("trainings",), ("training",)
QUICK_FIRST = ("markov", "shapley", "incremental")  # one at a time is trained: the slow one keeps nobody waiting
_DAY = timedelta(days=1)


@report_page(needs=orgs.Permission.JOURNEYS)
def training_list(request: orgs.PropertyRequest) -> HttpResponse:
    """Show the trainings of a goal, how far they are, and what each method has learned."""
    _refuse_limited(request)
    info, goals = request.property, attribution.goals(request.property.id)
    goal = next((one for one in goals if str(one.id) == request.GET.get("goal")), goals[0] if goals else None)
    runs = attribution.trainings(info.id, goal_id=goal.id) if goal else []
    found = attribution.fits_in_force(info.id, goal_id=goal.id) if goal else {}
    active = {run.method for run in runs if run.is_active}
    context = {
        "goal": goal,
        "goal_options": [(one.id, one.name) for one in goals],
        "may_train": _may_train(request),
        "rows": [row_of(info, run) for run in runs],
        "is_active": bool(active),
        "columns": _columns(),
        "cards": [_card(info, name, found.get(name), is_active=name in active) for name in wording.LEARNED_TITLES],
        "moved_fits": fits.notice(info, found),
        "form": _form(request, goal),
        "live_url": live_url(info),
    }
    return render_page(request, "reports/trainings.html", context, parts=LIST_PARTS)


@report_page(needs=orgs.Permission.JOURNEYS)
def training_detail(request: orgs.PropertyRequest, training_id: int) -> HttpResponse:
    """Show one training: what it rests on, what it found, how well it fits, and what it cannot claim."""
    info, run = request.property, _training(request, training_id)
    before = attribution.training_before(info.id, training_id=training_id)
    rows = fits.share_rows(run, before)
    context = {
        "row": row_of(info, run),
        "run": run,
        "may_train": _may_train(request),
        "claim": wording.CLAIMS[run.method],
        "refusal": fits.refusal(run) if run.refusal else "",
        "trained_on": fits.trained_on(run) if run.has_succeeded else "",
        "notes": fits.notes(run),
        "shares": rows,
        "option": fits.chart(rows) if rows else {},
        "columns": _share_columns(has_before=before is not None),
        "before_url": page_url(info, "training-detail", str(before.id)) if before else "",
        "quality": fits.quality_rows(run),
        "is_unseen": bool(run.moves) and not run.is_move_seen,
        "moves": fits.moves(run),
        "list_url": f"{page_url(info, 'training-list')}?goal={run.goal_id}",
        "report_url": f"{page_url(info, 'overview')}?goal={run.goal_id}&method={run.method}",
        "live_url": live_url(info),
    }
    return render_page(request, "reports/training.html", context, parts=DETAIL_PARTS)


@report_page(needs=orgs.Permission.JOURNEYS)
@require_POST
def start_training(request: orgs.PropertyRequest) -> HttpResponse:
    """Ask for the training of one method, or of all of them."""
    _refuse_limited(request)
    if not _may_train(request):
        raise PermissionDenied
    info = request.property
    goal = next((one for one in attribution.goals(info.id) if str(one.id) == request.POST.get("goal")), None)
    if goal is None:
        raise Http404
    asked = request.POST.get("method", "")
    names = QUICK_FIRST if asked == "all" else (asked,)
    started = [name for name in names if _ask(request, goal.id, name)]
    if started:
        said = ngettext("%(count)s training has begun.", "%(count)s trainings have begun.", len(started))
        messages.success(request, said % {"count": len(started)})
    return redirect(f"{page_url(info, 'training-list')}?goal={goal.id}")


@report_page(needs=orgs.Permission.JOURNEYS)
@require_POST
def cancel_training(request: orgs.PropertyRequest, training_id: int) -> HttpResponse:
    """End a training that has not ended by itself."""
    run = _training(request, training_id)
    if not _may_train(request):
        raise PermissionDenied
    try:
        attribution.cancel_training(property_id=request.property.id, training_id=training_id, now=timezone.now())
    except attribution.TrainingOver:
        messages.info(request, _("The training had ended already."))
    return redirect(f"{page_url(request.property, 'training-list')}?goal={run.goal_id}")


@report_page(needs=orgs.Permission.JOURNEYS)
@require_POST
def see_move(request: orgs.PropertyRequest, training_id: int) -> HttpResponse:
    """Note that somebody has seen how shares moved."""
    run = _training(request, training_id)
    if not _may_train(request):
        raise PermissionDenied
    attribution.see_move(
        property_id=request.property.id, training_id=training_id, seen_by=request.user, now=timezone.now()
    )
    return redirect(page_url(request.property, "training-detail", str(run.id)))


def _ask(request: orgs.PropertyRequest, goal_id: int, method: str) -> bool:
    """Ask for one training and say why not where it cannot be."""
    info = request.property
    order = request.POST.get("order", "1")
    try:
        window = _window(request, goal_id)
        run = attribution.ask_training(
            property_id=info.id, goal_id=goal_id, method=method, window=window, asked_by=request.user,
            now=timezone.now(), order=int(order) if order.isascii() and order.isdigit() and len(order) < 3 else 0,
            **_transforms(request, method),
        )  # fmt: skip
    except attribution.TrainingUnderWay:
        name = {"method": wording.METHOD_TITLES[method]}
        messages.info(request, _("%(method)s is being trained already.") % name)
        return False
    except (attribution.BadTraining, ValueError, OverflowError):
        messages.error(
            request, _("Check the method, its options and the dates: the last day must not be before the first.")
        )
        return False
    transaction.on_commit(lambda: attribution.request_training(run.pk, info.id))
    return True


def _transforms(request: orgs.PropertyRequest, method: str) -> dict[str, Any]:
    """Return what becomes of paths first; the method that learns from single touchpoints has none."""
    if method == "incremental" and request.POST.get("method") == "all":
        return {}
    return {"repeats": request.POST.get("repeats") or "keep", "drops_direct": "drops_direct" in request.POST}


def _window(request: orgs.PropertyRequest, goal_id: int) -> tuple[datetime, datetime]:
    """Return the days that were asked for; raises ValueError when they are no days."""
    info = request.property
    first, last = request.POST.get("from", ""), request.POST.get("to", "")
    if not first and not last:
        return attribution.default_window(
            property_id=info.id, goal_id=goal_id, days=attribution.DEFAULT_DAYS, now=timezone.now()
        )
    zone = ZoneInfo(info.time_zone)
    begin, end = (datetime.combine(date.fromisoformat(one), time.min, tzinfo=zone) for one in (first, last))
    if not 2000 <= begin.year <= end.year <= 2100:
        raise attribution.BadTraining("out of range")
    return begin, end + _DAY


def _form(request: orgs.PropertyRequest, goal: attribution.GoalInfo | None) -> dict[str, Any]:
    if goal is None:
        return {}
    begin, end = attribution.default_window(
        property_id=request.property.id, goal_id=goal.id, days=attribution.DEFAULT_DAYS, now=timezone.now()
    )
    wanted = request.GET.get("method", "")
    return {
        "first": timezone.localtime(begin).date().isoformat(),
        "last": (timezone.localtime(end) - _DAY).date().isoformat(),
        "repeats": list(fits.REPEATS.items()),
        "methods": [("all", _("All three")), *wording.LEARNED_TITLES.items()],
        "method": wanted if wanted in wording.LEARNED_TITLES else "all",
        "orders": [(order, str(order)) for order in attribution.MARKOV_ORDERS],
    }


def _card(
    info: orgs.PropertyInfo, method: str, fit: attribution.TrainingInfo | None, *, is_active: bool
) -> dict[str, Any]:
    return {
        "title": wording.LEARNED_TITLES[method],
        "method": method,
        "claim": wording.CLAIMS[method],
        "trained_on": fits.trained_on(fit) if fit else "",
        "url": page_url(info, "training-detail", str(fit.id)) if fit else "",
        "is_active": is_active,
        "shares": fits.share_rows(fit, None)[:5] if fit else [],
    }


def _refuse_limited(request: orgs.PropertyRequest) -> None:
    """Refuse who is limited to some sources or countries: a fit tells of every channel."""
    if request.access.limits:
        raise PermissionDenied


def _training(request: orgs.PropertyRequest, training_id: int) -> attribution.TrainingInfo:
    _refuse_limited(request)
    try:
        return attribution.training(request.property.id, training_id=training_id)
    except attribution.UnknownTraining:
        raise Http404 from None


def _may_train(request: orgs.PropertyRequest) -> bool:
    return request.access.may(orgs.Permission.GOALS)


def _columns() -> list[dict[str, Any]]:
    words = [_("Training"), _("State"), _("Window"), _("Asked for")]
    return [
        *({"label": word} for word in words),
        {"label": _("Paths"), "is_numeric": True},
        {"label": _("Conversions"), "is_numeric": True},
        {"hidden_label": _("Actions")},
    ]


def _share_columns(*, has_before: bool) -> list[dict[str, Any]]:
    heads = [_("Share"), _("95 % interval"), *([_("The fit before")] if has_before else [])]
    return [{"label": _("Channel")}, *({"label": head, "is_numeric": True} for head in heads)]
