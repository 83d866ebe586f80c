"""Deliveries go to the log: whole where it has one partition, else each person's events to their own."""

from collections.abc import Sequence

from apps.ingestion.domain import deliveries
from apps.ingestion.domain.deliveries import Delivery, Item
from apps.ingestion.domain.ports import EventLog
from apps.ingestion.domain.shares import share_of


def append(delivery: Delivery, log: EventLog) -> str:
    """Put *delivery* on the log and return an offset of it. Raises LogUnavailable; then it may be there in part.

    The same event, sent again, is the same person's: it comes to the same partition, where its double is known.
    """
    if log.partitions == 1:
        return log.append(deliveries.encode(delivery))
    return log.append_many(_parts(delivery, log.partitions))[-1]


def append_all(some: Sequence[Delivery], log: EventLog) -> None:
    """Put many deliveries on the log together. Raises LogUnavailable; then they may be there in part."""
    shares = log.partitions
    if shares == 1:
        parts = [(0, deliveries.encode(delivery)) for delivery in some]
    else:
        parts = [part for delivery in some for part in _parts(delivery, shares)]
    if parts:
        log.append_many(parts)


def _parts(delivery: Delivery, shares: int) -> list[tuple[int, bytes]]:
    by_share: dict[int, list[Item]] = {}
    for item in delivery.items:
        by_share.setdefault(share_of(delivery.property_id, item, shares), []).append(item)
    first = min(by_share, default=delivery.property_id % shares)
    return [
        (share, deliveries.encode(_part(delivery, by_share.get(share, []), with_refusals=share == first)))
        for share in sorted({first, *by_share})
    ]


def _part(delivery: Delivery, items: list[Item], *, with_refusals: bool) -> Delivery:
    return Delivery(
        delivery.version,
        delivery.property_id,
        delivery.stream_id,
        delivery.stream_kind,
        delivery.received_at,
        delivery.user_agent,
        items,
        delivery.refusals if with_refusals else [],
        delivery.decided_after,
    )
