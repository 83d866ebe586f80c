"""The ClickHouse tables of attribution: who is who, and which touchpoints came before each conversion."""

from clickhouse_backend import models
from django.db.models import F, Func


class Person(models.ClickhouseModel):
    """One id (hashed) whose person is another id.

    Read by key while journeys are built, hence the order key. The newest version holds. Kept as long as the events.
    A person is erased by deleting the rows of the property with this `person_id` or one of the person's keys.
    """

    property_id = models.UInt64Field()
    key = models.UInt64Field(primary_key=True)
    person_id = models.UInt64Field()
    version = models.UInt64Field()

    class Meta:
        db_table = "persons"
        engine = models.ReplacingMergeTree("version", order_by=("property_id", "key"))


class IdentityLink(models.ClickhouseModel):
    """An anonymous id and a user id that came together, by the earliest event that says so; or an alias
    (`previous_user`, whose id is in `anonymous_id`).

    Drawn from the events so that who shares a device, and why two ids are one person, is found without reading them
    again. Read by anonymous id, hence the order key; `version` grows as the time gets earlier, and of two rows of one
    version the later one holds. Erased by user_key and by anonymous_key.
    """

    property_id = models.UInt64Field()
    anonymous_key = models.UInt64Field(primary_key=True)
    user_key = models.UInt64Field()
    user_id = models.StringField()
    anonymous_id = models.StringField()
    message_id = models.StringField()
    previous_user_key = models.UInt64Field()
    linked_at = models.DateTime64Field(precision=3)
    version = models.UInt64Field()

    class Meta:
        db_table = "identity_links"
        engine = models.ReplacingMergeTree(
            "version", order_by=("property_id", "anonymous_key", "user_key", "previous_user_key")
        )


class Refund(models.ClickhouseModel):
    """An event that takes money back for an order.

    Drawn from the events so that a sale which arrives after its refund finds it by order id, hence the order key.
    Kept as long as the events; erased by message id.
    """

    property_id = models.UInt64Field()
    order_id = models.StringField()
    message_id = models.StringField(primary_key=True)
    occurred_at = models.DateTime64Field(precision=3)
    received_at = models.DateTime64Field(precision=3)
    value = models.DecimalField(max_digits=18, decimal_places=4, null=True)
    currency = models.StringField(low_cardinality=True)
    properties = models.StringField()

    class Meta:
        db_table = "refunds"
        engine = models.ReplacingMergeTree(order_by=("property_id", "order_id", "message_id"))


class Journey(models.ClickhouseModel):
    """A conversion, or a refund of one, with every touchpoint of the widest lookback, in touch order.

    Read by property, goal and time, hence the order key; rows of another goal version are a build in progress or
    one that was replaced. Read with FINAL, which costs next to nothing because a build merges what it touched.
    `touch_channels` follow the property's own channel rules, `touch_groups` are the default groups of the same.
    A pure function of events, goals, the visit gap and the channel rules: kept as long as the events, erased by
    `person_id`.
    """

    property_id = models.UInt64Field()
    goal_id = models.UInt64Field()
    goal_version = models.UInt32Field()
    conversion_id = models.StringField(primary_key=True)
    is_refund = models.BoolField()
    is_counted = models.BoolField()
    person_id = models.UInt64Field()
    stream_id = models.UInt64Field()
    converted_at = models.DateTime64Field(precision=3)
    credited_at = models.DateTime64Field(precision=3)
    received_at = models.DateTime64Field(precision=3)
    has_source = models.BoolField()
    value = models.DecimalField(max_digits=18, decimal_places=4)
    currency = models.StringField(low_cardinality=True)
    order_id = models.StringField()
    refund_of = models.StringField()
    country = models.StringField(low_cardinality=True)
    device = models.StringField(low_cardinality=True)
    milestone_age_ms = models.UInt64Field(null=True)
    touch_ids = models.ArrayField(models.StringField())
    touch_kinds = models.ArrayField(models.StringField(low_cardinality=True))
    touch_ages_ms = models.ArrayField(models.UInt64Field())
    touch_channels = models.ArrayField(models.StringField(low_cardinality=True))
    touch_groups = models.ArrayField(models.StringField(low_cardinality=True))
    touch_sources = models.ArrayField(models.StringField(low_cardinality=True))
    touch_mediums = models.ArrayField(models.StringField(low_cardinality=True))
    touch_campaigns = models.ArrayField(models.StringField(low_cardinality=True))
    touch_ad_groups = models.ArrayField(models.StringField(low_cardinality=True))
    version = models.UInt64Field()

    class Meta:
        db_table = "journeys"
        engine = models.ReplacingMergeTree(
            "version",
            partition_by=Func(F("converted_at"), function="toYYYYMM"),
            order_by=(
                "property_id",
                "goal_id",
                "goal_version",
                Func(F("converted_at"), function="toDate"),
                "conversion_id",
            ),
        )


