"""What of a block that may be read again has its end in the store already."""

from collections.abc import Sequence

import msgspec

from apps.ingestion.domain import deliveries
from apps.ingestion.domain.deliveries import Delivery
from apps.ingestion.domain.ports import Entry, EventStore
from apps.ingestion.domain.positions import Ended


def decoded(entry: Entry) -> Delivery:
    """Return the delivery of *entry*. Raises what `deliveries.decode` raises."""
    if not entry.is_whole:
        raise msgspec.DecodeError("It is not what was appended: its checksum differs.")
    return deliveries.decode(entry.body)


def ended(block: Sequence[Entry], store: EventStore) -> Ended:
    """Return the ends of *block* that are stored. Raises StoreUnavailable."""
    properties, moments = {0}, [entry.logged_at for entry in block]
    for entry in block:
        try:
            delivery = decoded(entry)
        except msgspec.MsgspecError:
            continue  # its end is of no property, at the moment when the log took it
        properties.add(delivery.property_id)
        moments.append(delivery.received_at)
    offsets = [entry.offset for entry in block]
    return Ended(store.ended(offsets, properties=properties, since=min(moments), until=max(moments)))
