"""Public keys of streams, by which their clients get tokens (ADR 0088)."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import apps.orgs.models.public_key
from apps.shared.recording import record_changes
from apps.shared.row_security import of_parent, protect


class Migration(migrations.Migration):
    dependencies = [("orgs", "0055_regions"), ("compliance", "0021_seal")]

    operations = [
        migrations.AddField(
            model_name="stream",
            name="requires_token",
            field=models.BooleanField(default=False, verbose_name="takes events only with a token"),
        ),
        migrations.CreateModel(
            name="PublicKey",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=120, verbose_name="name")),
                (
                    "key_id",
                    models.CharField(
                        default=apps.orgs.models.public_key.new_key_id,
                        editable=False,
                        max_length=40,
                        unique=True,
                        verbose_name="key ID",
                    ),
                ),
                ("pem", models.TextField(verbose_name="public key")),
                ("algorithm", models.CharField(max_length=10, verbose_name="algorithm")),
                ("fingerprint", models.CharField(max_length=64, verbose_name="fingerprint")),
                ("made_at", models.DateTimeField(auto_now_add=True, verbose_name="made at")),
                (
                    "last_used_at",
                    models.DateTimeField(blank=True, editable=False, null=True, verbose_name="last used"),
                ),
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
                    "stream",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="public_keys", to="orgs.stream"
                    ),
                ),
            ],
            options={
                "verbose_name": "public key",
                "verbose_name_plural": "public keys",
                "ordering": ["made_at", "pk"],
                "constraints": [
                    models.UniqueConstraint(fields=("stream", "fingerprint"), name="orgs_one_public_key")
                ],
            },
        ),
        protect("orgs_publickey", of_parent("orgs_publickey", "orgs_stream", "stream_id")),
        record_changes("orgs_publickey", "stream", no_news=["last_used_at"]),
    ]
