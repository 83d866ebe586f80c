"""What a question of what-if means: both sides, and what must be built for it."""

from dataclasses import dataclass, replace
from typing import Any

from rest_framework.request import Request

from apps.attribution import queries
from apps.attribution.domain.scenarios import RuleValues, Scenario
from apps.attribution.domain.trials import TrialInfo, TrialRules
from apps.attribution.rest.asking import goal_in_use
from apps.attribution.rest.what_if_query import WhatIfQuery
from apps.orgs import api as orgs


@dataclass(frozen=True, slots=True)
class Asked:
    """Both sides of a question, and what must be built for it."""

    now: RuleValues
    wanted: RuleValues
    given: dict[str, Any]
    trial: TrialRules | None

    def after(self, trial: TrialInfo | None) -> Scenario:
        """Return the scenario that is tried."""
        given = self.given
        return replace(
            scenario_of(self.wanted),
            channel_rules=given.get("channel_rules"),
            overrides=given.get("overrides"),
            parameters=given.get("parameters"),
            trial_id=trial.id if trial else None,
            has_own_conversions=self.trial is not None and self.trial.definition is not None,
        )


def read_asked(request: Request, info: orgs.PropertyInfo) -> Asked:
    """Return what a query asks. Raises ValidationError."""
    asked = WhatIfQuery(data=request.query_params)
    asked.is_valid(raise_exception=True)
    given = asked.validated_data
    goal_in_use(info.id, None)
    now = queries.rule_values(info.id)
    goal_id = goal_in_use(info.id, given.get("goal", now.goal_id))
    method = given.get("method", now.method)
    asked.read_parameters(method)
    definition, gap = asked.definition(dict(now.definitions[goal_id])), asked.tried_gap(now.visit_gap)
    wanted = replace(
        now,
        goal_id=goal_id,
        method=method,
        click_lookback=asked.lookback("click") or now.click_lookback,
        view_lookback=asked.lookback("view") or now.view_lookback,
        channel_rules=given.get("channel_rules", now.channel_rules),
        visit_gap=gap or now.visit_gap,
        overrides=given.get("overrides", now.overrides),
        parameters=now.parameters
        if given.get("parameters") is None
        else {**(now.parameters or {}), method: given["parameters"]},
        definitions=now.definitions if definition is None else {**now.definitions, goal_id: definition},
    )
    training = asked.training(info.id, method, wanted.click_lookback, wanted.view_lookback)
    rules = TrialRules(goal_id, definition, gap, training)
    return Asked(now, wanted, given, rules if rules.is_needed else None)


def scenario_of(values: RuleValues) -> Scenario:
    return Scenario(values.goal_id, values.method, values.click_lookback, values.view_lookback)
