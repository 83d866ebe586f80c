"""Row-level security and a record for channel rules and for what was promoted."""

from django.db import migrations

from apps.shared.recording import record_changes
from apps.shared.row_security import of_property, protect


class Migration(migrations.Migration):
    dependencies = [("attribution", "0021_recording"), ("attribution", "0011_promotions")]

    operations = [
        protect("attribution_channelrulesversion", of_property("attribution_channelrulesversion")),
        protect("attribution_promotion", of_property("attribution_promotion")),
        record_changes("attribution_channelrulesversion", "property"),
        record_changes("attribution_promotion", "property"),
    ]
