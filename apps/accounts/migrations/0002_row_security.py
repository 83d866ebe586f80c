"""Row-level security and the record, for what organizations have settled about signing in (ADR 0030, 0032)."""

from django.db import migrations

from apps.shared.recording import record_changes
from apps.shared.row_security import of_organization, of_parent, protect

_QUIET = ["changed_at", "last_used_at"]


class Migration(migrations.Migration):
    dependencies = [("accounts", "0001_initial"), ("orgs", "0013_support")]

    operations = [
        protect("accounts_identityprovider", of_organization()),
        protect("accounts_domain", of_organization()),
        protect("accounts_signinrules", of_organization()),
        protect("accounts_provisioningtoken", of_organization()),
        protect("accounts_provisionedperson", of_organization()),
        protect("accounts_provisionedgroup", of_organization()),
        protect(
            "accounts_provisionedgroup_people",
            of_parent("accounts_provisionedgroup_people", "accounts_provisionedgroup", "provisionedgroup_id"),
        ),
        record_changes(
            "accounts_identityprovider", "organization", secret=["client_secret", "certificates"], no_news=_QUIET
        ),
        record_changes("accounts_domain", "organization", secret=["proof"]),
        record_changes("accounts_signinrules", "organization", no_news=_QUIET),
        record_changes("accounts_provisioningtoken", "organization", secret=["digest"], no_news=_QUIET),
        record_changes("accounts_provisionedperson", "organization", no_news=_QUIET),
        record_changes("accounts_provisionedgroup", "organization", no_news=_QUIET),
    ]
