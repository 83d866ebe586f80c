"""Each end says which entry of the log it is of, and the place in it (ADR 0113). Rows of before say nothing."""

import clickhouse_backend.models
from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("ingestion", "0087_rows_of_file_imports")]

    operations = [
        migrations.AddField(
            model_name="outcome",
            name="log_offset",
            field=clickhouse_backend.models.StringField(default=""),
        ),
        migrations.AddField(
            model_name="outcome",
            name="log_place",
            field=clickhouse_backend.models.UInt32Field(default=0),
        ),
    ]
