"""Registration of the app."""

from django.apps import AppConfig


class ReportsConfig(AppConfig):
    """Dashboards."""

    name = "apps.reports"
    label = "reports"
    verbose_name = "Reports"
