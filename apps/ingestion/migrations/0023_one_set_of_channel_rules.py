"""Channel rules are applied while journeys are built and nowhere else (ADR 0054); the policy and record go with it."""

from django.db import migrations
from django.db.migrations import RunSQL

from apps.shared.recording import record_changes
from apps.shared.row_security import of_property, protect

_TABLE = "ingestion_channelversion"
# Going back makes the table anew: it is protected and recorded before 0022 is undone.
_AGAIN = (protect(_TABLE, of_property(_TABLE)), record_changes(_TABLE, "property"))


class Migration(migrations.Migration):
    dependencies = [("ingestion", "0022_rows_of_collection")]

    operations = [
        *(RunSQL(RunSQL.noop, one.sql) for one in reversed(_AGAIN)),
        migrations.DeleteModel("ChannelVersion"),
    ]
