"""A block of events is one file and not a hundred until its part holds 64 MB (ADR 0115)."""

from django.db import migrations

_SETTING = "ALTER TABLE events {verb} SETTING min_bytes_for_wide_part{value}"


class Migration(migrations.Migration):
    dependencies = [("ingestion", "0098_uploads_of_programs")]

    operations = [
        migrations.RunSQL(
            _SETTING.format(verb="MODIFY", value=" = 67108864"),
            _SETTING.format(verb="RESET", value=""),
            hints={"clickhouse": True},
        )
    ]
