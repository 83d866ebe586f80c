"""What the API about imports of files is told, and what it answers."""

from typing import Any

from rest_framework import serializers

from apps.ingestion import services
from apps.ingestion.models import FileImport

_MOST = 1000


class ReadingSerializer(serializers.Serializer):
    """How a file is read, as on the page *Imports*."""

    stream = serializers.IntegerField(required=False, help_text="Needed where the property has more than one.")
    mapping = serializers.CharField(
        required=False,
        allow_blank=True,
        help_text="appsflyer, adjust, spend or journeys; none for a mapping of your own, and for JSON Lines in "
        "Segment's shape.",
    )
    own_mapping = serializers.CharField(
        required=False, allow_blank=True, help_text="Pairs such as userId=customer timestamp=at, or a mapping in YAML."
    )
    time_zone = serializers.CharField(
        required=False, allow_blank=True, help_text="Of times without one, such as Europe/Berlin. Empty: UTC."
    )
    time_form = serializers.CharField(
        required=False, allow_blank=True, help_text="Such as %d.%m.%Y %H:%M, or excel. Empty: ISO 8601 or seconds."
    )
    encoding = serializers.CharField(
        required=False, allow_blank=True, help_text="Such as cp1252. Empty: as the file says, else UTF-8."
    )
    has_decimal_comma = serializers.BooleanField(required=False, help_text="As in 1.234,56.")


class UploadSerializer(ReadingSerializer):
    """What is said about a file, in the form beside it or in the address."""

    name = serializers.CharField(
        required=False, max_length=200, help_text="The file's name; needed where the body is the file."
    )


class UploadForm(UploadSerializer):
    """A file in a form (multipart), with what is said about it."""

    file = serializers.FileField(help_text="CSV, JSON Lines or Parquet, packed by gzip, Zstandard or zip or not.")


class ImportsQuery(serializers.Serializer):
    """Which part of the list: the newest first, or those before a cursor."""

    before = serializers.IntegerField(required=False, min_value=1, max_value=2**63 - 1, help_text="`next` of a page.")
    limit = serializers.IntegerField(default=100, min_value=1, max_value=_MOST)


class ReportQuery(serializers.Serializer):
    """Which part of the report: from its beginning, or after a cursor."""

    after = serializers.IntegerField(default=0, min_value=0, max_value=10**12, help_text="`next` of a page.")
    limit = serializers.IntegerField(default=100, min_value=1, max_value=_MOST)


class SaidSerializer(serializers.Serializer):
    """How the file is read."""

    mapping = serializers.CharField(default="")
    own_mapping = serializers.CharField(default="")
    time_zone = serializers.CharField(default="")
    time_form = serializers.CharField(default="")
    encoding = serializers.CharField(default="")
    has_decimal_comma = serializers.BooleanField(default=False)


class BeginQuery(serializers.Serializer):
    """What is begun."""

    reading = serializers.CharField(
        required=False,
        allow_blank=True,
        max_length=100,
        help_text="That of the import that you looked at: 409 `read_otherwise` where somebody changed it since.",
    )


class ImportSerializer(serializers.Serializer):
    """An import, with how far it is."""

    id = serializers.IntegerField()
    name = serializers.CharField()
    size = serializers.IntegerField(help_text="Bytes.")
    stream = serializers.IntegerField(source="stream_id")
    said = SaidSerializer()
    reading = serializers.SerializerMethodField(help_text="A mark of how it is read, which changes with it.")
    status = serializers.ChoiceField(
        choices=FileImport.Status.values,
        help_text="looked_at: not begun, and forgotten after a day. waiting, running. succeeded: over, also where rows "
        "were not understood. failed: `problem` says why, and it may be begun again.",
    )
    made_at = serializers.DateTimeField()
    made_by = serializers.CharField(
        source="made_by.email", default=None, allow_null=True, help_text="None for a program, which the record names."
    )
    ended_at = serializers.DateTimeField(allow_null=True)
    rows = serializers.IntegerField(source="work.state.rows", default=0, help_text="Read so far.")
    events = serializers.IntegerField(source="work.state.events", default=0, help_text="On the log so far.")
    kinds = serializers.DictField(
        source="work.state.kinds", child=serializers.IntegerField(), default=dict, help_text="Events of each kind."
    )
    skipped = serializers.DictField(
        source="work.state.skipped", child=serializers.IntegerField(), default=dict,
        help_text="What the mapping leaves out on purpose, by its reasons.",
    )  # fmt: skip
    not_understood = serializers.DictField(
        source="work.state.reasons", child=serializers.IntegerField(), default=dict,
        help_text="Rows of the report, by their reasons.",
    )  # fmt: skip
    unread = serializers.ListField(
        source="work.unread", child=serializers.CharField(), help_text="Columns that nobody reads, once it has begun."
    )
    problem = serializers.CharField(source="work.problem")

    def get_reading(self, run: FileImport) -> str:
        """Return the mark."""
        return services.reading_of(run)


class ImportsAnswer(serializers.Serializer):
    """A page of imports."""

    rows = ImportSerializer(many=True)
    next = serializers.IntegerField(allow_null=True)


class ReportRow(serializers.Serializer):
    """A row of the file, or an event of it, that was not understood."""

    row = serializers.IntegerField(help_text="From 1, below the header.")
    line = serializers.IntegerField(help_text="Of the file, on which the row begins; 0 where it has no lines.")
    reason = serializers.CharField()
    vars()["field"] = serializers.CharField(allow_blank=True)
    detail = serializers.CharField(allow_blank=True)


class ReportAnswer(serializers.Serializer):
    """A page of the report."""

    rows = ReportRow(many=True)
    next = serializers.IntegerField(allow_null=True)


class SampleRow(ReportRow):
    """One of the first rows that is not understood, with what stands there."""

    content = serializers.CharField(allow_blank=True)


class PreviewAnswer(serializers.Serializer):
    """What the first rows of a file become."""

    form = serializers.CharField(help_text="csv, tsv, jsonl or parquet.")
    events = serializers.ListField(child=serializers.JSONField(), help_text="As they would be sent.")
    not_understood = SampleRow(many=True)
    unread = serializers.ListField(child=serializers.CharField(), help_text="Columns that nobody reads.")


class MappingSerializer(serializers.Serializer):
    """A mapping that the product brings."""

    name = serializers.CharField(help_text="What `mapping` of an upload is.")
    title = serializers.CharField()
    columns = serializers.ListField(child=serializers.CharField(), help_text="The columns that it reads.")
    text = serializers.CharField(help_text="The mapping itself in YAML: change it, and send it as `own_mapping`.")


class MappingsAnswer(serializers.Serializer):
    """Every mapping that the product brings, and how one of your own is written."""

    mappings = MappingSerializer(many=True)
    vars()["fields"] = serializers.ListField(
        child=serializers.CharField(), help_text="What a mapping of your own may fill, in pairs or in YAML."
    )
    example = serializers.CharField(help_text="A mapping of your own.")


def imported(run: FileImport) -> Any:
    """Return what the API says about an import."""
    return ImportSerializer(run).data
