"""Registration of the app."""

from importlib import import_module

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class QualityConfig(AppConfig):
    """Data quality."""

    name = "apps.quality"
    label = "quality"
    verbose_name = "Quality"

    def import_models(self) -> None:
        """Register the ClickHouse table along with the models: it lives in a module of its own."""
        super().import_models()
        import_module("apps.quality.facts")

    def ready(self) -> None:
        """Have the writer look at events, and put the pages into the menu."""
        from apps.ingestion.domain import inspections
        from apps.orgs import api as orgs
        from apps.shared import navigation

        inspections.register(lambda region: import_module("apps.quality.wiring").inspection(region))
        orgs.endings.register(
            lambda property_id: import_module("apps.quality.services").delete_property(property_id=property_id)
        )
        navigation.register(
            navigation.Entry(_("Data quality"), "quality:overview", "shield-check", 86, section=_("Property")),
            navigation.Entry(_("Quarantine"), "quality:quarantine", "shield-alert", 87, section=_("Property")),
        )
