"""Row-level security for imports of files, and a record of who imported what."""

from django.db import migrations

from apps.shared.recording import record_changes
from apps.shared.row_security import of_property, protect


class Migration(migrations.Migration):
    dependencies = [("ingestion", "0086_file_imports")]

    operations = [
        protect("ingestion_fileimport", of_property("ingestion_fileimport")),
        record_changes("ingestion_fileimport", "property"),
        protect("ingestion_importwork", of_property("ingestion_importwork")),
    ]
