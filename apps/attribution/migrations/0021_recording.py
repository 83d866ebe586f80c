"""Every change of a goal is recorded (ADR 0032)."""

from django.db import migrations

from apps.shared.recording import record_changes


class Migration(migrations.Migration):
    dependencies = [("attribution", "0020_row_security"), ("compliance", "0021_seal")]

    operations = [record_changes("attribution_goal", "property", no_news=["built_version"])]
