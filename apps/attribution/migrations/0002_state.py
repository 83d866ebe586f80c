"""What the journeys of a property are, by name, so that answers can be kept as long as they hold."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """Give the watermark the name of the state."""

    dependencies = [("attribution", "0001_initial")]

    operations = [
        migrations.AddField(
            model_name="watermark",
            name="journeys_state",
            field=models.UUIDField(blank=True, editable=False, null=True, verbose_name="state of the journeys"),
        ),
    ]
