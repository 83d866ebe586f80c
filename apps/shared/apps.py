"""Registration of the app."""

from django.apps import AppConfig


class SharedConfig(AppConfig):
    """Plumbing of every process."""

    name = "apps.shared"
    label = "shared"
    verbose_name = "Shared"
