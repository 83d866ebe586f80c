"""The turn knows which writer owns each share of the log (ADR 0103)."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("ingestion", "0095_fewer_merges")]

    operations = [
        migrations.AddField(
            model_name="insertturn", name="owners", field=models.JSONField(db_default={}, default=dict)
        ),
    ]
