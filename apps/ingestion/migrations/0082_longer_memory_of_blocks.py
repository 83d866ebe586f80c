"""The store recognises a block that comes again after 100,000 others, not only after 1,000 (ADR 0101)."""

from django.db import migrations

_WINDOW = "ALTER TABLE {table} MODIFY SETTING non_replicated_deduplication_window = {blocks}"


def _window(table: str) -> migrations.RunSQL:
    sql = [_WINDOW.format(table=table, blocks=blocks) for blocks in (100_000, 1_000)]
    return migrations.RunSQL(*sql, hints={"clickhouse": True})


class Migration(migrations.Migration):
    dependencies = [("ingestion", "0080_turns_by_month")]

    operations = [_window("events"), _window("outcomes")]
