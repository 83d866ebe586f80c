"""Registration of the app."""

from importlib import import_module

from django.apps import AppConfig
from django.conf import settings
from django.utils.translation import gettext_lazy as _


class IngestionConfig(AppConfig):
    """Events on their way in."""

    name = "apps.ingestion"
    label = "ingestion"
    verbose_name = "Ingestion"

    def import_models(self) -> None:
        """Register the ClickHouse tables along with the models: they live in a module of their own."""
        super().import_models()
        import_module("apps.ingestion.facts")

    def ready(self) -> None:
        """Put the pages into the menu; at the door, spare every request what it does not need."""
        from apps.ingestion import services
        from apps.orgs import api as orgs
        from apps.shared import navigation

        orgs.endings.register(lambda property_id: services.delete_property(property_id=property_id))
        orgs.endings.register(lambda property_id: services.forget_consents(property_id=property_id))

        navigation.register(
            navigation.Entry(_("Links"), "ingestion:link-list", "link", 70, key="k", section=_("Property")),
            navigation.Entry(_("Imports"), "ingestion:import-list", "upload", 72, section=_("Property")),
            navigation.Entry(_("Collection"), "ingestion:collection", "inbox", 85, key="d", section=_("Property")),
        )
        if any(url.startswith("kafka://") for url in _logs()):
            import_module("apps.ingestion.wiring").watch_kafka()
        if settings.PROCESS == "collect":
            import_module("apps.ingestion.wiring").leave_requests_alone()


def _logs() -> list[str]:
    from apps.shared import regions

    return [regions.stores(region).event_log_url for region in regions.served()]
