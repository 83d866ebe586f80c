"""Row-level security and a record for what is tried and what reports read by; ad groups need a full build."""

from typing import Any

from django.db import migrations

from apps.shared.recording import record_changes
from apps.shared.row_security import of_property, protect


def _build_again(apps: Any, _schema_editor: Any) -> None:
    apps.get_model("attribution", "Watermark").objects.update(is_stale=True)


class Migration(migrations.Migration):
    dependencies = [("attribution", "0065_what_if"), ("ingestion", "0065_ad_groups")]

    operations = [
        protect("attribution_rulesversion", of_property("attribution_rulesversion")),
        protect("attribution_trial", of_property("attribution_trial")),
        record_changes("attribution_rulesversion", "property"),
        migrations.RunPython(_build_again, migrations.RunPython.noop, elidable=True),
    ]
