"""Every change of organizations, members, programs, keys and settings is recorded (ADR 0032)."""

from django.db import migrations

from apps.shared.recording import record_changes


class Migration(migrations.Migration):
    dependencies = [("orgs", "0011_row_security"), ("compliance", "0021_seal")]

    operations = [
        record_changes("orgs_organization", "self"),
        record_changes("orgs_membership", "organization"),
        record_changes("orgs_customrole", "organization"),
        record_changes("orgs_invitation", "organization", secret=["secret_hash"]),
        record_changes("orgs_serviceaccount", "organization"),
        record_changes("orgs_apikey", "account", secret=["secret_hash"], no_news=["last_used_at", "last_used_from"]),
        record_changes("orgs_property", "organization"),
        record_changes("orgs_propertysettings", "property"),
        record_changes("orgs_stream", "property", secret=["write_key"], no_news=["last_used_at"]),
        record_changes("orgs_retiredkey", "stream", secret=["write_key"], no_news=["last_used_at"]),
        record_changes("orgs_user", "none", secret=["password"], no_news=["last_login"]),
    ]
