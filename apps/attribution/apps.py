"""Registration of the app."""

from importlib import import_module

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AttributionConfig(AppConfig):
    """Attribution."""

    name = "apps.attribution"
    label = "attribution"
    verbose_name = "Attribution"

    def import_models(self) -> None:
        """Register the ClickHouse tables along with the models: they live in a module of their own."""
        super().import_models()
        import_module("apps.attribution.facts")

    def ready(self) -> None:
        """Build journeys when events arrive."""
        from apps.attribution import services, tasks
        from apps.ingestion.domain import arrivals
        from apps.orgs import api as orgs
        from apps.shared import navigation

        orgs.endings.register(lambda property_id: services.delete_property(property_id=property_id))

        navigation.register(
            navigation.Entry(_("Goals"), "attribution:goal-list", "target", 80, key="g", section=_("Property")),
            navigation.Entry(_("Visits and sources"), "attribution:visit-list", "route", 81, section=_("Property")),
            navigation.Entry(_("People"), "attribution:person-list", "fingerprint", 82, section=_("Property")),
            navigation.Entry(_("Lookbacks"), "attribution:lookback-list", "timer", 83, key="b", section=_("Property")),
        )

        def build_what_arrived(arrival: arrivals.Arrival) -> None:
            tasks.request_build(arrival.property_id)

        arrivals.register(build_what_arrived)
