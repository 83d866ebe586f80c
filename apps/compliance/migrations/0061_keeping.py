"""The record is pruned by policy alone, and posted to its receivers by PostgreSQL (ADR 0080, 0081)."""

from pathlib import Path

from django.db import migrations

from apps.shared.recording import record_changes
from apps.shared.row_security import SYSTEM, of_organization, of_parent, protect

_SQL = (Path(__file__).parents[1] / "sql" / "keeping.sql").read_text(encoding="utf-8")
_NO_NEWS = ["failures", "failing_since", "last_delivered_at", "busy_until"]


class Migration(migrations.Migration):
    dependencies = [("compliance", "0060_retention_and_stream"), ("orgs", "0012_recording")]

    operations = [
        # Whole, not split at semicolons: the functions have some of their own.
        migrations.RunSQL([_SQL], migrations.RunSQL.noop),
        protect("compliance_auditretention", of_organization()),
        protect("compliance_auditseal", of_organization()),
        protect("compliance_auditendpoint", of_organization()),
        protect("compliance_auditdelivery", of_parent("compliance_auditdelivery", "compliance_auditendpoint", "endpoint_id")),
        migrations.RunSQL(
            f"CREATE POLICY pruning ON compliance_auditentry FOR DELETE USING ({SYSTEM})",
            "DROP POLICY pruning ON compliance_auditentry",
        ),
        record_changes("compliance_auditretention", "organization"),
        record_changes("compliance_auditseal", "organization"),
        record_changes(
            "compliance_auditendpoint", "organization", secret=["secret", "retired_secret"], no_news=_NO_NEWS
        ),
    ]  # fmt: skip
