"""Each end says when the log took what it is of. Rows of before do not know it."""

import datetime

import clickhouse_backend.models
from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("ingestion", "0099_parts_of_one_file")]

    operations = [
        migrations.AddField(
            model_name="outcome",
            name="logged_at",
            field=clickhouse_backend.models.DateTime64Field(
                default=datetime.datetime(1970, 1, 1, 0, 0, tzinfo=datetime.UTC), precision=3
            ),
        ),
    ]
