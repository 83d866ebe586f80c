"""Other rules tried on the past, and made the rules of the property."""

import json
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from apps.attribution import api as attribution
from apps.orgs import api as orgs
from apps.reports import fits, what_else, wording
from apps.reports import what_if as figures
from apps.reports.addresses import live_url, page_url
from apps.reports.domain import rule_rows
from apps.reports.frame import Frame, controls, read_frame
from apps.reports.rules import report_page
from apps.reports.training_rows import STAGES
from apps.reports.trying import Tried, moved_figures, read_tried
from apps.reports.views.exports import csv_answer
from apps.reports.views.trials import training_window
from apps.shared.htmx import render_page

PARTS = ("report",)


@report_page
def what_if(request: orgs.PropertyRequest) -> HttpResponse:
    """Show how credit and money would move under other rules. Writes nothing."""
    frame = read_frame(request)
    if not frame.goals:
        return render_page(request, "reports/what_if.html", controls(frame, request) | {"is_empty": True}, parts=PARTS)
    tried = read_tried(frame, request)
    context = controls(tried.frame, request) | {
        "is_empty": False,
        "is_pending": attribution.are_channels_pending(frame.info.id),
        # Two rules are compared here, not two periods.
        "compared_text": "",
        "comparisons": [],
        "tried": tried,
        "rule_rows": rule_rows.with_spare(tried.rows),
        "rule_fields": [(name, wording.DIMENSIONS[name]) for name in ("source", "medium", "campaign", "channel")],
        "rule_operators": list(wording.RULE_OPERATORS.items()),
        "channels": list(wording.CHANNELS),
        "changes": figures.changes(tried.now, tried.wanted, frame.goals),
        "may_promote": _may_promote(request),
        "seen": json.dumps(tried.now.stored()),
        "exports": _exports(tried.frame),
        "promote_url": page_url(frame.info, "what-if-promote") + tried.frame.state.query(),
        "reset_url": request.path + frame.state.query(
            goal_id=tried.now.goal_id, method=tried.now.method, carried=(),
            click_lookback=tried.now.click_lookback, view_lookback=tried.now.view_lookback,
        ),
        "promotions": [_promotion(frame, one) for one in attribution.promotions(frame.info.id)],
        **_more(request, tried),
    }  # fmt: skip
    shown = {} if tried.awaits_trial or tried.awaits_training else moved_figures(tried)
    return render_page(request, "reports/what_if.html", context | shown, parts=PARTS)


@report_page(needs=orgs.Permission.EXPORT)
def what_if_export(request: orgs.PropertyRequest, table: str) -> HttpResponseBase:
    """Send one of the two tables as CSV: `breakdown` or `moves`."""
    frame = read_frame(request)
    if table not in ("breakdown", "moves") or not frame.goals:
        raise Http404
    tried = read_tried(frame, request)
    if tried.awaits_trial:
        raise Http404
    found, money = moved_figures(tried), f"{_('Revenue')} ({frame.currency})"
    if table == "moves":
        header = [_("Gives"), _("Takes"), _("Conversions"), money, _("Spread over")]
        moves = ((one.giver, one.taker, one.conversions, one.revenue, one.touched) for one in found["moves"])
        return csv_answer(tried.frame, "what-if-moves", header, moves)
    sides = [f"{word}, {side}" for word in (_("Conversions"), money) for side in (_("before"), _("after"))]
    lines = ((one.title, *one.conversions, *one.revenue) for one in (*found["lines"], found["whole"]))
    return csv_answer(tried.frame, "what-if", [str(wording.DIMENSIONS[frame.state.dimension]), *sides], lines)


