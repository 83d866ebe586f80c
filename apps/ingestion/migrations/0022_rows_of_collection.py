"""Row-level security and a record for what a property asks of people, how much its streams may send, and its names."""

from django.db import migrations

from apps.shared.recording import record_changes
from apps.shared.row_security import of_parent, of_property, protect


class Migration(migrations.Migration):
    dependencies = [("ingestion", "0021_recording"), ("ingestion", "0013_channels")]

    operations = [
        protect("ingestion_streamlimit", of_parent("ingestion_streamlimit", "orgs_stream", "stream_id")),
        protect("ingestion_consentversion", of_property("ingestion_consentversion")),
        protect("ingestion_rememberedconsent", of_property("ingestion_rememberedconsent")),
        protect("ingestion_channelversion", of_property("ingestion_channelversion")),
        protect("ingestion_naming", of_property("ingestion_naming")),
        protect("ingestion_appsite", of_property("ingestion_appsite")),
        record_changes("ingestion_streamlimit", "stream"),
        record_changes("ingestion_channelversion", "property"),
        record_changes("ingestion_naming", "property"),
        record_changes("ingestion_appsite", "property"),
        record_changes("ingestion_consentversion", "property"),
    ]
