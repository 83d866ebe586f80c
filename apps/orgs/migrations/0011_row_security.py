"""Row-level security on everything that belongs to an organization (ADR 0030)."""

from django.db import migrations

from apps.shared.row_security import ORGANIZATION, PERSON, of_organization, of_parent, of_property, protect


class Migration(migrations.Migration):
    dependencies = [("orgs", "0010_access")]

    operations = [
        protect("orgs_organization", of_organization("id")),
        # The others ask memberships, so these ask no table.
        protect("orgs_membership", f"organization_id = {ORGANIZATION} OR user_id = {PERSON}"),
        protect("orgs_customrole", of_organization()),
        protect("orgs_invitation", of_organization()),
        protect("orgs_serviceaccount", of_organization()),
        protect("orgs_apikey", of_parent("orgs_apikey", "orgs_serviceaccount", "account_id")),
        protect("orgs_property", of_organization()),
        protect("orgs_propertysettings", of_property("orgs_propertysettings")),
        protect("orgs_stream", of_property("orgs_stream")),
        protect("orgs_retiredkey", of_parent("orgs_retiredkey", "orgs_stream", "stream_id")),
    ]
