"""Our signing key is a secret in the record too, and reading metadata is no news."""

from django.db import migrations

from apps.shared.recording import record_changes

_QUIET = ["changed_at", "metadata_read_at", "warned_at"]


class Migration(migrations.Migration):
    dependencies = [("accounts", "0060_single_logout")]

    operations = [
        migrations.RunSQL("DROP TRIGGER record ON accounts_identityprovider", migrations.RunSQL.noop),
        record_changes(
            "accounts_identityprovider",
            "organization",
            secret=["client_secret", "certificates", "signing_key"],
            no_news=_QUIET,
        ),
    ]
