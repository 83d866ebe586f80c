"""What the backend cannot say: projections, durability and deduplication of inserts. Runs in ClickHouse only."""

from django.db import migrations

# Inserts survive a power cut before the log forgets them (fsync), a block sent twice is stored once (window), and
# a lightweight delete of a person reaches the projections too (rebuild).
SETTINGS = """
ALTER TABLE {table} MODIFY SETTING
    non_replicated_deduplication_window = 1000,
    fsync_after_insert = 1,
    fsync_part_directory = 1,
    lightweight_mutation_projection_mode = 'rebuild'
"""

# The narrow columns of a journey in the order of a person's life, in small granules: a build reads a few hundred
# persons out of millions, each of a few dozen rows. A projection lives inside its part: it appears and
# disappears with the rows, which a materialized view does not promise.
BY_PERSON = """
ALTER TABLE events ADD PROJECTION by_person (
    SELECT property_id, person_key, occurred_at, received_at, stored_at, message_id, kind, name, stream_id, device_key,
           channel, source, medium, campaign, has_source, link_id, value, currency, order_id, country, device
    ORDER BY property_id, person_key, occurred_at
) WITH SETTINGS (index_granularity = 512)
"""

# A quarter of an hour is the coarsest grain from which the days of every time zone add up.
COUNTS = """
ALTER TABLE events ADD PROJECTION counts (
    SELECT property_id, toStartOfFifteenMinutes(occurred_at), kind, name, channel, count(), sum(value)
    GROUP BY property_id, toStartOfFifteenMinutes(occurred_at), kind, name, channel
)
"""

LOGGED_AT = "ALTER TABLE events ADD COLUMN logged_at DateTime64(3, 'UTC') DEFAULT received_at AFTER received_at"


def _run(forward: str, backward: str) -> migrations.RunSQL:
    return migrations.RunSQL(forward, backward, hints={"clickhouse": True})


class Migration(migrations.Migration):
    dependencies = [("ingestion", "0001_facts")]

    operations = [
        _run(SETTINGS.format(table="events"), migrations.RunSQL.noop),
        _run(SETTINGS.format(table="outcomes"), migrations.RunSQL.noop),
        _run(LOGGED_AT, "ALTER TABLE events DROP COLUMN logged_at"),
        _run(BY_PERSON, "ALTER TABLE events DROP PROJECTION by_person"),
        _run(COUNTS, "ALTER TABLE events DROP PROJECTION counts"),
    ]
