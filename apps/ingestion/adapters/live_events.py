"""Tells open pages that events arrived, through the Channels group of their property."""

from dataclasses import asdict

import structlog
from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer

from apps.ingestion.domain.arrivals import News

log = structlog.get_logger(__name__)


def tell(news: News) -> None:
    """Send to group `property.<id>` how many arrived and up to which moment; the pages ask the store for them.

    So a round costs the writer one short message, whatever it stored. A page that misses it catches up at the next;
    a layer that is down costs freshness and nothing else.
    """
    layer = get_channel_layer()
    if layer is None:
        return
    try:
        async_to_sync(layer.group_send)(f"property.{news.property_id}", {"type": "events.stored", **asdict(news)})
    except Exception:
        log.warning("live_events.not_sent", property_id=news.property_id, exc_info=True)
