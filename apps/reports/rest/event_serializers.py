"""The shapes of the API about single events."""

from rest_framework import serializers

from apps.ingestion import api as ingestion
from apps.reports.event_search import BY, KINDS, STATES

_MOST = 200


class EventsQuery(serializers.Serializer):
    """Which events are asked for; what is left out asks for all."""

    q = serializers.CharField(
        required=False, trim_whitespace=False, help_text="An id, of the kind that `by` says, as it was sent."
    )
    by = serializers.ChoiceField(choices=[one for one in BY if one], required=False, help_text="Default: any id.")
    state = serializers.ChoiceField(choices=STATES, required=False)
    kind = serializers.ChoiceField(choices=KINDS, required=False)
    name = serializers.CharField(required=False, help_text="Any part of the name.")
    stream = serializers.IntegerField(required=False, min_value=1)
    text = serializers.CharField(required=False, help_text="Anywhere in ids, addresses and content.")
    since = serializers.DateTimeField(required=False)
    until = serializers.DateTimeField(required=False)
    cursor = serializers.CharField(default="")
    limit = serializers.IntegerField(default=50, min_value=1, max_value=_MOST)


class EventQuery(serializers.Serializer):
    """Which event."""

    message_id = serializers.CharField(
        trim_whitespace=False, max_length=ingestion.LONGEST_ID, help_text="As it was sent, to the last space."
    )


class EventSummary(serializers.Serializer):
    """One event of the list."""

    message_id = serializers.CharField(help_text="Empty for what was refused for want of consent.")
    state = serializers.CharField()
    reason = serializers.CharField()
    detail = serializers.CharField()
    kind = serializers.CharField()
    name = serializers.CharField()
    received_at = serializers.DateTimeField()
    stream = serializers.CharField()
    who = serializers.CharField(help_text="User id, else anonymous id; hidden without `events.personal`.")
    page_path = serializers.CharField()
    channel = serializers.CharField()
    vars()["source"] = serializers.CharField()  # a serializer has a `source` of its own
    value = serializers.DecimalField(max_digits=18, decimal_places=4, allow_null=True)
    currency = serializers.CharField()
    country = serializers.CharField()
    device = serializers.CharField()


class EventPage(serializers.Serializer):
    """A page of events, newest first."""

    events = EventSummary(many=True)
    next_cursor = serializers.CharField(help_text="Empty on the last page.")


class StageSerializer(serializers.Serializer):
    """One stage: happened, received, logged, taken, stored, built, credited, or another end."""

    name = serializers.CharField()
    at = serializers.DateTimeField(allow_null=True, help_text="Null: not yet.")
    took_ms = serializers.IntegerField(allow_null=True, help_text="Since the stage before.")
    text = serializers.CharField()


class PayloadSerializer(serializers.Serializer):
    """What was sent and what is stored, as documents."""

    state = serializers.ChoiceField(choices=["kept", "expired", "not_kept"])
    text = serializers.CharField()
    received = serializers.JSONField(
        allow_null=True, help_text=f"Kept for {ingestion.PAYLOAD_DAYS} days, without the network address."
    )
    stored = serializers.JSONField(allow_null=True)
    others = serializers.ListField(
        child=serializers.JSONField(), help_text="What came under the id and was not stored."
    )


class DifferenceSerializer(serializers.Serializer):
    """One member of what was sent, and what is stored of it."""

    path = serializers.CharField()
    received = serializers.CharField()
    column = serializers.CharField()
    stored = serializers.CharField()
    how = serializers.ChoiceField(choices=["same", "changed", "removed", "added"])
    rule = serializers.CharField()


class EventStory(serializers.Serializer):
    """The whole way of one event."""

    message_id = serializers.CharField()
    state = serializers.CharField()
    stream = serializers.CharField()
    stages = StageSerializer(many=True)
    payload = PayloadSerializer()
    differences = DifferenceSerializer(many=True)
