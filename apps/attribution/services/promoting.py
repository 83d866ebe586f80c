"""Promotion of a what-if: rules that were tried become the rules of the property, as new versions (R10)."""

from datetime import datetime
from typing import Any

from django.db import transaction

from apps.attribution.domain.scenarios import RuleValues
from apps.attribution.models import ChannelRulesVersion, Promotion, Watermark
from apps.attribution.queries.channel_rules import channel_rules_of
from apps.attribution.queries.promotions import rule_values
from apps.attribution.services.goals import change_goal
from apps.orgs import api as orgs

_SETTINGS = {"method": "default_method", "click_lookback": "click_lookback", "view_lookback": "view_lookback"}


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
    if not changed and not reaches_back:
        raise NothingToPromote
    if settings := {_SETTINGS[name]: getattr(wanted, name) for name in changed & _SETTINGS.keys()}:
        orgs.change_settings(property_id=property_id, made_by=made_by, **settings)
    if "channel_rules" in changed or reaches_back:
        _add_channel_rules(property_id, wanted, made_by=made_by, applies_from=None if covers_past else now)
    if "goal" in changed:
        change_goal(property_id=property_id, goal_id=wanted.goal_id, made_by=made_by, is_primary=True)
    newest = Promotion.objects.filter(property_id=property_id).first()
    return Promotion.objects.create(
        property_id=property_id,
        number=newest.number + 1 if newest else 1,
        before=before.stored(),
        after=wanted.stored(),
        covers_past=covers_past,
        undoes=undoes,
        note=note[:200],
        made_by=made_by,
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
