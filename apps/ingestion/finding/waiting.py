"""What is on the log and has no end yet. A log that does not answer only means that what waits there is not seen."""

from collections.abc import Iterator

import msgspec
import structlog

from apps.ingestion import wiring
from apps.ingestion.domain import deliveries
from apps.ingestion.domain.deliveries import Item, Refusal
from apps.ingestion.domain.found import WaitingEvent
from apps.ingestion.domain.outcomes import readable
from apps.ingestion.domain.ports import LogUnavailable
from apps.ingestion.finding.values import instant

_MOST = 200  # the newest deliveries: more would be megabytes for one page, and the writer empties the log soon

log = structlog.get_logger(__name__)


def waiting(property_id: int) -> Iterator[WaitingEvent]:
    """Yield what of a property waits on the log for the writer, newest delivery first."""
    try:
        entries = wiring.event_log().waiting(most=_MOST)
    except LogUnavailable as error:
        log.warning("finding.log_unavailable", error=str(error))
        return
    for entry in entries:
        try:
            delivery = deliveries.decode(entry.body)
        except (msgspec.MsgspecError, deliveries.UnknownVersion):
            continue  # the writer gives it its end
        if delivery.property_id != property_id:
            continue
        held: list[Item | Refusal] = [*delivery.items, *delivery.refusals]
        for item in held:
            times = instant(delivery.received_at), instant(entry.logged_at)
            is_accepted = isinstance(item, Item)
            yield WaitingEvent(item.message_id, delivery.stream_id, *times, is_accepted, readable(item.payload))
