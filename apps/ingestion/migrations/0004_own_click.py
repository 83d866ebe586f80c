"""The click on a link of ours that led to a page, where journeys read it. Runs in ClickHouse only."""

from django.db import migrations

# Other click ids are long and no journey reads them; this column is empty but for the landing pages of links.
OWN_CLICK = """
ALTER TABLE events
ADD COLUMN own_click String MATERIALIZED if(click_id_kind = 'tbclid', click_id, '') AFTER click_id
"""
DROP_BY_PERSON = "ALTER TABLE events DROP PROJECTION by_person"
BY_PERSON = """
ALTER TABLE events ADD PROJECTION by_person (
    SELECT property_id, person_key, occurred_at, received_at, stored_at, message_id, kind, name, stream_id, device_key,
           channel, source, medium, campaign, {own_click}has_source, link_id, value, currency, order_id, country, device
    ORDER BY property_id, person_key, occurred_at
) WITH SETTINGS (index_granularity = 512)
"""
MATERIALIZE = "ALTER TABLE events MATERIALIZE PROJECTION by_person"
WITH_OWN_CLICK, WITHOUT = BY_PERSON.format(own_click="own_click, "), BY_PERSON.format(own_click="")


def _run(forward: str, backward: str) -> migrations.RunSQL:
    return migrations.RunSQL(forward, backward, hints={"clickhouse": True})


class Migration(migrations.Migration):
    dependencies = [("ingestion", "0003_link")]

    operations = [
        _run(OWN_CLICK, "ALTER TABLE events DROP COLUMN own_click"),
        _run(DROP_BY_PERSON, WITHOUT),
        _run(WITH_OWN_CLICK, DROP_BY_PERSON),
        _run(MATERIALIZE, migrations.RunSQL.noop),
    ]
