"""Other rules tried on the past, and made the rules of the property."""

import json
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from apps.attribution import api as attribution
from apps.orgs import api as orgs
from apps.reports import breakdown, wording
from apps.reports import what_if as figures
from apps.reports.addresses import page_url
from apps.reports.domain import rule_rows
from apps.reports.frame import Frame, controls, period_text, read_frame
from apps.reports.queries import MOST_ROWS
from apps.reports.rules import report_page
from apps.reports.views.exports import csv_answer
from apps.shared.htmx import render_page

PARTS = ("report",)


@dataclass(frozen=True, slots=True)
class Tried:
    """The rules in force, the rules that an address tries, and what is wrong with its channel rules."""

    frame: Frame
    now: attribution.RuleValues
    wanted: attribution.RuleValues
    rows: list[rule_rows.Row]
    are_rules_tried: bool
    problem: str

    @property
    def sides(self) -> tuple[attribution.Scenario, attribution.Scenario]:
        """The two scenarios that are compared."""
        rules = self.wanted.channel_rules if self.are_rules_tried and not self.problem else None
        return _scenario(self.now, None), _scenario(self.wanted, rules)


@report_page
def what_if(request: orgs.PropertyRequest) -> HttpResponse:
    """Show how credit and money would move under other rules. Writes nothing."""
    frame = read_frame(request)
    if not frame.goals:
        return render_page(request, "reports/what_if.html", controls(frame, request) | {"is_empty": True}, parts=PARTS)
    tried = _tried(frame, request)
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
        "exports": {
            name: page_url(frame.info, "what-if-export", name) + tried.frame.state.query() for name in ("rows", "moves")
        },
        "promote_url": page_url(frame.info, "what-if-promote") + tried.frame.state.query(),
        "reset_url": request.path + frame.state.query(
            goal_id=tried.now.goal_id, method=tried.now.method, carried=(),
            click_lookback=tried.now.click_lookback, view_lookback=tried.now.view_lookback,
        ),
        "promotions": [_promotion(frame, one) for one in attribution.promotions(frame.info.id)],
    }  # fmt: skip
    return render_page(request, "reports/what_if.html", context | _figures(tried), parts=PARTS)


@report_page
def what_if_export(request: orgs.PropertyRequest, table: str) -> HttpResponseBase:
    """Send one of the two tables as CSV: `rows` or `moves`."""
    frame = read_frame(request)
    if table not in ("rows", "moves") or not frame.goals:
        raise Http404
    tried = _tried(frame, request)
    found, money = _figures(tried), f"{_('Revenue')} ({frame.currency})"
    if table == "moves":
        header = [_("Gives"), _("Takes"), _("Conversions"), money, _("Spread over")]
        moves = ((one.giver, one.taker, one.conversions, one.revenue, one.touched) for one in found["moves"])
        return csv_answer(tried.frame, "what-if-moves", header, moves)
    sides = [f"{word}, {side}" for word in (_("Conversions"), money) for side in (_("before"), _("after"))]
    lines = ((one.title, *one.conversions, *one.revenue) for one in found["lines"])
    return csv_answer(tried.frame, "what-if", [str(wording.DIMENSIONS[frame.state.dimension]), *sides], lines)


@report_page
@require_POST
def promote(request: orgs.PropertyRequest) -> HttpResponse:
    """Make the rules that the address tries the rules of the property."""
    if not _may_promote(request):
        raise PermissionDenied
    frame = read_frame(request)
    if not frame.goals:
        raise Http404
    tried, back = _tried(frame, request), page_url(frame.info, "what-if")
    if tried.problem:
        messages.error(request, tried.problem)
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
    except (attribution.RulesMovedOn, ValueError, KeyError, TypeError):
        messages.error(request, _("Somebody changed the rules meanwhile. Look at the figures again."))
        return HttpResponseRedirect(back + tried.frame.state.query())
    except attribution.NothingToPromote:
        messages.info(request, _("These are the rules already."))
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
        return HttpResponseRedirect(back + tried.frame.state.query())
    else:
        _build_soon(frame.info.id)
        messages.success(request, _("Promotion %(number)d holds from now on.") % {"number": made.number})
    return HttpResponseRedirect(back)


