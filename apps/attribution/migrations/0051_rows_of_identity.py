"""Row-level security and a record for rules about ids."""

from django.db import migrations

from apps.shared.recording import record_changes
from apps.shared.row_security import of_property, protect


class Migration(migrations.Migration):
    dependencies = [("attribution", "0050_identity")]

    operations = [
        protect("attribution_identityversion", of_property("attribution_identityversion")),
        record_changes("attribution_identityversion", "property"),
    ]
