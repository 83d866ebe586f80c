"""Whether another campaign opens a visit, exclusions that hold for the past, and a property's own click ids."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("orgs", "0013_support")]

    operations = [
        migrations.AddField(
            "propertysettings",
            "campaign_opens",
            models.BooleanField(default=True, verbose_name="another campaign opens a visit"),
        ),
        migrations.AddField(
            "propertysettings",
            "past_exclusions",
            models.JSONField(blank=True, default=list, verbose_name="exclusions for the past"),
        ),
        migrations.AddField(
            "propertysettings",
            "click_ids",
            models.JSONField(blank=True, default=list, verbose_name="own click ids"),
        ),
    ]
