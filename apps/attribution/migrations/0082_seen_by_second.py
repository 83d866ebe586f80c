"""A watermark says how many events of which second a build has seen; those of before look a minute back once more."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("attribution", "0081_training_lookbacks")]

    operations = [
        migrations.AddField(
            "watermark",
            "seen",
            models.JSONField(blank=True, default=dict, editable=False, verbose_name="events by the second of storing"),
        ),
    ]
