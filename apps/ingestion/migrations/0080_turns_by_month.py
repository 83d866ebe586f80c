"""Blocks are named by the turn before them, month by month."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("ingestion", "0072_consent_to_advertising")]

    operations = [
        migrations.AddField(
            model_name="insertturn", name="months", field=models.JSONField(db_default={}, default=dict)
        ),
    ]
