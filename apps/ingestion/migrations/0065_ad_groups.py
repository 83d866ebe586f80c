"""The ad group of an event, which clients send as its term, where journeys read it. Runs in ClickHouse only."""

from django.db import migrations

DROP_BY_PERSON = "ALTER TABLE events DROP PROJECTION by_person"
BY_PERSON = """
ALTER TABLE events ADD PROJECTION by_person (
    SELECT property_id, person_key, occurred_at, received_at, stored_at, message_id, kind, name, stream_id, device_key,
           channel, source, medium, campaign, {term}own_click, has_source, link_id, value, currency, order_id, country,
           device
    ORDER BY property_id, person_key, occurred_at
) WITH SETTINGS (index_granularity = 512)
"""
MATERIALIZE = "ALTER TABLE events MATERIALIZE PROJECTION by_person"
WITH_TERM, WITHOUT = BY_PERSON.format(term="term, "), BY_PERSON.format(term="")


def _run(forward: str, backward: str) -> migrations.RunSQL:
    return migrations.RunSQL(forward, backward, hints={"clickhouse": True})


class Migration(migrations.Migration):
    dependencies = [("ingestion", "0055_consent_of_regions")]

    operations = [
        _run(DROP_BY_PERSON, WITHOUT),
        _run(WITH_TERM, DROP_BY_PERSON),
        _run(MATERIALIZE, migrations.RunSQL.noop),
    ]
