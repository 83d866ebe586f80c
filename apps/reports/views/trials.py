"""Trials of a what-if: journeys built anew, and a method trained, before anybody decides."""

from datetime import datetime

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from apps.attribution import api as attribution
from apps.orgs import api as orgs
from apps.reports.addresses import page_url
from apps.reports.frame import read_frame
from apps.reports.rules import report_page
from apps.reports.trying import Tried, read_tried


@report_page(needs=orgs.Permission.GOALS)
@require_POST
def start_trial(request: orgs.PropertyRequest) -> HttpResponse:
    """Have journeys built, and a method trained, under the rules that the address tries."""
    frame = read_frame(request)
    if not frame.goals or request.access.limits:
        raise Http404
    tried = read_tried(frame, request)
    back = page_url(frame.info, "what-if") + tried.frame.state.query()
    if tried.is_wrong or tried.more.trial is None:
        messages.error(request, " ".join([tried.problem, *tried.more.problems.values()]).strip() or _("Try something."))
        return HttpResponseRedirect(back)
    row = attribution.ask_trial(
        property_id=frame.info.id,
        rules=tried.more.trial,
        window=training_window(tried),
        asked_by=request.user,
        now=timezone.now(),
    )
    transaction.on_commit(lambda: attribution.request_trial(row.pk, frame.info.id))
    return HttpResponseRedirect(back)


@report_page(needs=orgs.Permission.GOALS)
@require_POST
def cancel_trial(request: orgs.PropertyRequest, trial_id: int) -> HttpResponse:
    """End a trial that has not ended by itself."""
    info = request.property
    try:
        attribution.trial(info.id, trial_id=trial_id)
        attribution.cancel_trial(property_id=info.id, trial_id=trial_id, now=timezone.now())
    except attribution.UnknownTrial:
        raise Http404 from None
    except attribution.TrialOver:
        messages.info(request, _("It had ended already."))
    return HttpResponseRedirect(page_url(info, "what-if") + read_frame(request).state.query())


def training_window(tried: Tried) -> tuple[datetime, datetime]:
    """Return the days to train on: those of the fit in force, else the usual ones."""
    fit = tried.frame.fits.get(tried.wanted.method)
    if fit:
        return fit.window_from, fit.window_to
    return attribution.default_window(
        property_id=tried.frame.info.id, goal_id=tried.now.goal_id, days=attribution.DEFAULT_DAYS, now=timezone.now()
    )
