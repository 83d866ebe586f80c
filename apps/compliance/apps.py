"""Registration of the app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ComplianceConfig(AppConfig):
    """Consent, the rights of persons, and the record of what was done."""

    name = "apps.compliance"
    label = "compliance"

    def ready(self) -> None:
        """Put the record into the menu, and hear of sign-ins."""
        from apps.compliance import sign_ins
        from apps.shared.navigation import Entry, register

        register(Entry(_("Record"), "compliance:record", "list", 140, section=_("Organization")))
        sign_ins.listen()
