"""Which touchpoints of a journey can earn credit, and the rule that removed each of the others."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final

from attribution.journeys import Conversion, Journey, Lookbacks, TouchKind, Touchpoint, age_ms, in_touch_order
from attribution.spec import Preference, Repeats

AFTER_CONVERSION: Final = "after_conversion"
OUTSIDE_CLICK_LOOKBACK: Final = "outside_click_lookback"
OUTSIDE_VIEW_LOOKBACK: Final = "outside_view_lookback"
REPEATED: Final = "repeated"
_MILLISECOND: Final = timedelta(milliseconds=1)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A touchpoint, its age at the conversion, and the code of the rule that removed it (empty: none did)."""

    touchpoint: Touchpoint
    age_ms: int
    removed_by: str = ""


def candidates(
    journey: Journey, lookbacks: Lookbacks, prefers: tuple[Preference, ...] = (), repeats: Repeats = "keep"
) -> list[Candidate]:
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
    repeats : str
        See `MethodSpec`.

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
    return _without_repeats(_by_preference(judged, prefers), repeats)


def _by_preference(judged: list[Candidate], prefers: tuple[Preference, ...]) -> list[Candidate]:
    counting = [one for one in judged if not one.removed_by]
    for preference in prefers:
        if any(_accepts(preference, one) for one in counting):
            return [
                one if one.removed_by or _accepts(preference, one) else replace(one, removed_by=preference.removes_as)
                for one in judged
            ]
    return judged


def _without_repeats(judged: list[Candidate], repeats: Repeats) -> list[Candidate]:
    if repeats == "keep":
        return judged
    places = [place for place, one in enumerate(judged) if not one.removed_by]
    kept = {places[nth] for nth in standing([judged[place].touchpoint.channel for place in places], repeats)}
    return [
        replace(one, removed_by=REPEATED) if not one.removed_by and place not in kept else one
        for place, one in enumerate(judged)
    ]


def standing(channels: Sequence[str], repeats: Repeats) -> list[int]:
    """
    Return the places of the touchpoints that stand for all.

    Examples
    --------
    >>> [standing("AABA", repeats) for repeats in ("keep", "collapse", "first_of_each", "distinct")]
    [[0, 1, 2, 3], [0, 2, 3], [0, 2], [2, 3]]
    """
    places = range(len(channels))
    match repeats:
        case "collapse":
            return [place for place in places if place == 0 or channels[place] != channels[place - 1]]
        case "first_of_each":
            return [place for place in places if channels[place] not in channels[:place]]
        case "distinct":
            return [place for place in places if channels[place] not in channels[place + 1 :]]
        case _:
            return list(places)


def _by_age(touchpoint: Touchpoint, conversion: Conversion, lookbacks: Lookbacks) -> Candidate:
    age = age_ms(touchpoint, conversion)
    if age < 0:
        return Candidate(touchpoint, age, AFTER_CONVERSION)
    if age > lookbacks.of_touchpoint(touchpoint) // _MILLISECOND:
        is_view = touchpoint.kind == TouchKind.VIEW
        return Candidate(touchpoint, age, OUTSIDE_VIEW_LOOKBACK if is_view else OUTSIDE_CLICK_LOOKBACK)
    return Candidate(touchpoint, age)


def _accepts(preference: Preference, candidate: Candidate) -> bool:
    return preference.accepts(candidate.touchpoint.channel, candidate.touchpoint.kind)
