"""Tells open pages that figures have changed, through the Channels group of their property."""

import structlog
from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer

from apps.shared import regions

log = structlog.get_logger(__name__)


def tell_built(property_id: int) -> None:
    """Announce new journeys. A page that misses it shows the figures at its next question."""
    _tell(property_id, "journeys.built")


def tell_training(property_id: int) -> None:
    """Announce that a training has moved on. A page that misses it asks again by itself."""
    _tell(property_id, "training.moved")


def _tell(property_id: int, news: str) -> None:
    layer = get_channel_layer(regions.stores(regions.of_property(property_id)).layer)
    if layer is None:
        return
    try:
        async_to_sync(layer.group_send)(f"property.{property_id}", {"type": news, "property_id": property_id})
    except Exception:
        log.warning("live_updates.not_sent", property_id=property_id, exc_info=True)
