"""What the API says about access and properties."""

from rest_framework import serializers


class LimitsSerializer(serializers.Serializer):
    """The part of the figures that may be read; empty is all of it."""

    sources = serializers.ListField(child=serializers.CharField())
    countries = serializers.ListField(child=serializers.CharField())


class AccessSerializer(serializers.Serializer):
    """Who asks, and what they may do."""

    kind = serializers.ChoiceField(choices=["person", "key"])
    name = serializers.CharField()
    organization = serializers.CharField(allow_null=True)
    permissions = serializers.ListField(child=serializers.CharField())
    limits = LimitsSerializer()
    expires_at = serializers.DateTimeField(allow_null=True)


class PropertySerializer(serializers.Serializer):
    """A property."""

    id = serializers.IntegerField()
    organization = serializers.CharField()
    slug = serializers.CharField()
    name = serializers.CharField()
    currency = serializers.CharField()
    time_zone = serializers.CharField()
    region = serializers.CharField(help_text="Which region keeps its events; empty where there is only one.")
