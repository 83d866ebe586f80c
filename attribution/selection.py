"""Which touchpoints of a journey can earn credit, and the rule that removed each of the others."""

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final

from attribution.journeys import Conversion, Journey, Lookbacks, TouchKind, Touchpoint, age_ms, in_touch_order
from attribution.spec import Preference

AFTER_CONVERSION: Final = "after_conversion"
OUTSIDE_CLICK_LOOKBACK: Final = "outside_click_lookback"
OUTSIDE_VIEW_LOOKBACK: Final = "outside_view_lookback"
_MILLISECOND: Final = timedelta(milliseconds=1)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A touchpoint, its age at the conversion, and the code of the rule that removed it (empty: none did)."""

    touchpoint: Touchpoint
    age_ms: int
    removed_by: str = ""


def candidates(journey: Journey, lookbacks: Lookbacks, prefers: tuple[Preference, ...] = ()) -> list[Candidate]:
    """
    Return every touchpoint of a journey in touch order, judged.

    A touchpoint counts when its age is between 0 and the lookback of its
    kind, both included. Of those that count, the ones that the first
    preference accepts stay; a preference that accepts none is passed over.

    Parameters
    ----------
    journey : Journey
    lookbacks : Lookbacks
    prefers : tuple of Preference

    Returns
    -------
    list of Candidate
        As many as the journey has distinct touchpoints.

    Raises
    ------
    NaiveInstantError
        If an instant carries no time zone.

    Notes
    -----
    Ages are elapsed milliseconds, never calendar days: a change of clocks
    moves no touchpoint in or out.
    """
    judged = [_by_age(one, journey.conversion, lookbacks) for one in in_touch_order(journey.touchpoints)]
    counting = [one for one in judged if not one.removed_by]
    for preference in prefers:
        if any(_accepts(preference, one) for one in counting):
            return [
                one if one.removed_by or _accepts(preference, one) else replace(one, removed_by=preference.removes_as)
                for one in judged
            ]
    return judged


def _by_age(touchpoint: Touchpoint, conversion: Conversion, lookbacks: Lookbacks) -> Candidate:
    age = age_ms(touchpoint, conversion)
    if age < 0:
        return Candidate(touchpoint, age, AFTER_CONVERSION)
    if age > lookbacks.of(touchpoint.kind) // _MILLISECOND:
        is_view = touchpoint.kind == TouchKind.VIEW
        return Candidate(touchpoint, age, OUTSIDE_VIEW_LOOKBACK if is_view else OUTSIDE_CLICK_LOOKBACK)
    return Candidate(touchpoint, age)


def _accepts(preference: Preference, candidate: Candidate) -> bool:
    return preference.accepts(candidate.touchpoint.channel, candidate.touchpoint.kind)
