"""What the API about data quality is asked, and what it answers."""

from datetime import timedelta
from typing import Any

from rest_framework import serializers

from apps.quality.models import Expectation, Release
from apps.quality.queries.quarantine import STATES


class ExpectationSerializer(serializers.Serializer):
    """One expectation, as in the file: parameters of the kind stand beside the others in `parameters`."""

    id = serializers.IntegerField(read_only=True)
    version = serializers.IntegerField(
        required=False, min_value=1, help_text="In a change: the version that was read; another in force is refused."
    )
    name = serializers.CharField(max_length=120)
    kind = serializers.ChoiceField(choices=Expectation.Kind.values)
    events = serializers.CharField(source="event", max_length=200, default="*", help_text="* stands for anything.")
    stream = serializers.IntegerField(source="stream_id", allow_null=True, default=None, help_text="Id; null: all.")
    # The name of the file, which a serializer has taken for its fields.
    vars()["field"] = serializers.CharField(max_length=200, allow_blank=True, default="")
    parameters = serializers.DictField(default=dict, help_text="As in docs/expectations.schema.json.")
    severity = serializers.ChoiceField(choices=Expectation.Severity.values, default="flag")
    enabled = serializers.BooleanField(source="is_on", default=True)


class WholeSetSerializer(serializers.Serializer):
    """A whole set as YAML."""

    yaml = serializers.CharField(trim_whitespace=False, help_text="As docs/data-quality.md describes it.")


class ExchangedSerializer(serializers.Serializer):
    """What a whole set changed."""

    added = serializers.IntegerField()
    changed = serializers.IntegerField()
    archived = serializers.IntegerField()
    unchanged = serializers.IntegerField()


class ExpectationPartSerializer(serializers.Serializer):
    """One key of the file that would be another; null is what is not there."""

    key = serializers.CharField()
    before = serializers.JSONField(allow_null=True)
    after = serializers.JSONField(allow_null=True)


class ExpectationChangeSerializer(serializers.Serializer):
    """What would become of one expectation."""

    name = serializers.CharField()
    what = serializers.ChoiceField(choices=["added", "changed", "archived"])
    parts = ExpectationPartSerializer(many=True)


class ComparedSerializer(serializers.Serializer):
    """What a whole set would change; what stays as it is is not named."""

    changes = ExpectationChangeSerializer(many=True)


class DaysQuery(serializers.Serializer):
    """Which days of the property's time zone."""

    vars()["from"] = serializers.DateField(help_text="First day.")
    to = serializers.DateField(help_text="Last day.")

    def validate(self, given: dict[str, Any]) -> dict[str, Any]:
        """Refuse a period that ends before it begins, or is longer than two years."""
        if not (timedelta(0) <= given["to"] - given["from"] <= timedelta(days=731) and given["from"].year >= 2000):
            raise serializers.ValidationError({"to": "The period must end after it begins and span two years at most."})
        if given["to"].year > 2100:
            raise serializers.ValidationError({"to": "The period must end before 2101."})
        return given


class DaySerializer(serializers.Serializer):
    """The score of one day, or of one expectation over the period."""

    key = serializers.CharField(help_text="The day, or the id of the expectation.")
    title = serializers.CharField()
    score = serializers.FloatField(allow_null=True, help_text="0 to 100; null where nothing was asked.")
    checked = serializers.IntegerField()
    flagged = serializers.IntegerField()
    quarantined = serializers.IntegerField()


class AccountingSerializer(serializers.Serializer):
    """Where the events are that were received within; `received` is the sum of the others."""

    received = serializers.IntegerField()
    stored = serializers.IntegerField()
    waiting = serializers.IntegerField()
    under_way = serializers.IntegerField()
    discarded = serializers.IntegerField()
    duplicate = serializers.IntegerField()
    refused = serializers.IntegerField()


class QualitySerializer(serializers.Serializer):
    """How the days were."""

    score = serializers.FloatField(allow_null=True)
    days = DaySerializer(many=True)
    expectations = DaySerializer(many=True)
    events = AccountingSerializer()


class SelectionSerializer(DaysQuery):
    """Which events of the quarantine, by the days on which they were received; what is left out is not asked for."""

    state = serializers.ChoiceField(choices=STATES, required=False)
    reason = serializers.CharField(max_length=100, required=False)
    expectation_id = serializers.IntegerField(min_value=1, required=False)
    stream_id = serializers.IntegerField(min_value=1, required=False)
    event = serializers.CharField(max_length=200, required=False, help_text="Part of the event's name.")
    message_id = serializers.CharField(max_length=512, required=False, trim_whitespace=False)
    text = serializers.CharField(max_length=200, required=False, help_text="Part of the payload.")
    release_id = serializers.IntegerField(min_value=1, required=False, help_text="What this release took out last.")


class QuarantineQuery(SelectionSerializer):
    """A page of the quarantine."""

    page = serializers.IntegerField(min_value=1, max_value=10_000, default=1)


class ItemSerializer(serializers.Serializer):
    """One event that is or was in quarantine."""

    message_id = serializers.CharField()
    stream_id = serializers.IntegerField()
    kind = serializers.CharField()
    name = serializers.CharField()
    reason = serializers.CharField()
    detail = serializers.CharField()
    vars()["field"] = serializers.CharField()
    expectations = serializers.ListField(child=serializers.IntegerField())
    received_at = serializers.DateTimeField()
    kept_at = serializers.DateTimeField()
    left_at = serializers.DateTimeField(allow_null=True)
    times = serializers.IntegerField(help_text="How often it was kept back.")
    state = serializers.ChoiceField(choices=STATES)
    release_id = serializers.IntegerField(help_text="The release that took it out last; 0: none.")


class QuarantineSerializer(serializers.Serializer):
    """A page of the quarantine, newest first."""

    items = ItemSerializer(many=True)
    states = serializers.DictField(child=serializers.IntegerField(), help_text="How many are in each state.")


class FixSerializer(serializers.Serializer):
    """One fix of one field."""

    vars()["field"] = serializers.CharField(max_length=200)
    action = serializers.ChoiceField(choices=["mapping", "cast", "default", "rename"])
    parameters = serializers.DictField(
        help_text="mapping: {values: {before: after}}; cast: {to: number}; default: {value}; rename: {to: path}."
    )


class KeptFixSerializer(FixSerializer):
    """A fix that is kept: tried on every event that fails as it arrives."""

    id = serializers.IntegerField(read_only=True)
    name = serializers.CharField(max_length=120)
    events = serializers.CharField(source="event", max_length=200, default="*", help_text="* stands for anything.")
    stream = serializers.IntegerField(source="stream_id", allow_null=True, default=None, help_text="Id; null: all.")
    enabled = serializers.BooleanField(source="is_on", default=True)


class AskedReleaseSerializer(serializers.Serializer):
    """Which events leave quarantine, and how; or whose discard is taken back, so that they wait again."""

    kind = serializers.ChoiceField(choices=Release.Kind.values)
    selection = SelectionSerializer()
    fix = FixSerializer(required=False, allow_null=True)
    note = serializers.CharField(max_length=300, required=False, default="", help_text="Why; needed to discard.")


class ReleaseSerializer(serializers.Serializer):
    """How far a release is."""

    id = serializers.IntegerField()
    kind = serializers.CharField()
    status = serializers.CharField()
    total = serializers.IntegerField()
    done = serializers.IntegerField()
    changed = serializers.IntegerField()
    refused = serializers.IntegerField()
    note = serializers.CharField()
    error = serializers.CharField()
    asked_at = serializers.DateTimeField()
    finished_at = serializers.DateTimeField(allow_null=True)
