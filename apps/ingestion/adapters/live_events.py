"""Tells open pages that events were stored, through the Channels group of their property."""

from collections.abc import Sequence
from typing import Any

import structlog
from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer

from apps.ingestion.domain.arrivals import Arrival
from apps.ingestion.domain.events import Event

log = structlog.get_logger(__name__)
_SHOWN = 20


def tell(arrival: Arrival, events: Sequence[Event]) -> None:
    """Send what the block stored to group `property.<id>`: how many, and the last few for the live page.

    A page that misses it catches up at its next question, so a layer that is down costs freshness and nothing else.
    """
    message = {
        "type": "events.stored",
        "property_id": arrival.property_id,
        "events": arrival.events,
        "stored_at": arrival.stored_at,
        "last": [_summary(event) for event in events[-_SHOWN:]],
    }
    layer = get_channel_layer()
    if layer is None:
        return
    try:
        async_to_sync(layer.group_send)(f"property.{arrival.property_id}", message)
    except Exception:
        log.warning("live_events.not_sent", property_id=arrival.property_id, exc_info=True)


def _summary(event: Event) -> dict[str, Any]:
    return {
        "message_id": event.message_id,
        "kind": event.kind,
        "name": event.name,
        "occurred_at": event.occurred_at,
        "received_at": event.received_at,
        "anonymous_id": event.anonymous_id,
        "user_id": event.user_id,
        "channel": event.channel,
        "source": event.source,
        "page_path": event.page_path,
        "value": None if event.value is None else str(event.value),
        "currency": event.currency,
        "country": event.country,
        "device": event.device,
    }
