"""History: everything known of one person while being watched, and the paths that data-driven methods draw from it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal

from attribution.journeys import Lookbacks, Touchpoint, in_touch_order, milliseconds
from attribution.paths import Path

Repeats = Literal["all", "reset", "first"]
_MILLISECOND: Final = timedelta(milliseconds=1)


class BadHistoryError(ValueError):
    """A person was watched until before the beginning."""


@dataclass(frozen=True, slots=True)
class History:
    """
    What one person did, with or without a conversion.

    Parameters
    ----------
    person : str
    touchpoints : tuple of Touchpoint
        In any order.
    conversions : tuple of datetime
        Instants of the goal's counted conversions, refunds left out; in any
        order, equal instants are conversions of their own.
    observed_from, observed_until : datetime
        Aware; between them every touchpoint and conversion is known.

    Raises
    ------
    BadHistoryError
        If the person was watched until before the beginning.
    NaiveInstantError
        If an instant carries no time zone.
    """

    person: str
    touchpoints: tuple[Touchpoint, ...]
    conversions: tuple[datetime, ...]
    observed_from: datetime
    observed_until: datetime

    def __post_init__(self) -> None:
        if milliseconds(self.observed_until) < milliseconds(self.observed_from):
            raise BadHistoryError(f"person {self.person}: watched until before the beginning")


def paths_of(history: History, lookbacks: Lookbacks | None = None, *, repeats: Repeats = "all") -> list[Path]:
    """
    Return the paths of one person.

    Parameters
    ----------
    history : History
    lookbacks : Lookbacks, optional
        Counted back from the conversion; on a path without one, from its last
        touchpoint.
    repeats : "all", "reset" or "first"
        What a person's later conversions are: paths with every touchpoint
        before them; paths that begin after the conversion before; nothing.

    Returns
    -------
    list of Path
        One for each conversion, in order of time, perhaps empty. Who never
        converted has one path that did not convert, or none without
        touchpoints. Touchpoints after the last conversion are a path of their
        own with ``reset`` alone.

    Notes
    -----
    Time O(n log n + size of the result).
    """
    lookbacks = lookbacks or Lookbacks()
    touches = [(milliseconds(one.touched_at), one) for one in in_touch_order(history.touchpoints)]
    instants = sorted(milliseconds(one) for one in history.conversions)
    found = []
    begin = None
    for instant in instants[:1] if repeats == "first" else instants:
        found.append(Path(_channels(touches, instant, lookbacks, begin), converted=True, person=history.person))
        begin = instant if repeats == "reset" else None
    rest = [touch for touch in touches if begin is None or touch[0] > begin]
    if rest and (not instants or repeats == "reset"):
        channels = _channels(rest, rest[-1][0], lookbacks, None)
        found.append(Path(channels, converted=False, person=history.person))
    return found


def _channels(
    touches: Sequence[tuple[int, Touchpoint]], end: int, lookbacks: Lookbacks, begin: int | None
) -> tuple[str, ...]:
    return tuple(
        one.channel
        for instant, one in touches
        if (begin is None or instant > begin) and 0 <= end - instant <= lookbacks.of_touchpoint(one) // _MILLISECOND
    )
