"""What operations about persons take and return."""

from typing import Any

from rest_framework import serializers

import attribution as engine
from apps.attribution.domain.people import LONGEST_ID
from apps.attribution.rest.what_if_answer import MoveSerializer

_MOST_PAIRS = 500


class PersonQuery(serializers.Serializer[Any]):
    """Whose person is asked for."""

    id = serializers.CharField(
        max_length=LONGEST_ID + 2, help_text="A user id or an anonymous id; u: or a: may stand before it."
    )


class KnownIdSerializer(serializers.Serializer[Any]):
    """An id of a person."""

    key = serializers.CharField(help_text="a: and an anonymous id, or u: and a user id.")
    events = serializers.IntegerField()
    first_at = serializers.DateTimeField(allow_null=True)
    last_at = serializers.DateTimeField(allow_null=True)


class JoinSerializer(serializers.Serializer[Any]):
    """Two ids that came together, by their earliest event."""

    id = serializers.CharField()
    user = serializers.CharField()
    rule = serializers.ChoiceField(choices=["login", "alias"])
    joined_at = serializers.DateTimeField()
    message_id = serializers.CharField()
    outcome = serializers.ChoiceField(choices=[one.value for one in engine.JoinOutcome])


class FedJourneySerializer(serializers.Serializer[Any]):
    """A conversion of a person."""

    conversion_id = serializers.CharField()
    goal_id = serializers.IntegerField()
    converted_at = serializers.DateTimeField()
    value = serializers.DecimalField(max_digits=18, decimal_places=4)
    currency = serializers.CharField()
    touchpoints = serializers.IntegerField()
    is_refund = serializers.BooleanField()


class PersonSerializer(serializers.Serializer[Any]):
    """A person."""

    key = serializers.CharField(help_text="The id that names the person.")
    version = serializers.IntegerField(help_text="Of the rules about ids in force.")
    ids = KnownIdSerializer(many=True)
    joins = JoinSerializer(many=True)
    journeys = FedJourneySerializer(many=True)
    has_more = serializers.BooleanField()


class ApartRequest(serializers.Serializer[Any]):
    """Which ids to keep apart."""

    version = serializers.IntegerField(help_text="Of the rules that were looked at.")
    pairs = serializers.ListField(
        child=serializers.ListField(child=serializers.CharField(max_length=LONGEST_ID + 2), min_length=2, max_length=2),
        min_length=1,
        max_length=_MOST_PAIRS,
    )
    note = serializers.CharField(max_length=200, required=False, allow_blank=True, default="")
    is_trial = serializers.BooleanField(default=False, help_text="Only say what would move.")


class PreviewSerializer(serializers.Serializer[Any]):
    """What would move in the conversions of the last 90 days."""

    examined = serializers.IntegerField()
    changed = serializers.IntegerField()
    moves = MoveSerializer(many=True)


class ApartAnswer(serializers.Serializer[Any]):
    """The version that was made, or with `is_trial` the one in force, and what moves."""

    version = serializers.IntegerField()
    preview = PreviewSerializer(allow_null=True)


class IdentityVersionSerializer(serializers.Serializer[Any]):
    """One change of the rules about ids."""

    version = serializers.IntegerField()
    act = serializers.CharField()
    pairs = serializers.ListField(child=serializers.ListField(child=serializers.CharField()))
    note = serializers.CharField()
    undoes = serializers.IntegerField(allow_null=True)
    made_at = serializers.DateTimeField()


class IdentityRulesSerializer(serializers.Serializer[Any]):
    """The rules about ids in force, and the latest changes."""

    version = serializers.IntegerField()
    ignored_ids = serializers.ListField(child=serializers.CharField())
    default_ignored_ids = serializers.ListField(child=serializers.CharField())
    most_users = serializers.IntegerField()
    apart = serializers.ListField(child=serializers.ListField(child=serializers.CharField()))
    changes = IdentityVersionSerializer(many=True)
