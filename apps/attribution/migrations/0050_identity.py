"""Why two ids are one person, a property's rules about ids, and how a build read the events."""

from typing import Any

import clickhouse_backend.models
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


def _build_again(apps: Any, _schema_editor: Any) -> None:
    # Links have no message id yet, and ids that are nobody's have joined persons.
    apps.get_model("attribution", "Watermark").objects.update(is_stale=True)


def _column(name: str, after: str) -> migrations.SeparateDatabaseAndState:
    return migrations.SeparateDatabaseAndState(
        database_operations=[
            migrations.RunSQL(
                f"ALTER TABLE identity_links ADD COLUMN {name} String AFTER {after}",
                f"ALTER TABLE identity_links DROP COLUMN {name}",
                hints={"clickhouse": True},
            ),
        ],
        state_operations=[
            migrations.AddField(
                "identitylink", name, clickhouse_backend.models.StringField(default=""), preserve_default=False
            ),
        ],
    )


class Migration(migrations.Migration):
    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ("orgs", "0050_visits_and_sources"),
        ("attribution", "0031_rows_of_training"),
    ]

    operations = [
        _column("anonymous_id", "user_id"),
        _column("message_id", "anonymous_id"),
        migrations.AddField(
            "watermark", "reading", models.JSONField(blank=True, null=True, verbose_name="reading of events")
        ),
        migrations.AddField("drawing", "reading", models.JSONField(blank=True, null=True)),
        migrations.CreateModel(
            name="IdentityVersion",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("version", models.PositiveIntegerField(verbose_name="version")),
                ("rules", models.JSONField(blank=True, default=dict, verbose_name="rules")),
                (
                    "act",
                    models.CharField(
                        choices=[("rules", "Rules about ids"), ("part", "Kept apart"), ("join", "May join again")],
                        default="rules",
                        max_length=10,
                        verbose_name="change",
                    ),
                ),
                ("pairs", models.JSONField(blank=True, default=list, verbose_name="pairs")),
                ("note", models.CharField(blank=True, max_length=200, verbose_name="note")),
                ("made_at", models.DateTimeField(auto_now_add=True)),
                (
                    "made_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "property",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="orgs.property"
                    ),
                ),
                (
                    "undoes",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="undone_by",
                        to="attribution.identityversion",
                    ),
                ),
            ],
            options={
                "verbose_name": "version of rules about ids",
                "verbose_name_plural": "versions of rules about ids",
                "ordering": ["-version"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("property", "version"), name="attribution_one_identity_version"
                    )
                ],
            },
        ),
        migrations.RunPython(_build_again, migrations.RunPython.noop, elidable=True),
    ]
