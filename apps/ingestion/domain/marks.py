"""How far the checks of each share of the log are counted, where several writers read it (ADR 0120)."""

from collections.abc import Iterable
from typing import NamedTuple


class Place(NamedTuple):
    """Where an entry is: its share of the log, its number there, and when the log took it (milliseconds)."""

    share: str
    number: int
    logged_at: int


class Mark(NamedTuple):
    """The last entry of a share that is counted, by its number, and the latest moment at which one up to it came.

    Numbers of a topic that is made anew begin again: its entries came later than the mark.
    """

    number: int = -1
    logged_at: int = 0

    def covers(self, place: Place) -> bool:
        """Tell whether the entry at *place* is counted."""
        return place.number <= self.number and place.logged_at <= self.logged_at

    def after(self, places: Iterable[Place]) -> "Mark":
        """Return the mark once the entries at *places* of its share are counted too, which are in order."""
        mark = self
        for place in places:
            if not mark.covers(place):
                mark = Mark(place.number, max(mark.logged_at, place.logged_at))
        return mark
