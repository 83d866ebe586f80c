"""What is looked after by night: identity providers change their certificates without telling."""

from celery import shared_task
from django.utils import timezone

from apps.accounts.services import providers


@shared_task(name="accounts.refresh_providers")
def refresh_providers(**_: object) -> None:
    """Read metadata again and warn of certificates that end. Safe to repeat."""
    providers.refresh_all(now=timezone.now())
