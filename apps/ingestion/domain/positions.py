"""Where on the log something came from, and what of it has its end already: an end is counted once (R2, R9).

An entry that is read again may have been judged before, by other rules or in a block of other bounds. Its offset and
the place in it name an end whatever the block was. The moment of receipt belongs to the name: the offsets of a topic
that is made anew begin again.
"""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from typing import NamedTuple


class Position(NamedTuple):
    """An entry by its offset, and the place in it: what the door did not accept comes first, then what it did."""

    offset: str
    place: int


class StoredEnd(NamedTuple):
    """An end that the store has; `received_at` in milliseconds."""

    position: Position
    received_at: int
    outcome: str


class Positions:
    """The position of each event of a block, kept by entry: it is asked for hardly any of them."""

    def __init__(self) -> None:
        self._starts: list[int] = []
        self._runs: list[tuple[str, Sequence[int]]] = []

    def add(self, offset: str, places: Sequence[int], *, start: int) -> None:
        """Note that the events of the block from the one at *start* on are those at *places* of an entry."""
        if places:
            self._starts.append(start)
            self._runs.append((offset, places))

    def of(self, at: int) -> Position:
        """Return the position of the event at an index of the block."""
        run = bisect_right(self._starts, at) - 1
        offset, places = self._runs[run]
        return Position(offset, places[at - self._starts[run]])


class Ended:
    """The ends that the store has of some entries. A note of a repair is none: its event is stored."""

    def __init__(self, ends: Iterable[StoredEnd] = ()) -> None:
        self._outcomes: dict[tuple[Position, int], str] = {}
        self._notes: set[tuple[Position, int]] = set()
        for one in ends:
            if one.outcome == "repaired":
                self._notes.add((one.position, one.received_at))
            else:
                self._outcomes[one.position, one.received_at] = one.outcome

    def __len__(self) -> int:
        return len(self._outcomes) + len(self._notes)

    def outcome(self, position: Position, received_at: int) -> str:
        """Return the end of what came at *position*, or "" if it has none."""
        return self._outcomes.get((position, received_at), "")

    def has(self, position: Position, received_at: int, outcome: str) -> bool:
        """Tell whether a row of *outcome* would be one too many."""
        key = (position, received_at)
        return key in self._outcomes or (outcome == "repaired" and key in self._notes)
