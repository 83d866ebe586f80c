"""What the API about breaches is asked, and what it answers."""

from rest_framework import serializers


class BreachQuery(serializers.Serializer):
    """Which breaches."""

    open = serializers.BooleanField(default=False, help_text="Only those that last.")


class BreachSerializer(serializers.Serializer):
    """One time that a stream fell silent, or came otherwise than usual."""

    id = serializers.IntegerField()
    expectation_id = serializers.IntegerField()
    name = serializers.CharField(source="expectation.name")
    kind = serializers.CharField(source="expectation.kind", help_text="freshness or volume.")
    begun_at = serializers.DateTimeField()
    ended_at = serializers.DateTimeField(allow_null=True)
    end = serializers.CharField(help_text="met, withdrawn, or empty while it lasts.")
    measured = serializers.FloatField(allow_null=True, help_text="Seconds of silence, or events, when it was noticed.")
    lowest = serializers.FloatField(allow_null=True)
    highest = serializers.FloatField(allow_null=True)
    newest_at = serializers.DateTimeField(allow_null=True, help_text="When the last event came.")
    seen_at = serializers.DateTimeField(allow_null=True, help_text="When somebody said to have seen the notice.")


class BreachMailSerializer(serializers.Serializer):
    """Whether the person who asks is mailed about breaches."""

    enabled = serializers.BooleanField()
