"""The facts of data quality in ClickHouse: what was asked of events, and how many failed."""

from clickhouse_backend import models


class CheckCount(models.ClickhouseModel):
    """Events that one expectation was asked of in a quarter of an hour of one stream, and how many of them failed.

    Written by the writer with each block, and by the watch over streams; merges add up. Read by property and days: a
    count is of the day on which it was taken, so a day that is over never changes. Holds nothing of a person.

    Where several writers share the log, rows of property 0 say how far each share (`stream_id`) is counted: the last
    entry, and the latest moment (milliseconds) at which one up to it was logged; merges keep the greatest.
    """

    property_id = models.UInt64Field()
    expectation_id = models.UInt64Field(primary_key=True)
    stream_id = models.UInt64Field(default=0)
    slot = models.DateTime64Field(precision=3)
    checked = models.UInt64Field()
    flagged = models.UInt64Field(default=0)
    quarantined = models.UInt64Field(default=0)
    log_offset = models.Int64Field(default=-1)
    logged_at = models.Int64Field(default=0)

    class Meta:
        db_table = "quality_checks"
        engine = models.SummingMergeTree(
            partition_by=models.toYYYYMM("slot"),
            order_by=("property_id", "expectation_id", "stream_id", "slot"),
        )
