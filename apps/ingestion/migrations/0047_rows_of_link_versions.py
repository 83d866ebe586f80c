"""Row-level security and a record for the versions of links."""

from django.db import migrations

from apps.shared.recording import record_changes
from apps.shared.row_security import of_property, protect


class Migration(migrations.Migration):
    dependencies = [("ingestion", "0046_link_versions")]

    operations = [
        protect("ingestion_linkversion", of_property("ingestion_linkversion")),
        record_changes("ingestion_linkversion", "property"),
    ]
