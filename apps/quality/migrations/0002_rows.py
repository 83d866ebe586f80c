"""Row-level security and a record for what people set up; deduplication of blocks for what the writer counts."""

from django.db import migrations

from apps.shared.recording import record_changes
from apps.shared.row_security import of_parent, of_property, protect

_OF_EXPECTATION = ("quality_expectation", "expectation_id")
SETTINGS = """
ALTER TABLE quality_checks MODIFY SETTING
    non_replicated_deduplication_window = 1000, fsync_after_insert = 1, fsync_part_directory = 1
"""


class Migration(migrations.Migration):
    dependencies = [("quality", "0001_initial"), ("compliance", "0021_seal")]

    operations = [
        migrations.RunSQL(SETTINGS, migrations.RunSQL.noop, hints={"clickhouse": True}),
        protect("quality_expectation", of_property("quality_expectation")),
        protect("quality_expectationversion", of_parent("quality_expectationversion", *_OF_EXPECTATION)),
        protect("quality_observation", of_parent("quality_observation", *_OF_EXPECTATION)),
        protect("quality_eventschema", of_property("quality_eventschema")),
        protect("quality_drift", of_property("quality_drift")),
        protect("quality_fixrule", of_property("quality_fixrule")),
        protect("quality_release", of_property("quality_release")),
        record_changes("quality_expectation", "property"),
        record_changes("quality_eventschema", "property", no_news=("fields",)),
        record_changes("quality_fixrule", "property"),
        record_changes("quality_release", "property", no_news=("status", "total", "done", "changed", "refused")),
    ]
