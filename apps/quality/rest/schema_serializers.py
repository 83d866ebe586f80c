"""What the API about schemas answers."""

from rest_framework import serializers

from apps.quality.models import Drift


class DriftSerializer(serializers.Serializer):
    """One way in which the events of the last day differ from their schema."""

    kind = serializers.ChoiceField(choices=Drift.Kind.values)
    vars()["field"] = serializers.CharField()
    detail = serializers.CharField()
    share = serializers.FloatField(help_text="Of the events of the last day, 0 to 1.")
    first_seen_at = serializers.DateTimeField()
    last_seen_at = serializers.DateTimeField()


class SchemaSerializer(serializers.Serializer):
    """One version of the shape of an event's properties, without the fields."""

    id = serializers.IntegerField()
    kind = serializers.CharField(help_text="track, page, screen, identify or group.")
    name = serializers.CharField(help_text="Of what is tracked; empty for other kinds.")
    version = serializers.IntegerField()
    events = serializers.IntegerField(help_text="How many events it was learned from.")
    learned_from = serializers.DateTimeField()
    learned_to = serializers.DateTimeField()
    made_at = serializers.DateTimeField()


class FieldShapeSerializer(serializers.Serializer):
    """One field of a schema."""

    path = serializers.CharField()
    types = serializers.ListField(child=serializers.CharField())
    share = serializers.FloatField(help_text="Of the events that have it, 0 to 1.")
    values = serializers.ListField(child=serializers.CharField(), help_text="Where they are few; empty: any.")


class WholeSchemaSerializer(SchemaSerializer):
    """One version with its fields and with what differs from it."""

    is_newest = serializers.BooleanField(help_text="Whether this version is in force.")
    fields_seen = FieldShapeSerializer(many=True)
    drifts = DriftSerializer(many=True)
