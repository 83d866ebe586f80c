"""What the API about credit is asked, and what it answers."""

import json
from datetime import timedelta
from typing import Any

from rest_framework import serializers

import attribution as engine

DIMENSIONS = ("channel", "source", "medium", "campaign")
_HOUR, _DAY = timedelta(hours=1), timedelta(days=1)


class RulesQuery(serializers.Serializer):
    """By which rules; what is left out is the property's own."""

    goal = serializers.IntegerField(required=False, min_value=1, help_text="Id of a goal; the primary one.")
    method = serializers.ChoiceField(
        choices=[name for name in engine.METHODS if name != "custom"], required=False, help_text="The default method."
    )
    click = serializers.IntegerField(
        required=False, min_value=1, max_value=90 * 24, help_text="Lookback of clicks and visits in hours."
    )
    view = serializers.IntegerField(
        required=False, min_value=1, max_value=7 * 24, help_text="Lookback of views in hours."
    )

    def lookback(self, name: str) -> timedelta | None:
        """Return a lookback that was asked for."""
        hours = self.validated_data.get(name)
        return None if hours is None else hours * _HOUR


class WhatIfQuery(RulesQuery):
    """Which days of the property's time zone, under which rules, grouped by what."""

    # The name of the address, which Python has taken.
    vars()["from"] = serializers.DateField(help_text="First day.")
    to = serializers.DateField(help_text="Last day.")
    by = serializers.ChoiceField(choices=DIMENSIONS, default="channel")
    channel_rules = serializers.CharField(
        required=False,
        max_length=20_000,
        help_text='JSON: [{"channel": "Podcasts", "when": [["source", "starts_with", "pod-"]]}]. Tried on all days.',
    )

    def validate_channel_rules(self, text: str) -> engine.ChannelRules:
        """Read the rules."""
        try:
            return engine.ChannelRules.of(json.loads(text))
        except (ValueError, RecursionError) as error:
            raise serializers.ValidationError(f"These are no channel rules: {error}") from error

    def validate(self, given: dict[str, Any]) -> dict[str, Any]:
        """Refuse a period that ends before it begins, or is longer than ten years."""
        if not timedelta(0) <= given["to"] - given["from"] <= 3660 * _DAY:
            raise serializers.ValidationError({"to": "The period must end after it begins and span ten years at most."})
        return given


class TouchSerializer(serializers.Serializer):
    """One touchpoint with what it earned and why."""

    id = serializers.CharField()
    kind = serializers.ChoiceField(choices=[kind.value for kind in engine.TouchKind])
    touched_at = serializers.DateTimeField()
    age_ms = serializers.IntegerField(help_text="Before the conversion, in milliseconds.")
    channel = serializers.CharField()
    vars()["source"] = serializers.CharField()
    medium = serializers.CharField()
    campaign = serializers.CharField()
    share = serializers.FloatField(help_text="Of the conversion, 0 to 1.")
    amount = serializers.DecimalField(28, 4, help_text="Of the conversion's value, in its currency.")
    is_removed = serializers.BooleanField(help_text="Whether a rule took it out before credit was divided.")
    code = serializers.CharField(help_text="The rule that decided, for programs.")
    parameters = serializers.DictField(help_text="What the sentence names; times are in milliseconds.")
    text = serializers.CharField(help_text="The same as a sentence.")


class ExplanationSerializer(serializers.Serializer):
    """Why a conversion was credited as it was."""

    conversion_id = serializers.CharField()
    goal = serializers.CharField()
    goal_version = serializers.IntegerField()
    settings_version = serializers.IntegerField()
    converted_at = serializers.DateTimeField()
    value = serializers.DecimalField(28, 4)
    currency = serializers.CharField()
    order_id = serializers.CharField()
    is_refund = serializers.BooleanField()
    is_counted = serializers.BooleanField()
    method = serializers.CharField()
    rule = serializers.CharField(help_text="What the method does, as a sentence.")
    cannot_claim = serializers.CharField(help_text="What its figures do not show.")
    click_lookback_seconds = serializers.IntegerField()
    view_lookback_seconds = serializers.IntegerField()
    reason = serializers.CharField(help_text="Why nothing can be credited; empty when something was.")
    reason_text = serializers.CharField()
    counts_as = serializers.CharField(help_text="The channel of a conversion that nothing can be credited for.")
    touchpoints = TouchSerializer(many=True, help_text="All of the journey's, in order of time.")


class RulesSerializer(serializers.Serializer):
    """One side of a comparison."""

    goal = serializers.IntegerField()
    method = serializers.CharField()
    click_lookback_seconds = serializers.IntegerField()
    view_lookback_seconds = serializers.IntegerField()
    channel_rules = serializers.ListField(child=serializers.DictField())


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
    before = RulesSerializer()
    after = RulesSerializer()
    rows = WhatIfRowSerializer(many=True)
    unattributed = BothSidesSerializer()
    moves = MoveSerializer(many=True, allow_null=True, help_text="Null where the goals differ: nothing moves then.")
