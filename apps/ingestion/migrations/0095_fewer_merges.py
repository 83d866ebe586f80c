"""Events and payloads are merged ten parts at a time and not five, which halves what merging costs (ADR 0114)."""

from django.db import migrations

_BASE = "ALTER TABLE {table} {verb} SETTING merge_selector_base{value}"


def _merged_by_tens(table: str) -> migrations.RunSQL:
    sql = (_BASE.format(table=table, verb="MODIFY", value=" = 10"), _BASE.format(table=table, verb="RESET", value=""))
    return migrations.RunSQL(*sql, hints={"clickhouse": True})


class Migration(migrations.Migration):
    dependencies = [("ingestion", "0094_age_of_consent_strings")]

    operations = [_merged_by_tens("events"), _merged_by_tens("payloads")]
