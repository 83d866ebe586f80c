"""Registration of the app."""

from django.apps import AppConfig


class SharedConfig(AppConfig):
    """Plumbing of every process."""

    name = "apps.shared"
    label = "shared"
    verbose_name = "Shared"

    def ready(self) -> None:
        """Tell PostgreSQL with every statement on whose behalf it runs."""
        from django.db.backends.signals import connection_created

        from apps.shared import row_security

        connection_created.connect(row_security.speak_for, dispatch_uid="row_security")
