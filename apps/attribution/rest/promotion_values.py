"""What the API about promotions is told, and what it answers."""

from rest_framework import serializers

from apps.attribution.rest.what_if_answer import RulesSerializer


class PromotionRequest(serializers.Serializer):
    """How the rules of a query are promoted."""

    seen = serializers.CharField(
        max_length=64, help_text="The `seen` of the what-if: with other rules in force by now, nothing is changed."
    )
    covers_past = serializers.BooleanField(
        default=False, help_text="Whether channel rules and lookback overrides hold for the past, too."
    )
    note = serializers.CharField(required=False, allow_blank=True, max_length=200, default="", help_text="Why.")


class PromotionSerializer(serializers.Serializer):
    """One promotion."""

    number = serializers.IntegerField()
    changed = serializers.ListField(child=serializers.CharField(), help_text="The names of what it changed.")
    before = RulesSerializer()
    after = RulesSerializer()
    covers_past = serializers.BooleanField()
    undoes = serializers.IntegerField(allow_null=True, help_text="The promotion that it took back.")
    undone_by = serializers.IntegerField(allow_null=True, help_text="The promotion that took it back.")
    note = serializers.CharField(allow_blank=True)
    made_by = serializers.CharField(allow_blank=True, help_text="Empty for a program: the record says which.")
    made_at = serializers.DateTimeField()
