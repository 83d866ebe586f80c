"""The default group beside each touchpoint's channel, which follows a property's own rules."""

import clickhouse_backend.models
from django.db import migrations

# Before there were rules, the channel was the default group: rows of then need no rebuild.
ADD = """
ALTER TABLE journeys
ADD COLUMN touch_groups Array(LowCardinality(String)) DEFAULT touch_channels AFTER touch_channels
"""


class Migration(migrations.Migration):
    dependencies = [("attribution", "0003_landings")]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(
                    ADD, "ALTER TABLE journeys DROP COLUMN touch_groups", hints={"clickhouse": True}
                ),
            ],
            state_operations=[
                migrations.AddField(
                    "journey",
                    "touch_groups",
                    clickhouse_backend.models.ArrayField(
                        base_field=clickhouse_backend.models.StringField(low_cardinality=True), default=list
                    ),
                    preserve_default=False,
                ),
            ],
        ),
    ]
