"""The settings of a property as cases are judged under them."""

from collections.abc import Mapping
from dataclasses import replace

import attribution as engine
from apps.attribution.domain.cases import PRODUCT_SETTINGS, CaseSettings
from apps.attribution.domain.goals import Rule, rule_of
from apps.attribution.domain.method_parameters import spec_of
from apps.attribution.models import Goal
from apps.attribution.queries.channel_rules import channel_rules_of
from apps.attribution.queries.event_reading import identity_rules_of
from apps.attribution.queries.versioned_rules import lookback_versions, parameters_in_force
from apps.orgs import api as orgs


def case_settings(info: orgs.PropertyInfo) -> tuple[CaseSettings, Mapping[str, Rule]]:
    """Return what holds for cases that say nothing else, and the goals in use by name.

    The channel rules are the newest ones, for touchpoints of any time: a case asks what holds from now on.
    """
    goals = _goals(info.id)
    rules = info.rules
    parameters = parameters_in_force(info.id).get(rules.default_method, {})
    settings = CaseSettings(
        goal=next(iter(goals.values()), PRODUCT_SETTINGS.goal),
        method=spec_of(rules.default_method, parameters),
        lookbacks=engine.Lookbacks(
            click=rules.click_lookback, view=rules.view_lookback, overrides=lookback_versions(info.id).newest
        ),
        visit_gap=rules.visit_gap,
        currency=info.currency,
        own_domains=frozenset(rules.own_domains),
        referrer_exclusions=engine.DEFAULT_REFERRER_EXCLUSIONS | frozenset(rules.referrer_exclusions),
        campaign_opens=rules.campaign_opens,
        click_ids=rules.click_ids,
        identity=identity_rules_of(info.id)[0],
        channel_rules=(replace(channel_rules_of(info.id).newest, applies_from=None),),
    )
    return settings, goals


def _goals(property_id: int) -> dict[str, Rule]:
    """Return the rules of the goals in use by name, the primary one first."""
    rows = Goal.objects.filter(property_id=property_id, is_archived=False).select_related("milestone")
    return {row.name: _rule(row, row.milestone) for row in rows}


def _rule(goal: Goal, milestone: Goal | None) -> Rule:
    return rule_of(goal.pk, goal.version, goal.definition(), _rule(milestone, None) if milestone else None)
