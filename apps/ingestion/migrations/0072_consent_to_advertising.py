"""What a person said about advertising is remembered beside what they said about being measured."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("ingestion", "0065_ad_groups")]

    operations = [
        migrations.AddField(
            model_name="rememberedconsent",
            name="is_for_ads",
            field=models.BooleanField(default=True, db_default=True),
        ),
        # In the PostgreSQL of a region, where that table is made by hand (0055).
        migrations.RunSQL(
            "ALTER TABLE ingestion_rememberedconsent ADD COLUMN is_for_ads boolean NOT NULL DEFAULT true",
            "ALTER TABLE ingestion_rememberedconsent DROP COLUMN is_for_ads",
            hints={"consent": True},
        ),
    ]
