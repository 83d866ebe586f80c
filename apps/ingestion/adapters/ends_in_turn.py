"""Ends of several writers are stored in turn, and each of them once, whatever block it comes in (ADR 0113).

An end is known by the entry of the log and the place in it. In the turn nobody else inserts, so what the store has
then is all that there is; a writer whose turn was lost before it inserted has the same name for its block as the one
that has the turn now, so the store takes one of the two, and the other sees that its ends are missing.
"""

from collections.abc import Mapping, Sequence
from typing import cast

import structlog

from apps.ingestion.adapters.claims import Claims
from apps.ingestion.adapters.turn import Overtaken, by_month, end_turn, rows_of, turn
from apps.ingestion.domain.ports import EventStore
from apps.ingestion.domain.positions import Ended, Position

log = structlog.get_logger(__name__)
Columns = Mapping[str, Sequence[object]]
_KEY = ("log_offset", "log_place", "received_at", "outcome")


def insert_ends(store: EventStore, columns: Columns, *, number: int, claims: Claims, until: int) -> tuple[int, int]:
    """Insert rows of `outcomes` but those that are stored, in turn *number*.

    Returns the moment of the turn and of the one before. Raises StoreUnavailable and TakenOver; Overtaken when another
    writer's block has the name of this one.
    """
    with turn(number, until=until) as held:
        claims.check(held.owners)
        months: dict[str, int] = {}
        for month, places in by_month(columns["received_at"], _stored(store, columns)).items():
            name = f"ends-{month}"
            rows = rows_of(columns, places)
            store.insert("outcomes", rows, token=held.token(name), until=until)
            if len(_stored(store, rows)) < len(places):
                since = held.months.get(name, 0)
                log.warning("writer.overtaken", month=name, since=since)
                raise Overtaken(name, since)
            months[name] = held.moment
        end_turn(number, months)
    return held.moment, held.before


def _stored(store: EventStore, columns: Columns) -> frozenset[int]:
    """Return the indexes of rows whose end the store has."""
    offsets = cast("Sequence[str]", columns["log_offset"])
    received = cast("Sequence[int]", columns["received_at"])
    properties = set(cast("Sequence[int]", columns["property_id"]))
    ends = store.ended(sorted(set(offsets)), properties=properties, since=min(received), until=max(received))
    ended = Ended(ends)
    rows = zip(*(columns[name] for name in _KEY), strict=True)
    return frozenset(at for at, row in enumerate(rows) if _is_stored(ended, *cast("tuple[str, int, int, str]", row)))


def _is_stored(ended: Ended, offset: str, place: int, received_at: int, outcome: str) -> bool:
    return ended.has(Position(offset, place), received_at, outcome)
