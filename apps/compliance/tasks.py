"""The record at night and on its way."""

import random

from celery import shared_task
from django.utils import timezone

from apps.compliance import services
from apps.compliance.adapters import webhooks


@shared_task(name="compliance.prune_record")
def prune_record(**_: object) -> None:
    """Prune every record by the retention of its organization, and forget old deliveries. Safe to repeat."""
    services.prune_all()
    services.forget_old_deliveries(now=timezone.now())


@shared_task(name="compliance.stream_records")
def stream_records(**_: object) -> None:
    """Begin a run for each receiver to which something is due, so that a slow one holds up nobody else."""
    for endpoint_id in services.endpoints_due(now=timezone.now()):
        stream_to_endpoint.delay(endpoint_id=endpoint_id)


@shared_task(name="compliance.stream_to_endpoint")
def stream_to_endpoint(*, endpoint_id: int, **_: object) -> None:
    """Deliver what is due to one receiver. Safe to repeat, and at the same time."""
    services.deliver_due(
        endpoint_id=endpoint_id, post=webhooks.post, clock=timezone.now, jitter=random.SystemRandom().random
    )
