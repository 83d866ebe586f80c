"""What was given up is counted without reading what was delivered."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("compliance", "0061_keeping")]

    operations = [
        migrations.AddIndex(
            model_name="auditdelivery",
            index=models.Index(
                condition=models.Q(("state", "dead")), fields=["endpoint"], name="compliance_deliveries_dead"
            ),
        ),
    ]
