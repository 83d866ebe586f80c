"""A click and the visit that it opened became one touchpoint: what was built before must be built again."""

from typing import Any

from django.db import migrations


def _build_again(apps: Any, _schema_editor: Any) -> None:
    apps.get_model("attribution", "Watermark").objects.update(is_stale=True)


class Migration(migrations.Migration):
    """Ask for a full build of every property."""

    dependencies = [("attribution", "0002_state"), ("ingestion", "0004_own_click")]

    operations = [migrations.RunPython(_build_again, migrations.RunPython.noop, elidable=True)]
