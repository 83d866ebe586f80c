"""Who looks at new events before they are stored: an inspection registers, ingestion knows nothing of its rules.

It may flag an event, which is stored with its flags, or keep it in quarantine; and it may repair what fails, so that
the event is read again. What it counts is stored with the block, so that a crash counts once.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, NamedTuple, Protocol

from apps.ingestion.domain.deliveries import Item
from apps.ingestion.domain.events import Event
from apps.ingestion.domain.marks import Mark

Columns = Mapping[str, Sequence[object]]


class Finding(NamedTuple):
    """What one event fails: the ids of the expectations, whether it is kept back, and in words what is wrong."""

    expectations: tuple[int, ...]
    is_quarantined: bool
    field: str
    detail: str


class Repaired(NamedTuple):
    """An event as it reads after repairs, with the ids and the names of those that changed it."""

    item: Item
    repairs: tuple[int, ...]
    detail: str


class Inspector(Protocol):
    """The rules of one property, as they are now."""

    def inspect(self, event: Event) -> Finding | None:
        """Return what *event* fails, or None."""
        ...

    def repair(self, item: Item, *, stream_id: int, name: str) -> Repaired | None:
        """Return *item* after the repairs that are kept for such events, or None where none changes it."""
        ...


class Tally(Protocol):
    """What the inspections of one block count."""

    def add(self, event: Event, finding: Finding | None, inspector: Any) -> None:
        """Count what *event* was asked, and what it failed."""
        ...

    def tables(self, *, stored_at: int, marks: Mapping[str, Mark] | None = None) -> Mapping[str, Columns]:
        """Return the rows to store, by table, those of *marks* as well; none where nothing was asked.

        All rows of a table are stored as one, or none of them.
        """
        ...


class Inspection(Protocol):
    """Looks at events of every property."""

    def inspector_of(self, property_id: int) -> Inspector | None:
        """Return the rules of a property, or None where it has none."""
        ...

    def tally(self) -> Tally:
        """Return a tally for one block, or for one share of the log in it."""
        ...

    def marks(self, shares: Collection[str]) -> Mapping[str, Mark]:
        """Return how far each of *shares* of the log is counted, those that have a mark.

        Raises what a query of the store raises.
        """
        ...


Factory = Callable[[str], Inspection]
_FACTORIES: list[Factory] = []


def register(factory: Factory) -> None:
    """Have the writer of a region ask what *factory* returns for it; register it in ready(). There is one at most."""
    _FACTORIES[:] = [factory]


def registered(region: str = "") -> Inspection | None:
    """Return the inspection of a region of this installation, or None."""
    return _FACTORIES[0](region) if _FACTORIES else None
