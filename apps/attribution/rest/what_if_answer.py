"""What the API about what-if answers."""

from typing import Any

from rest_framework import serializers

from apps.attribution.domain.lookbacks import stored_overrides
from apps.attribution.domain.scenarios import RuleValues


class RulesSerializer(serializers.Serializer):
    """One side of a comparison."""

    goal = serializers.IntegerField()
    method = serializers.CharField()
    click_lookback_seconds = serializers.IntegerField()
    view_lookback_seconds = serializers.IntegerField()
    channel_rules = serializers.ListField(child=serializers.DictField())
    visit_gap_seconds = serializers.FloatField(allow_null=True)
    overrides = serializers.ListField(child=serializers.DictField(), help_text="Lookbacks in hours.")
    parameters = serializers.DictField(help_text="Of the method, where they are not those by default.")
    definition = serializers.DictField(allow_null=True, help_text="Of the goal; null where it was not kept.")


class TrialSerializer(serializers.Serializer):
    """How far a trial is."""

    id = serializers.IntegerField()
    status = serializers.ChoiceField(choices=["queued", "running", "succeeded", "refused", "failed", "canceled"])
    stage = serializers.CharField()
    progress = serializers.IntegerField(help_text="Of 100.")
    is_stale = serializers.BooleanField(help_text="Whether events have arrived, or rules have changed, since.")
    refusal = serializers.CharField(help_text="Why the method cannot tell, by a code.")
    error = serializers.CharField()
    asked_at = serializers.DateTimeField()
    finished_at = serializers.DateTimeField(allow_null=True)


class SideSerializer(serializers.Serializer):
    """What one key gets on one side."""

    conversions = serializers.FloatField()
    revenue = serializers.DecimalField(28, 4)


class BothSidesSerializer(serializers.Serializer):
    """What is unattributed on both sides."""

    before = SideSerializer()
    after = SideSerializer()


class WhatIfRowSerializer(BothSidesSerializer):
    """One key on both sides."""

    key = serializers.CharField()


class MoveSerializer(serializers.Serializer):
    """What one key gives to another; null is what is unattributed."""

    giver = serializers.CharField(allow_null=True)
    taker = serializers.CharField(allow_null=True)
    conversions = serializers.FloatField()
    revenue = serializers.DecimalField(28, 4)
    touched = serializers.IntegerField(help_text="In how many conversions.")


class WhatIfSerializer(serializers.Serializer):
    """How credit and money would move."""

    currency = serializers.CharField()
    seen = serializers.CharField(help_text="Names the rules in force, for a promotion.")
    before = RulesSerializer()
    after = RulesSerializer()
    rows = WhatIfRowSerializer(many=True)
    unattributed = BothSidesSerializer()
    total = BothSidesSerializer(help_text="What rows and the unattributed add up to.")
    trial = TrialSerializer(allow_null=True, help_text="The trial whose journeys the right side is read from.")
    moves = MoveSerializer(
        many=True, allow_null=True, help_text="Null where the conversions are others: nothing moves then."
    )


def rules_said(values: RuleValues) -> dict[str, Any]:
    """Return one side of a comparison as `RulesSerializer` answers it."""
    return {
        "goal": values.goal_id,
        "method": values.method,
        "click_lookback_seconds": values.click_lookback.total_seconds(),
        "view_lookback_seconds": values.view_lookback.total_seconds(),
        "channel_rules": values.channel_rules.stored(),
        "visit_gap_seconds": values.visit_gap.total_seconds() if values.visit_gap else None,
        "overrides": stored_overrides(values.overrides or ()),
        "parameters": (values.parameters or {}).get(values.method, {}),
        "definition": values.definitions.get(values.goal_id),
    }
