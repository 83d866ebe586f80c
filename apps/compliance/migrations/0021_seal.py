"""The record is written by PostgreSQL: entries are chained as they come and never changed (ADR 0032)."""

from pathlib import Path

from django.db import migrations

from apps.shared.row_security import SYSTEM, of_organization

_SQL = (Path(__file__).parents[1] / "sql" / "audit.sql").read_text(encoding="utf-8")
_SEEN = f"{SYSTEM} OR {of_organization()}"


class Migration(migrations.Migration):
    dependencies = [("compliance", "0020_audit"), ("orgs", "0011_row_security")]

    operations = [
        # Whole, not split at semicolons: the functions have some of their own.
        migrations.RunSQL([_SQL], migrations.RunSQL.noop),
        migrations.RunSQL(
            f"""
            ALTER TABLE compliance_auditentry ENABLE ROW LEVEL SECURITY;
            ALTER TABLE compliance_auditentry FORCE ROW LEVEL SECURITY;
            CREATE POLICY tenancy ON compliance_auditentry FOR SELECT USING ({_SEEN});
            CREATE POLICY everybody_is_recorded ON compliance_auditentry FOR INSERT WITH CHECK (true);
            """,
            migrations.RunSQL.noop,
        ),
    ]
