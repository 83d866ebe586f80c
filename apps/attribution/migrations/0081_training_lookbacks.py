"""A training says which lookbacks it learned inside of; those of before do not know."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("attribution", "0080_histories_name_sources")]

    operations = [
        migrations.AddField(
            "trainingrun", "lookbacks", models.JSONField(blank=True, default=dict, verbose_name="lookbacks")
        ),
    ]
