"""Registration of the app."""

from django.apps import AppConfig


class IngestionConfig(AppConfig):
    """Ingestion."""

    name = "apps.ingestion"
    label = "ingestion"