class History(models.ClickhouseModel):
    """Everything that one person touched, whether they converted or not, in touch order.

    Drawn anew for training, a drawing (`version`) at a time: rows of another one are being replaced. Read whole, by
    property and drawing, hence the order key. A pure function of the events; erased by `person_id`.
    """

    property_id = models.UInt64Field()
    version = models.UInt64Field()
    person_id = models.UInt64Field(primary_key=True)
    touched_ms = models.ArrayField(models.Int64Field())
    touch_kinds = models.ArrayField(models.StringField(low_cardinality=True))
    touch_channels = models.ArrayField(models.StringField(low_cardinality=True))
    touch_sources = models.ArrayField(models.StringField(low_cardinality=True))
    touch_campaigns = models.ArrayField(models.StringField(low_cardinality=True))
    touch_ad_groups = models.ArrayField(models.StringField(low_cardinality=True))

    class Meta:
        db_table = "histories"
        engine = models.MergeTree(order_by=("property_id", "version", "person_id"))


class MethodWeight(models.ClickhouseModel):
    """What one training learned of one channel, or of the baseline: joined at read time by the methods' SQL.

    `part` says what the weight is: `weight` (a channel's, shared out in a journey), `effect` (with the half-life in
    which it passes), `signal` or `baseline` (of the incremental method), `share` (the fit's own answer with its
    interval). Never changed: a new training writes rows of a new `version`, the number of the training run. Read by
    property and version, hence the order key. Holds no person.
    """

    property_id = models.UInt64Field()
    version = models.UInt64Field(primary_key=True)
    method = models.StringField(low_cardinality=True)
    goal_id = models.UInt64Field()
    part = models.StringField(low_cardinality=True)
    channel = models.StringField(low_cardinality=True)
    half_life_ms = models.UInt64Field()
    is_delayed = models.BoolField()
    weight = models.Float64Field()
    share = models.Float64Field()
    low = models.Float64Field()
    high = models.Float64Field()
    parameters = models.StringField()
    window_from = models.DateTime64Field(precision=3)
    window_to = models.DateTime64Field(precision=3)
    data_hash = models.StringField()
    written_at = models.DateTime64Field(precision=3)

    class Meta:
        db_table = "method_weights"
        engine = models.ReplacingMergeTree(
            "written_at", order_by=("property_id", "version", "part", "channel", "half_life_ms", "is_delayed")
        )


class Decision(models.ClickhouseModel):
    """One entry of a decision: who won an opening of an app, and why every other candidate did not.

    Append-only: what is decided otherwise later, because an event came late, is another `entry`, and the greatest one
    holds. The columns named `candidate_…` are parallel arrays in order of time. Read by property and opening, and by
    person, hence the order key. Kept as long as the events; a person is erased by `person_id`.
    """

    property_id = models.UInt64Field()
    goal_id = models.UInt64Field()
    opening_id = models.StringField(primary_key=True)
    entry = models.UInt32Field()
    person_id = models.UInt64Field()
    occurred_at = models.DateTime64Field(precision=3)
    decided_at = models.DateTime64Field(precision=3)
    rules_version = models.UInt32Field()
    outcome = models.StringField(low_cardinality=True)
    counts_in = models.StringField(low_cardinality=True)
    winner_id = models.StringField()
    winner_source = models.StringField(low_cardinality=True)
    winner_campaign = models.StringField(low_cardinality=True)
    fingerprint = models.StringField()
    candidate_ids = models.ArrayField(models.StringField())
    candidate_kinds = models.ArrayField(models.StringField(low_cardinality=True))
    candidate_evidences = models.ArrayField(models.StringField(low_cardinality=True))
    candidate_sources = models.ArrayField(models.StringField(low_cardinality=True))
    candidate_campaigns = models.ArrayField(models.StringField(low_cardinality=True))
    candidate_ages_ms = models.ArrayField(models.Int64Field())
    candidate_codes = models.ArrayField(models.StringField(low_cardinality=True))
    candidate_parameters = models.ArrayField(models.StringField())

    class Meta:
        db_table = "decisions"
        engine = models.MergeTree(order_by=("property_id", "goal_id", "person_id", "opening_id", "entry"))
