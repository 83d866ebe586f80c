"""Registration of the app."""

from django.apps import AppConfig


class AttributionConfig(AppConfig):
    """Attribution."""

    name = "apps.attribution"
    label = "attribution"

    def ready(self) -> None:
        """Load the facts, so that migrations see them."""
        from apps.attribution import facts  # noqa: F401
