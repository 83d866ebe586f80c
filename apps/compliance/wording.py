"""The record in words."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

SUBJECTS: dict[str, str | Promise] = {
    "orgs_organization": _("Organization"),
    "orgs_membership": _("Member"),
    "orgs_invitation": _("Invitation"),
    "orgs_customrole": _("Role"),
    "orgs_serviceaccount": _("Program"),
    "orgs_apikey": _("API key"),
    "orgs_property": _("Property"),
    "orgs_propertysettings": _("Settings"),
    "orgs_stream": _("Stream"),
    "orgs_publickey": _("Public key"),
    "orgs_retiredkey": _("Retired write key"),
    "orgs_user": _("Account"),
    "attribution_goal": _("Goal"),
    "attribution_channelrulesversion": _("Channel rules"),
    "attribution_identityversion": _("Rules about ids"),
    "ingestion_link": _("Link"),
    "ingestion_fileimport": _("Import of a file"),
    "ingestion_consentversion": _("Consent"),
    "ingestion_streamlimit": _("Limit of a stream"),
    "ingestion_naming": _("Names of campaigns"),
    "ingestion_appsite": _("Apps"),
    "reports_table": _("Table"),
    "compliance_record": _("Record"),
    "compliance_auditretention": _("Retention of the record"),
    "compliance_auditseal": _("Pruning of the record"),
    "compliance_auditendpoint": _("Receiver of the record"),
}
ACTIONS: dict[str, str | Promise] = {
    "insert": _("added"),
    "update": _("changed"),
    "delete": _("deleted"),
    "sign_in": _("signed in"),
    "sign_out": _("signed out"),
    "sign_in_failed": _("failed to sign in"),
    "export": _("exported"),
    "support": _("support access"),
}
ACTORS: dict[str, str | Promise] = {
    "person": _("Person"),
    "key": _("API key"),
    "task": _("Task"),
    "system": _("System"),
    "sql": _("SQL"),
    "stranger": _("Nobody signed in"),
}
