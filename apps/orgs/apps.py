"""Registration of the app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class OrgsConfig(AppConfig):
    """Organizations and access."""

    name = "apps.orgs"
    label = "orgs"
    verbose_name = "Organizations"

    def ready(self) -> None:
        """Say where the data of properties is; put the pages of an organization into the menu."""
        from apps.orgs import queries
        from apps.shared import regions
        from apps.shared.navigation import Entry, register

        regions.ask_with(queries.region_of_property)
        section = _("Organization")
        register(
            Entry(_("Members"), "orgs:member-list", "users", 110, section=section),
            Entry(_("Roles"), "orgs:role-list", "shield-check", 120, section=section),
            Entry(_("Programs and keys"), "orgs:program-list", "key-round", 130, section=section),
            Entry(_("Organization"), "orgs:organization", "building-2", 150, section=section),
        )
