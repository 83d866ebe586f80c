"""Promotion of a what-if: rules that were tried become the rules of the property, as new versions (R10)."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction

from apps.attribution.domain.lookbacks import stored_overrides
from apps.attribution.domain.method_parameters import read_all
from apps.attribution.domain.scenarios import RuleValues
from apps.attribution.models import ChannelRulesVersion, Promotion, RulesVersion, Watermark
from apps.attribution.queries.channel_rules import channel_rules_of
from apps.attribution.queries.promotions import rule_values
from apps.attribution.queries.versioned_rules import lookback_versions
from apps.attribution.services.goals import change_goal
from apps.attribution.services.versioned_rules import add_rules
from apps.orgs import api as orgs

_SETTINGS = {
    "method": "default_method",
    "click_lookback": "click_lookback",
    "view_lookback": "view_lookback",
    "visit_gap": "visit_gap",
}
_DEFINED = ("kind", "event_name", "filters", "value_field", "counting")

Topic = RulesVersion.Topic


class NothingToPromote(Exception):
    """The rules in force are those already."""


class RulesMovedOn(Exception):
    """Somebody changed the rules since they were looked at."""


class UnknownPromotion(LookupError):
    """The property has no such promotion, or it was undone before."""


@transaction.atomic
def promote(
    *,
    property_id: int,
    made_by: Any,
    seen: RuleValues,
    wanted: RuleValues,
    covers_past: bool,
    now: datetime,
    note: str = "",
) -> Promotion:
    """Make *wanted* the rules of a property; with *covers_past* its channel rules hold for older touchpoints too.

    *seen* are the rules that the person saw in force: when others are by now, nothing is changed and RulesMovedOn is
    raised. Also raises NothingToPromote, Goal.DoesNotExist, and ValidationError for a lookback out of its range.
    """
    _queue(property_id)
    before = rule_values(property_id)
    if before.differences(seen):
        raise RulesMovedOn
    return _promote(property_id, before, wanted, made_by=made_by, covers_past=covers_past, note=note, now=now)


@transaction.atomic
def undo_promotion(*, property_id: int, number: int, made_by: Any, now: datetime) -> Promotion:
    """Promote again what held before a promotion. Raises UnknownPromotion or NothingToPromote."""
    _queue(property_id)
    undone = Promotion.objects.filter(property_id=property_id, number=number, undone_by=None).first()
    if undone is None:
        raise UnknownPromotion(number)
    return _promote(
        property_id,
        rule_values(property_id),
        RuleValues.of(undone.before),
        made_by=made_by,
        covers_past=undone.covers_past,
        undoes=undone,
        now=now,
    )


def _queue(property_id: int) -> None:
    """Let one promotion of a property wait for another."""
    Watermark.objects.get_or_create(property_id=property_id)
    Watermark.objects.select_for_update().get(property_id=property_id)


def _promote(
    property_id: int,
    before: RuleValues,
    wanted: RuleValues,
    *,
    made_by: Any,
    covers_past: bool,
    now: datetime,
    note: str = "",
    undoes: Promotion | None = None,
) -> Promotion:
    changed = set(wanted.differences(before))
    reaches_back = covers_past and not _covers_past(property_id, wanted)
    has_older_lookbacks = covers_past and not _lookbacks_cover_past(property_id, wanted)
    if not (changed or reaches_back or has_older_lookbacks):
        raise NothingToPromote
    if settings := {_SETTINGS[name]: getattr(wanted, name) for name in changed & _SETTINGS.keys()}:
        orgs.change_settings(property_id=property_id, made_by=made_by, **_own(property_id, settings, undoes))
    if "channel_rules" in changed or reaches_back:
        _add_channel_rules(property_id, wanted, made_by=made_by, applies_from=None if covers_past else now)
    if "overrides" in changed or has_older_lookbacks:
        overrides = stored_overrides(wanted.overrides or ())
        applies_from = None if covers_past else now
        add_rules(property_id, Topic.OVERRIDES, overrides, made_by=made_by, applies_from=applies_from, note=note)
    if "parameters" in changed:
        add_rules(property_id, Topic.PARAMETERS, read_all(wanted.parameters), made_by=made_by, note=note)
    for goal_id in (redefined := wanted.redefined(before)):
        change_goal(property_id=property_id, goal_id=goal_id, made_by=made_by, **_fields(wanted.definitions[goal_id]))
    if "goal" in changed:
        change_goal(property_id=property_id, goal_id=wanted.goal_id, made_by=made_by, is_primary=True)
    newest = Promotion.objects.filter(property_id=property_id).first()
    return Promotion.objects.create(
        property_id=property_id,
        number=newest.number + 1 if newest else 1,
        before=_kept(before, redefined).stored(),
        after=_kept(wanted, redefined).stored(),
        covers_past=covers_past,
        undoes=undoes,
        note=note[:200],
        made_by=made_by,
    )


def _own(property_id: int, settings: dict[str, Any], undoes: Promotion | None) -> dict[str, Any]:
    """Return what the property says itself: an undoing leaves to its organization again what that says."""
    click, view = orgs.property_by_id(property_id).rules.common_lookbacks
    common = {"click_lookback": click, "view_lookback": view}
    return {name: None if undoes and value == common.get(name) else value for name, value in settings.items()}


def _kept(values: RuleValues, goals: list[int]) -> RuleValues:
    """Return rules with the definitions of some goals alone, so that an undoing leaves the others as they are."""
    return replace(values, definitions={goal: values.definitions[goal] for goal in goals})


def _fields(definition: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of a goal that a definition sets."""
    fixed = definition.get("fixed_value")
    return {
        **{name: definition[name] for name in _DEFINED},
        "fixed_value": None if fixed is None else Decimal(fixed),
        "milestone_id": definition.get("milestone"),
        "decides": definition.get("decides", ""),
    }


def _lookbacks_cover_past(property_id: int, wanted: RuleValues) -> bool:
    """Tell whether the lookback overrides that are wanted hold for the whole past already."""
    versions = lookback_versions(property_id).versions
    if wanted.overrides is None or not versions:
        return not wanted.overrides
    return versions[0].applies_from is None and stored_overrides(versions[0].overrides) == stored_overrides(
        wanted.overrides
    )


def _covers_past(property_id: int, wanted: RuleValues) -> bool:
    """Tell whether the channel rules that are wanted hold for the whole past already."""
    versions = channel_rules_of(property_id).versions
    if not versions:
        return not wanted.channel_rules.rules
    return versions[0].applies_from is None and versions[0].rules == wanted.channel_rules.rules


def _add_channel_rules(property_id: int, wanted: RuleValues, *, made_by: Any, applies_from: datetime | None) -> None:
    ChannelRulesVersion.objects.create(
        property_id=property_id,
        version=channel_rules_of(property_id).version + 1,
        rules=wanted.channel_rules.stored(),
        applies_from=applies_from,
        made_by=made_by,
    )