@report_page(needs=orgs.Permission.SETTINGS)
@require_POST
def promote(request: orgs.PropertyRequest) -> HttpResponse:
    """Make the rules that the address tries the rules of the property."""
    frame = read_frame(request)
    if not frame.goals:
        raise Http404
    tried, back = read_tried(frame, request), page_url(frame.info, "what-if")
    if tried.is_wrong:
        messages.error(request, " ".join([tried.problem, *tried.more.problems.values()]).strip())
        return HttpResponseRedirect(back + tried.frame.state.query())
    try:
        made = attribution.promote(
            property_id=frame.info.id,
            made_by=request.user,
            seen=_seen(request.POST.get("seen", "")),
            wanted=tried.wanted,
            covers_past="covers_past" in request.POST,
            note=request.POST.get("note", "").replace("\x00", "").strip(),
            now=timezone.now(),
        )
    except (attribution.RulesMovedOn, ValueError, KeyError, TypeError, AttributeError):
        messages.error(request, _("Somebody changed the rules meanwhile. Look at the figures again."))
        return HttpResponseRedirect(back + tried.frame.state.query())
    except attribution.NothingToPromote:
        messages.info(request, _("These are the rules already."))
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
        return HttpResponseRedirect(back + tried.frame.state.query())
    else:
        _follow(request, tried)
        messages.success(request, _("Promotion %(number)d holds from now on.") % {"number": made.number})
    return HttpResponseRedirect(back)


@report_page(needs=orgs.Permission.SETTINGS)
@require_POST
def undo(request: orgs.PropertyRequest, number: int) -> HttpResponse:
    """Promote again what held before a promotion."""
    info = request.property
    try:
        made = attribution.undo_promotion(property_id=info.id, number=number, made_by=request.user, now=timezone.now())
    except attribution.UnknownPromotion:
        raise Http404 from None
    except attribution.NothingToPromote:
        messages.info(request, _("These are the rules already."))
    else:
        _build_soon(info.id)
        messages.success(
            request,
            _("Promotion %(number)d brought back what held before promotion %(undone)d.")
            % {"number": made.number, "undone": number},
        )
    return HttpResponseRedirect(page_url(info, "what-if"))


def _more(request: orgs.PropertyRequest, tried: Tried) -> dict[str, Any]:
    """Return what the page shows of what else is tried, and how far the trial is."""
    query, trial = tried.frame.state.query(), tried.trial
    return {
        "more": tried.more,
        "parameter_fields": what_else.parameter_fields(tried.more),
        "lookback_rows": attribution.with_spare_rows(tried.more.rows),
        "repeats_options": list(fits.REPEATS.items()),
        "order_options": [(str(order), str(order)) for order in attribution.MARKOV_ORDERS],
        "trial": trial,
        "trial_stage": STAGES[trial.stage] if trial else "",
        "trial_refusal": fits.REFUSALS.get(trial.refusal, trial.error) if trial and trial.refusal else "",
        "trial_url": page_url(tried.frame.info, "trial-start") + query,
        "trial_cancel_url": page_url(tried.frame.info, "trial-cancel", str(trial.id)) + query if trial else "",
        "may_try": request.access.may(orgs.Permission.GOALS) and not request.access.limits,
        "live_url": live_url(tried.frame.info) if trial and trial.is_active else "",
    }


def _follow(request: orgs.PropertyRequest, tried: Tried) -> None:
    """Have done what the promoted rules need: a build, and a training where the method was trained under them."""
    training = tried.more.trial.training if tried.more.trial else None
    attribution.follow_promotion(
        tried.frame.info.id, tried.wanted.goal_id, training, asked_by=request.user, now=timezone.now(),
        window=training_window(tried) if training else None,
    )  # fmt: skip


def _exports(frame: Frame) -> dict[str, str]:
    query = frame.state.query()
    return {name: page_url(frame.info, "what-if-export", name) + query for name in ("breakdown", "moves")}


def _promotion(frame: Frame, one: attribution.PromotionInfo) -> dict[str, Any]:
    return {
        "it": one,
        "changes": figures.changes(one.before, one.after, frame.goals),
        "undo_url": page_url(frame.info, "what-if-undo", str(one.number)) if one.undone_by is None else "",
    }


def _seen(text: str) -> attribution.RuleValues:
    return attribution.RuleValues.of(json.loads(text))


def _build_soon(property_id: int) -> None:
    transaction.on_commit(lambda: attribution.request_build(property_id))


def _may_promote(request: orgs.PropertyRequest) -> bool:
    """Tell whether the reader may change the settings of the property."""
    return request.access.may(orgs.Permission.SETTINGS)
