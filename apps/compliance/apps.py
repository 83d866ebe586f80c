"""Registration of the app."""

from django.apps import AppConfig


class ComplianceConfig(AppConfig):
    """Consent and the rights of persons."""

    name = "apps.compliance"
    label = "compliance"
