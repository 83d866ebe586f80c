"""Row-level security on what belongs to a property (ADR 0030)."""

from django.db import migrations

from apps.shared.row_security import of_property, protect


class Migration(migrations.Migration):
    dependencies = [("ingestion", "0004_own_click"), ("orgs", "0011_row_security")]

    operations = [protect("ingestion_link", of_property("ingestion_link"))]
