"""Tries to upload a file are one upload (ADR 0102)."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("ingestion", "0097_age_of_turns")]

    operations = [
        migrations.AddField("fileimport", "upload_key", models.CharField(blank=True, max_length=64, default=""), preserve_default=False),
        migrations.AddField("fileimport", "fingerprint", models.CharField(blank=True, max_length=64, default=""), preserve_default=False),
        migrations.AddConstraint(
            "fileimport",
            models.UniqueConstraint(
                fields=["property", "upload_key"],
                condition=models.Q(("upload_key", ""), _negated=True),
                name="one_import_of_an_upload",
            ),
        ),
    ]
