"""Registration of the app."""

from django.apps import AppConfig


class OrgsConfig(AppConfig):
    """Organizations and access."""

    name = "apps.orgs"
    label = "orgs"
    verbose_name = "Organizations"
