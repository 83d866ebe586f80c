"""Registration of the app."""

from django.apps import AppConfig


class AttributionConfig(AppConfig):
    """Attribution."""

    name = "apps.attribution"
    label = "attribution"
