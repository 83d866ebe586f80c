"""The time of an event in an archive of a customer data platform, which keeps the clocks of all who passed it on.

`timestamp` is the time by the platform's clock. `sentAt` belongs to the request that the platform got: held against the
moment of our reading it would bring years of history to today.
"""

from typing import Any

from apps.ingestion.domain import instants
from apps.ingestion.domain.mapping import Row

_NOTHING = (None, "")
_CLOCKS = ("originalTimestamp", "sentAt")


def with_its_time(row: Row) -> dict[str, Any]:
    """Return *row* as an event with one time: as the platform corrected it, else as its clocks can correct it.

    An event that came back from a platform without a time is of when the platform received it.
    """
    event = {name: value for name, value in row.items() if name not in _CLOCKS}
    if event.get("timestamp") in _NOTHING:
        said = _corrected(*(row.get(name) for name in (*_CLOCKS, "receivedAt")))
        if said in _NOTHING:
            event.pop("timestamp", None)
        else:
            event["timestamp"] = said
    return event


def _corrected(said: Any, sent_at: Any, received_at: Any) -> Any:
    if said in _NOTHING or sent_at in _NOTHING or received_at in _NOTHING:
        return received_at if said in _NOTHING else said
    try:
        moment, sent, received = map(instants.milliseconds, (said, sent_at, received_at))
    except (instants.NotAnInstant, TypeError):
        return said
    return instants.corrected(moment, sent_at=sent, received_at=received)
