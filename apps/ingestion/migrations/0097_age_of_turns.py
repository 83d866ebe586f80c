"""The store refuses a block whose turn is older than the writer said, by its own clock (ADR 0104).

The moment until which a block is good travels as a setting that means nothing to an insert; without one all are good.
"""

from django.db import migrations

_UNTIL = "getSetting('query_cache_tag')"
_ADD = f"""
ALTER TABLE {{table}} ADD CONSTRAINT IF NOT EXISTS in_time
    CHECK {_UNTIL} = '' OR toUnixTimestamp(nowInBlock()) <= toUInt64OrZero({_UNTIL})
"""
_DROP = "ALTER TABLE {table} DROP CONSTRAINT IF EXISTS in_time"


def _in_time(table: str) -> migrations.RunSQL:
    return migrations.RunSQL(_ADD.format(table=table), _DROP.format(table=table), hints={"clickhouse": True})


class Migration(migrations.Migration):
    dependencies = [("ingestion", "0096_owners_of_shares")]

    operations = [_in_time("events"), _in_time("outcomes")]