@report_page
@require_POST
def undo(request: orgs.PropertyRequest, number: int) -> HttpResponse:
    """Promote again what held before a promotion."""
    if not _may_promote(request):
        raise PermissionDenied
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


def _tried(frame: Frame, request: orgs.PropertyRequest) -> Tried:
    now = attribution.rule_values(frame.info.id)
    said = rule_rows.read_rows({name: request.GET.getlist(name) for name in rule_rows.NAMES})
    rows: list[rule_rows.Row] = list(attribution.rows_of_rules(now.channel_rules))
    rows = rows if said is None else said
    rules, problem = now.channel_rules, ""
    if said is not None:
        try:
            rules = attribution.rules_of_rows(said)
        except attribution.BadRules as error:
            number, code = error.args
            words = wording.RULE_PROBLEMS[code]
            problem = _("Line %(number)d of the channel rules: %(words)s.") % {"number": number, "words": words}
    state = replace(frame.state, carried=rule_rows.parameters(said))
    wanted = replace(
        now,
        goal_id=state.goal_id or now.goal_id,
        method=state.method,
        click_lookback=state.click_lookback,
        view_lookback=state.view_lookback,
        channel_rules=rules,
    )
    return Tried(replace(frame, state=state), now, wanted, rows, said is not None, problem)


def _scenario(values: attribution.RuleValues, rules: attribution.ChannelRules | None) -> attribution.Scenario:
    return attribution.Scenario(values.goal_id, values.method, values.click_lookback, values.view_lookback, rules)


def _figures(tried: Tried) -> dict[str, Any]:
    """Return what moves. All questions are asked at once; those about the rules in force are usually known."""
    frame, (before, after) = tried.frame, tried.sides
    state = frame.state
    asked: list[attribution.Asked[Any]] = []
    for ask in (_totals_asked, _credit_asked):
        asked += [ask(frame, side) for side in (before, after)]
    has_moves = before.goal_id == after.goal_id
    if has_moves:
        asked.append(
            attribution.credit_moves.asked(
                frame.info.id, before=before, after=after, period=_period(frame), dimension=state.dimension
            )
        )
    totals_before, totals_after, credit_before, credit_after, *rest = attribution.together(*asked)
    listed = figures.moves(state, rest[0]) if rest else []
    return {
        "lines": figures.lines(state, (credit_before, totals_before), (credit_after, totals_after)),
        "tabs": breakdown.tabs(state),
        "moves": listed,
        "has_moves": has_moves,
        "option": figures.chart(listed),
        "move_columns": _move_columns(),
        "moved": sum(one.conversions for one in listed),
        "moved_revenue": sum(abs(one.revenue) for one in listed),
        "totals": totals_before,
        "totals_after": totals_after,
        "has_conversions": bool(totals_before.conversions or totals_after.conversions),
        "longest_url": state.query(),
        "shown_period": period_text(state.period),
        "dimension_title": wording.DIMENSIONS[state.dimension],
    }


def _period(frame: Frame) -> tuple[datetime, datetime]:
    return frame.state.period.starts_at, frame.state.period.ends_at


def _totals_asked(frame: Frame, side: attribution.Scenario) -> attribution.Asked[Any]:
    return attribution.totals.asked(frame.info.id, period=_period(frame), **side.bounds())


def _credit_asked(frame: Frame, side: attribution.Scenario) -> attribution.Asked[Any]:
    return attribution.credit_by.asked(
        frame.info.id, period=_period(frame), dimension=frame.state.dimension, limit=MOST_ROWS, **side.question()
    )


def _move_columns() -> list[dict[str, Any]]:
    words = (
        (_("Gives"), False),
        (_("Takes"), False),
        (_("Conversions"), True),
        (_("Revenue"), True),
        (_("Spread over"), True),
    )
    return [{"label": label, "is_numeric": is_numeric} for label, is_numeric in words]


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
    return orgs.has_role(organization_id=request.property.organization_id, user=request.user, least=orgs.Role.ADMIN)
