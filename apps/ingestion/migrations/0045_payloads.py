"""What was sent, for three days: whole days are dropped, so that nothing is rewritten."""

import clickhouse_backend.models
import django.db.models.manager
from django.db import migrations, models

# Packed harder than other columns: read seldom, and one at a time.
PACKED = "ALTER TABLE payloads MODIFY COLUMN payload String CODEC(ZSTD(3))"
PASSING = "ALTER TABLE payloads MODIFY TTL toDateTime(received_at) + INTERVAL 3 DAY"
BY_DAYS = "ALTER TABLE payloads MODIFY SETTING ttl_only_drop_parts = 1, non_replicated_deduplication_window = 1000"
INSERTED_AT = "ALTER TABLE payloads ADD COLUMN inserted_at DateTime64(3, 'UTC') DEFAULT now64(3, 'UTC')"


def _run(forward: str) -> migrations.RunSQL:
    return migrations.RunSQL(forward, migrations.RunSQL.noop, hints={"clickhouse": True})


class Migration(migrations.Migration):
    dependencies = [("ingestion", "0023_one_set_of_channel_rules")]

    operations = [
        migrations.CreateModel(
            name="Payload",
            fields=[
                ("property_id", clickhouse_backend.models.UInt64Field()),
                ("message_id", clickhouse_backend.models.StringField(primary_key=True, serialize=False)),
                ("device_key", clickhouse_backend.models.UInt64Field(default=0)),
                ("person_key", clickhouse_backend.models.UInt64Field(default=0)),
                ("received_at", clickhouse_backend.models.DateTime64Field(precision=3)),
                ("payload", clickhouse_backend.models.StringField(default="")),
            ],
            options={
                "db_table": "payloads",
                "engine": clickhouse_backend.models.MergeTree(
                    order_by=("property_id", "message_id"),
                    partition_by=models.Func(models.F("received_at"), function="toDate"),
                ),
            },
            managers=[
                ("objects", django.db.models.manager.Manager()),
                ("_overwrite_base_manager", django.db.models.manager.Manager()),
            ],
        ),
        _run(PACKED),
        _run(INSERTED_AT),
        _run(PASSING),
        _run(BY_DAYS),
    ]
