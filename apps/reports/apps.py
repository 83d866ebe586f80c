"""Registration of the app and of its pages in the menu."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ReportsConfig(AppConfig):
    """Dashboards."""

    name = "apps.reports"
    label = "reports"
    verbose_name = "Reports"

    def ready(self) -> None:
        """Put the pages into the menu."""
        from apps.shared.navigation import Entry, register

        events = _("Events")
        register(
            Entry(_("Overview"), "reports:overview", "layout-dashboard", 10, key="o"),
            Entry(_("Methods"), "reports:methods", "git-compare", 20, key="m"),
            Entry(_("Training"), "reports:training-list", "sparkles", 22, key="t"),
            Entry(_("What if"), "reports:what-if", "flask-conical", 25, key="w"),
            Entry(_("Conversions"), "reports:conversion-list", "receipt", 30, key="c"),
            Entry(_("Installs"), "reports:decision-list", "smartphone", 35, key="i"),
            Entry(_("Unattributed"), "reports:unattributed", "unlink", 40, key="u"),
            Entry(_("Live"), "reports:live", "activity", 50, key="l", section=events),
            Entry(_("Find an event"), "reports:event-find", "search", 60, key="f", section=events),
            Entry(
                _("Channel rules"), "reports:what-if", "waypoints", 82, key="h", section=_("Property"), anchor="rules"
            ),
            Entry(_("Settings"), "orgs:settings", "settings", 90, key="s", section=_("Property")),
        )
