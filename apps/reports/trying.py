"""The rules that an address tries, beside those in force, and the figures of both."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from apps.attribution import api as attribution
from apps.orgs import api as orgs
from apps.reports import breakdown, wording
from apps.reports import what_if as figures
from apps.reports.domain import rule_rows
from apps.reports.frame import Frame, period_text
from apps.reports.queries import MOST_ROWS
from apps.reports.what_else import Else, read_else


@dataclass(frozen=True, slots=True)
class Tried:
    """The rules in force, the rules that an address tries, what is wrong with them, and what must be built for them."""

    frame: Frame
    now: attribution.RuleValues
    wanted: attribution.RuleValues
    rows: list[rule_rows.Row]
    are_rules_tried: bool
    problem: str
    more: Else
    trial: attribution.TrialInfo | None

    @property
    def sides(self) -> tuple[attribution.Scenario, attribution.Scenario]:
        """The two scenarios that are compared."""
        rules = self.wanted.channel_rules if self.are_rules_tried and not self.problem else None
        before, after = _scenario(self.now), replace(_scenario(self.wanted), channel_rules=rules)
        more = self.more
        return before, replace(
            after,
            overrides=self.wanted.overrides if more.overrides_are_tried else None,
            parameters=more.parameters,
            trial_id=self.trial.id if self.trial and self.trial.has_succeeded else None,
            has_own_conversions=more.trial is not None and more.trial.definition is not None,
        )

    @property
    def is_wrong(self) -> bool:
        """Whether something that was tried cannot be read."""
        return bool(self.problem or self.more.problems)

    @property
    def covers_past_matters(self) -> bool:
        """Whether what is tried can hold for the past or from now on."""
        return self.are_rules_tried or self.more.overrides_are_tried

    @property
    def awaits_trial(self) -> bool:
        """Whether figures cannot be shown before journeys, or weights, have been made for them."""
        return self.more.trial is not None and not (self.trial and self.trial.has_succeeded)

    @property
    def awaits_training(self) -> bool:
        """Whether one of the methods has learned nothing that could be shown."""
        has_own = bool(self.trial and self.trial.has_succeeded and self.trial.has_fit)
        return (self.frame.needs_training and not has_own) or (
            self.now.method in wording.LEARNED_TITLES and self.now.method not in self.frame.fits
        )


def read_tried(frame: Frame, request: orgs.PropertyRequest) -> Tried:
    """Return what an address tries; what cannot be read is named and left out."""
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
    wanted = replace(
        now,
        goal_id=frame.state.goal_id or now.goal_id,
        method=frame.state.method,
        click_lookback=frame.state.click_lookback,
        view_lookback=frame.state.view_lookback,
        channel_rules=rules,
    )
    tried_rules = rules if said is not None and not problem else None
    more = read_else(request, frame.state, now, wanted, tried_rules)
    trial = attribution.trial_of(frame.info.id, more.trial) if more.trial else None
    state = replace(frame.state, carried=(*rule_rows.parameters(said), *more.carried))
    return Tried(replace(frame, state=state), now, more.wanted, rows, said is not None, problem, more, trial)


def moved_figures(tried: Tried) -> dict[str, Any]:
    """Return what moves. All questions are asked at once; those about the rules in force are usually known."""
    frame, (before, after) = tried.frame, tried.sides
    state = frame.state
    asked: list[attribution.Asked[Any]] = []
    for ask in (_totals_asked, _credit_asked):
        asked += [ask(frame, side) for side in (before, after)]
    has_moves = before.goal_id == after.goal_id and not after.has_own_conversions
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
        "whole": figures.whole((totals_before, totals_after)),
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


def _move_columns() -> list[dict[str, Any]]:
    words = (
        (_("Gives"), False),
        (_("Takes"), False),
        (_("Conversions"), True),
        (_("Revenue"), True),
        (_("Spread over"), True),
    )
    return [{"label": label, "is_numeric": is_numeric} for label, is_numeric in words]


def _period(frame: Frame) -> tuple[datetime, datetime]:
    return frame.state.period.starts_at, frame.state.period.ends_at


def _totals_asked(frame: Frame, side: attribution.Scenario) -> attribution.Asked[Any]:
    return attribution.totals.asked(frame.info.id, period=_period(frame), **side.bounds())


def _credit_asked(frame: Frame, side: attribution.Scenario) -> attribution.Asked[Any]:
    return attribution.credit_by.asked(
        frame.info.id, period=_period(frame), dimension=frame.state.dimension, limit=MOST_ROWS, **side.question()
    )


def _scenario(values: attribution.RuleValues) -> attribution.Scenario:
    return attribution.Scenario(values.goal_id, values.method, values.click_lookback, values.view_lookback)
