"""Which events of a block are new, and which came before."""

from collections import Counter
from collections.abc import Sequence
from itertools import repeat
from typing import NamedTuple

import numpy as np

from apps.ingestion.domain.events import End, Event
from apps.ingestion.domain.ports import EventStore
from apps.ingestion.domain.positions import Ended, Position
from apps.ingestion.domain.seen import Hashes, SeenIds, id_hashes
from apps.ingestion.services.inspecting import Inspecting
from apps.ingestion.services.unpacking import Unpacked

Key = tuple[int, str]


class Sorted(NamedTuple):
    """Which events of a block are new, with the hashes of their ids and their places in it, and which are not."""

    fresh: list[Event]
    hashes: Hashes
    places: Sequence[int]
    doubles: list[tuple[Event, Position]]
    replayed: int


class Sorter:
    """Knows by hashes what the store may hold, and asks it about those alone."""

    def __init__(self, store: EventStore, seen: SeenIds) -> None:
        self._store, self._seen = store, seen

    def sort(
        self, unpacked: Unpacked, known: dict[Key, int], inspecting: Inspecting, before: Ended, *, may_repeat: bool
    ) -> Sorted:
        """Tell the events that are new from those that came before and those of this very delivery that are stored.

        What is new meets the expectations of its property here: one that is kept back is not known, so that a better
        one with the same id is stored. *known* are the ids of this round: the store may not show those of its earlier
        blocks yet. What had its end *before* keeps it, whatever the rules of now would say.
        """
        events, owners, _ = unpacked
        keys = [(event.property_id, event.message_id) for event in events]
        hashes = id_hashes(keys)
        suspected = self._seen.suspects(hashes)
        suspects = [key for key in map(keys.__getitem__, np.flatnonzero(suspected)) if key not in known]
        if suspects:
            known.update(self._store.received(suspects))
        new = dict.fromkeys(keys, -1)
        if len(new) == len(keys) and not any(owners) and not before and known.keys().isdisjoint(new):
            known.update(new)  # nearly every block: each event is new, and none meets an expectation
            return Sorted(list(events), hashes, range(len(keys)), [], 0)
        fresh, places, doubles, replayed = [], [], [], 0
        position_of = inspecting.positions.of
        had = [before.outcome(position_of(at), one.received_at) for at, one in enumerate(events)] if before else []
        times = _times(events, had) if may_repeat else None
        for place, (key, event, owner) in enumerate(zip(keys, events, owners, strict=True)):
            if had and had[place]:
                if owner and times is not None and had[place] == End.QUARANTINED:
                    inspecting.look(event, owner, at=place)  # for its counts: its row is there
                replayed += 1
                continue
            first_received_at = known.get(key)
            if first_received_at is None:
                kept = event if owner is None else inspecting.look(event, owner, at=place)
                if kept is None:
                    continue
                known[key] = -1  # from here on this round knows it
                fresh.append(kept)
                places.append(place)
            elif first_received_at == event.received_at:
                # A crash may have come before its counts and notes; the token keeps them from counting twice. Which of
                # several is the stored one is told as it was then, by those that are kept back.
                is_alone = times is not None and times[key, event.received_at] == 1
                if owner and times and inspecting.look(event, owner, at=place, is_stored=is_alone) is None:
                    continue
                known[key] = -1  # another of this id is a double, as it was when this one was new
                replayed += 1
            else:
                doubles.append((event, position_of(place)))
        return Sorted(fresh, hashes[places], places, doubles, replayed)


def _times(events: Sequence[Event], had: Sequence[str]) -> Counter[tuple[Key, int]]:
    """Return how often each id comes in one delivery, without those that *had* their end."""
    open_ones = (one for one, end in zip(events, had or repeat(""), strict=False) if not end)
    return Counter(((one.property_id, one.message_id), one.received_at) for one in open_ones)
