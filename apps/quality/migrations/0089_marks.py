"""How far each share of the log is counted stands beside the counts, and late counts are refused (ADR 0120, 0104)."""

import clickhouse_backend.models
from django.db import migrations

_ADD = """
ALTER TABLE quality_checks
    ADD COLUMN IF NOT EXISTS log_offset SimpleAggregateFunction(max, Int64) DEFAULT -1,
    ADD COLUMN IF NOT EXISTS logged_at SimpleAggregateFunction(max, Int64) DEFAULT 0
"""
_DROP = "ALTER TABLE quality_checks DROP COLUMN IF EXISTS log_offset, DROP COLUMN IF EXISTS logged_at"
_UNTIL = "getSetting('query_cache_tag')"
_ADD_CHECK = f"""
ALTER TABLE quality_checks ADD CONSTRAINT IF NOT EXISTS in_time
    CHECK {_UNTIL} = '' OR toUnixTimestamp(nowInBlock()) <= toUInt64OrZero({_UNTIL})
"""
_DROP_CHECK = "ALTER TABLE quality_checks DROP CONSTRAINT IF EXISTS in_time"
_REMEMBER = "ALTER TABLE quality_checks MODIFY SETTING non_replicated_deduplication_window = {blocks}"


def _run(forwards: str, backwards: str) -> migrations.RunSQL:
    return migrations.RunSQL(forwards, backwards, hints={"clickhouse": True})


class Migration(migrations.Migration):
    dependencies = [("quality", "0088_taken_back")]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[_run(_ADD, _DROP)],
            state_operations=[
                migrations.AddField("checkcount", "log_offset", clickhouse_backend.models.Int64Field(default=-1)),
                migrations.AddField("checkcount", "logged_at", clickhouse_backend.models.Int64Field(default=0)),
            ],
        ),
        _run(_ADD_CHECK, _DROP_CHECK),
        _run(_REMEMBER.format(blocks=100_000), _REMEMBER.format(blocks=1_000)),
    ]
