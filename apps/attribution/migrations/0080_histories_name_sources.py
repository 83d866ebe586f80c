"""Histories know the source, campaign and ad group of a touchpoint, so that training honours their lookbacks."""

from typing import Any

import clickhouse_backend.models
from django.db import migrations


def _draw_again(apps: Any, _schema_editor: Any) -> None:
    apps.get_model("attribution", "Drawing").objects.update(stored_to=None)


def _names() -> Any:
    return clickhouse_backend.models.ArrayField(
        base_field=clickhouse_backend.models.StringField(low_cardinality=True), default=list
    )


class Migration(migrations.Migration):
    dependencies = [("attribution", "0068_decisions")]

    operations = [
        migrations.AddField("history", "touch_sources", _names(), preserve_default=False),
        migrations.AddField("history", "touch_campaigns", _names(), preserve_default=False),
        migrations.AddField("history", "touch_ad_groups", _names(), preserve_default=False),
        migrations.RunPython(_draw_again, migrations.RunPython.noop, elidable=True),
    ]
