"""Row-level security on what belongs to a property (ADR 0030)."""

from django.db import migrations

from apps.shared.row_security import of_parent, of_property, protect


class Migration(migrations.Migration):
    dependencies = [("attribution", "0003_landings"), ("orgs", "0011_row_security")]

    operations = [
        protect("attribution_goal", of_property("attribution_goal")),
        protect("attribution_goalversion", of_parent("attribution_goalversion", "attribution_goal", "goal_id")),
        protect("attribution_watermark", of_property("attribution_watermark")),
        protect("attribution_buildrun", of_property("attribution_buildrun")),
    ]
