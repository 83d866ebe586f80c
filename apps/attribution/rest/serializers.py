"""What the API about credit is asked, and what it answers."""

from datetime import timedelta

from rest_framework import serializers

import attribution as engine

_HOUR = timedelta(hours=1)


class RulesQuery(serializers.Serializer):
    """By which rules; what is left out is the property's own."""

    goal = serializers.IntegerField(required=False, min_value=1, help_text="Id of a goal; the primary one.")
    method = serializers.ChoiceField(
        choices=[*engine.METHODS, *engine.LEARNED], required=False, help_text="The default method."
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
