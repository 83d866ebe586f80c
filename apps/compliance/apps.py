"""Registration of the app."""

from django.apps import AppConfig


class ComplianceConfig(AppConfig):
    """Compliance."""

    name = "apps.compliance"
    label = "compliance"
