"""Every change of a link is recorded (ADR 0032)."""

from django.db import migrations

from apps.shared.recording import record_changes


class Migration(migrations.Migration):
    dependencies = [("ingestion", "0020_row_security"), ("compliance", "0021_seal")]

    operations = [record_changes("ingestion_link", "property")]
