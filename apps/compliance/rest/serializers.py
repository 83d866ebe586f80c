"""What the API says about the record."""

from rest_framework import serializers

_MOST = 1000


class PageQuery(serializers.Serializer):
    """Which part of a list is asked for: the newest first, or those before a cursor."""

    before = serializers.IntegerField(required=False, min_value=1, max_value=2**63 - 1, help_text="`next` of a page.")
    limit = serializers.IntegerField(default=100, min_value=1, max_value=_MOST)


class ActorSerializer(serializers.Serializer):
    """Who did it."""

    kind = serializers.CharField()
    id = serializers.IntegerField(allow_null=True)
    name = serializers.CharField()


class EntrySerializer(serializers.Serializer):
    """One entry of the record, as receivers get it too."""

    number = serializers.IntegerField()
    at = serializers.DateTimeField()
    actor = ActorSerializer()
    address = serializers.CharField()
    request_id = serializers.CharField()
    action = serializers.CharField()
    subject = serializers.CharField()
    subject_id = serializers.CharField()
    before = serializers.JSONField(allow_null=True)
    after = serializers.JSONField(allow_null=True)
    previous = serializers.CharField()
    hash = serializers.CharField()


class EntriesAnswer(serializers.Serializer):
    """A page of entries."""

    rows = EntrySerializer(many=True)
    next = serializers.IntegerField(allow_null=True)


class EndpointSerializer(serializers.Serializer):
    """A receiver, without its secret."""

    id = serializers.IntegerField()
    url = serializers.CharField()
    paused_at = serializers.DateTimeField(allow_null=True)
    failures = serializers.IntegerField()
    last_delivered_at = serializers.DateTimeField(allow_null=True)
    waiting = serializers.IntegerField()
    given_up = serializers.IntegerField()


class DeliverySerializer(serializers.Serializer):
    """An entry on its way; `number` is that of the entry, none for a test."""

    id = serializers.IntegerField()
    number = serializers.IntegerField(allow_null=True)
    state = serializers.ChoiceField(choices=["waiting", "delivered", "dead"])
    attempts = serializers.IntegerField()
    status = serializers.IntegerField(allow_null=True)
    made_at = serializers.DateTimeField()
    tried_at = serializers.DateTimeField(allow_null=True)
    next_at = serializers.DateTimeField()


class DeliveriesAnswer(serializers.Serializer):
    """A page of deliveries."""

    rows = DeliverySerializer(many=True)
    next = serializers.IntegerField(allow_null=True)


class ReplayAnswer(serializers.Serializer):
    """How many deliveries go out again."""

    count = serializers.IntegerField()
