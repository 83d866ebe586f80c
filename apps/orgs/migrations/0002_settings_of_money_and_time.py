"""Currency and time zone join the versioned rules; the versions that exist take their property's."""

from django.db import migrations, models
from django.db.models import OuterRef, Subquery


def fill(apps, schema_editor):
    rows = apps.get_model("orgs", "Property").objects.filter(pk=OuterRef("property_id"))
    apps.get_model("orgs", "PropertySettings").objects.update(
        time_zone=Subquery(rows.values("time_zone")[:1]), currency=Subquery(rows.values("currency")[:1])
    )


class Migration(migrations.Migration):
    dependencies = [("orgs", "0001_initial")]

    operations = [
        migrations.AddField(
            model_name="propertysettings",
            name="time_zone",
            field=models.CharField(default="UTC", max_length=60, verbose_name="time zone"),
        ),
        migrations.AddField(
            model_name="propertysettings",
            name="currency",
            field=models.CharField(default="USD", max_length=3, verbose_name="currency"),
        ),
        migrations.RunPython(fill, migrations.RunPython.noop, hints={"clickhouse": False}),
    ]
