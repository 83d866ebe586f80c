"""What a round of the writer did, counted by property."""

from collections.abc import Sequence
from itertools import groupby
from operator import attrgetter
from typing import NamedTuple

from apps.ingestion.domain.events import Event
from apps.ingestion.domain.outcomes import OutcomeRow


class Stored(NamedTuple):
    """What one round stored of a property."""

    events: int
    flagged: int
    earliest: int


class Written(NamedTuple):
    """What one round did; the events themselves are let go of, for they are most of the writer's memory."""

    by_property: dict[int, Stored]
    outcomes: list[OutcomeRow]
    replayed: int

    @property
    def stored(self) -> int:
        """Return how many events were stored."""
        return sum(one.events for one in self.by_property.values())

    @property
    def flagged(self) -> int:
        """Return how many of those carry flags."""
        return sum(one.flagged for one in self.by_property.values())


def count(fresh: Sequence[Event], by_property: dict[int, Stored]) -> None:
    """Add the events of one block to what is counted; those of a delivery, one after the other, share a property."""
    for property_id, run in groupby(fresh, key=attrgetter("property_id")):
        events = list(run)
        earliest = min(map(attrgetter("occurred_at"), events))
        counted = Stored(len(events), sum(map(bool, map(attrgetter("flags"), events))), earliest)
        before = by_property.get(property_id)
        by_property[property_id] = counted if before is None else _sum(before, counted)


def _sum(one: Stored, other: Stored) -> Stored:
    return Stored(one.events + other.events, one.flagged + other.flagged, min(one.earliest, other.earliest))
