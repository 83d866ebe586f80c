"""The facts of ingestion in ClickHouse: every event that was stored, the end of every event that was not, and for a
few days what was sent."""

from datetime import UTC, datetime

from clickhouse_backend import models
from django.db.models import F, Func

_NEVER = datetime(1970, 1, 1, tzinfo=UTC)


def _word(**options: object) -> models.StringField:
    """Return a column of few distinct texts, which ClickHouse keeps as a dictionary."""
    return models.StringField(default="", low_cardinality=True, **options)


def _text() -> models.StringField:
    return models.StringField(default="")


class Event(models.ClickhouseModel):
    """One accepted event. Written once by the writer, never updated.

    Unique by (property_id, message_id) because the writer deduplicates before it inserts: reports need no FINAL.
    Read by day, kind and name (the order key), by person for journeys (projection `by_person`), by id (skip index
    `by_message`) and counted per quarter of an hour (projection `counts`, by toStartOfFifteenMinutes(occurred_at)).
    Kept until a person is erased: a lightweight delete by person_key, which rebuilds the projections.
    """

    property_id = models.UInt64Field()
    stream_id = models.UInt64Field(default=0)
    message_id = models.StringField(primary_key=True)
    kind = _word()
    name = _word()
    occurred_at = models.DateTime64Field(precision=3)
    received_at = models.DateTime64Field(precision=3)
    stored_at = models.DateTime64Field(precision=3)
    anonymous_id = _text()
    user_id = _text()
    previous_id = _text()
    device_key = models.UInt64Field(default=0)
    person_key = models.UInt64Field(default=0)
    value = models.DecimalField(max_digits=18, decimal_places=4, null=True)
    currency = _word()
    order_id = _text()
    channel = _word()
    source = _word()
    medium = _word()
    campaign = _word()
    term = _word()
    content = _word()
    click_id_kind = _word()
    click_id = _text()
    referrer_host = _word()
    has_source = models.BoolField(default=False)
    link_id = models.UInt64Field(default=0)
    page_url = _text()
    page_path = _text()
    title = _text()
    country = _word()
    device = _word()
    os = _word()
    browser = _word()
    locale = _word()
    properties = _text()
    context = _text()
    flags = models.ArrayField(models.UInt64Field(), default=list)
    repairs = models.ArrayField(models.UInt64Field(), default=list)

    class Meta:
        db_table = "events"
        engine = models.MergeTree(
            partition_by=models.toYYYYMM("occurred_at"),
            order_by=("property_id", Func(F("occurred_at"), function="toDate"), "kind", "name", "occurred_at"),
        )
        indexes = [
            models.Index(fields=["message_id"], name="by_message", type=models.BloomFilter(0.01), granularity=1),
            models.Index(fields=["stored_at"], name="by_storing", type=models.MinMax(), granularity=1),
        ]


class Outcome(models.ClickhouseModel):
    """The end of an event that was not stored: duplicate, quarantined or refused, with its reason (R9).

    What was quarantined is kept whole, with what else it takes to read it again; its later ends (replayed, discarded,
    restored) are further rows of the same message, and so is `repaired`, which holds an event as it was before it was
    stored.

    Read by property and day, and by message id. A refusal for want of consent has no message id and no payload (R8):
    it only counts. Kept as long as the operator wishes; a person is erased from it by message id.
    """

    property_id = models.UInt64Field()
    stream_id = models.UInt64Field(default=0)
    message_id = models.StringField(primary_key=True)
    outcome = _word()
    reason = _word()
    detail = _text()
    field = _text()
    received_at = models.DateTime64Field(precision=3)
    decided_at = models.DateTime64Field(precision=3)
    payload = _text()
    kind = _word()
    name = _word()
    occurred_at = models.DateTime64Field(precision=3, default=_NEVER)
    country = _word()
    link_id = models.UInt64Field(default=0)
    user_agent = _text()
    expectations = models.ArrayField(models.UInt64Field(), default=list)
    release_id = models.UInt64Field(default=0)
    # Which entry of the log, and the place in it: what is read again is not counted again (ADR 0113).
    log_offset = _text()
    log_place = models.UInt32Field(default=0)
    logged_at = models.DateTime64Field(precision=3, default=_NEVER)

    class Meta:
        db_table = "outcomes"
        engine = models.MergeTree(
            partition_by=models.toYYYYMM("received_at"),
            order_by=("property_id", Func(F("received_at"), function="toDate"), "message_id"),
        )
        indexes = [
            models.Index(
                fields=["message_id"], name="outcomes_by_message", type=models.BloomFilter(0.01), granularity=1
            ),
        ]


class Payload(models.ClickhouseModel):
    """What the log held of a stored event, byte for byte, to be laid beside what was made of it (ADR 0073).

    Of events that the door accepted alone, so none without consent (R8), and without the address that it took out.
    The writer keeps a bounded number of each block. Read by message id, hence the order key. Thrown away after
    `PAYLOAD_DAYS` by its TTL, which drops whole days; a person is erased from it by device_key and person_key. The
    column `inserted_at` is the store's own clock: the moment when the events of the block could be read.
    """

    property_id = models.UInt64Field()
    message_id = models.StringField(primary_key=True)
    device_key = models.UInt64Field(default=0)
    person_key = models.UInt64Field(default=0)
    received_at = models.DateTime64Field(precision=3)
    payload = _text()

    class Meta:
        db_table = "payloads"
        engine = models.MergeTree(
            partition_by=Func(F("received_at"), function="toDate"), order_by=("property_id", "message_id")
        )
