"""Row-level security on trainings and drawings."""

from django.db import migrations

from apps.shared.row_security import of_property, protect


class Migration(migrations.Migration):
    dependencies = [("attribution", "0030_training")]

    operations = [
        protect("attribution_drawing", of_property("attribution_drawing")),
        protect("attribution_trainingrun", of_property("attribution_trainingrun")),
    ]
