"""A landing page names the click on a link of ours beside the id of an ad that the link carried on. In ClickHouse only.

Events that are stored keep what they have.
"""

from django.db import migrations

MODIFY = "ALTER TABLE events MODIFY COLUMN own_click String MATERIALIZED {expression}"
# An event has one click id, and that of an ad goes before ours; pages without any need not be searched.
BESIDE_OTHERS = """
multiIf(click_id_kind = 'tbclid', click_id, click_id = '', '', extractURLParameter(page_url, 'tbclid'))
"""
ALONE = "if(click_id_kind = 'tbclid', click_id, '')"


class Migration(migrations.Migration):
    dependencies = [("ingestion", "0100_times_of_ends")]

    operations = [
        migrations.RunSQL(
            MODIFY.format(expression=BESIDE_OTHERS), MODIFY.format(expression=ALONE), hints={"clickhouse": True}
        ),
    ]
