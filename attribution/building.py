"""build_journeys(): from plain events to journeys. The definition that the SQL is compared with."""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Literal

from attribution.events import Event, first_received
from attribution.identity import IdentityRules, Persons, persons_of_events, with_known_ids
from attribution.journeys import (
    WIDEST_LOOKBACK,
    Conversion,
    Journey,
    TouchKind,
    Touchpoint,
    in_touch_order,
    milliseconds,
)
from attribution.visits import VISIT_GAP, touchpoints_of

Counting = Literal["every", "once"]


@dataclass(frozen=True, slots=True)
class GoalRule:
    """
    Which events convert, and how they count.

    Parameters
    ----------
    is_conversion : callable
        Whether an event meets the goal.
    is_refund : callable
        Whether an event takes back a conversion of this goal; asked first.
    is_milestone : callable
        Whether an event reaches the milestone of `w_shaped`.
    counting : "every" or "once"
        ``once`` counts a person's first conversion alone.
    """

    is_conversion: Callable[[Event], bool]
    is_refund: Callable[[Event], bool] = lambda event: event.value is not None and event.value < 0
    is_milestone: Callable[[Event], bool] = lambda _: False
    counting: Counting = "every"


def build_journeys(
    events: Iterable[Event],
    goal: GoalRule,
    *,
    visit_gap: timedelta = VISIT_GAP,
    campaign_opens: bool = True,
    identity: IdentityRules | None = None,
    widest_lookback: timedelta = WIDEST_LOOKBACK,
) -> list[Journey]:
    """
    Return one journey for every conversion and every refund.

    Parameters
    ----------
    events : iterable of Event
        All events of one property, in any order, repetitions allowed.
    goal : GoalRule
    visit_gap, widest_lookback : timedelta
        Touchpoints older than the widest lookback are not candidates.
    campaign_opens : bool
        As of `touchpoints_of`.
    identity : IdentityRules, optional
        Which ids join whom.

    Returns
    -------
    list of Journey
        By time of conversion, then id. A click on a link and the visit that it
        opened are one touchpoint, the click. A conversion without touchpoints
        is among them. A refund has the touchpoints, and counts as much, as the
        earliest conversion with its order id; where there is none, it has no
        touchpoints.

    Raises
    ------
    NaiveInstantError
        If an event's time carries no time zone.

    Notes
    -----
    A pure function of the set of events: order and repetition change nothing.
    Time O(n log n + size of the result).
    """
    ordered = first_received(with_known_ids(events, identity))
    persons = persons_of_events(ordered, identity)
    paths = _paths(touchpoints_of(ordered, visit_gap=visit_gap, campaign_opens=campaign_opens), persons)
    milestones = _milestones(ordered, persons, goal)
    journeys: list[Journey] = []
    refunds: list[Event] = []
    by_order: dict[str, Journey] = {}
    seen: set[str] = set()
    for event in ordered:
        if goal.is_refund(event):
            refunds.append(event)
        elif goal.is_conversion(event):
            person = persons.of(event)
            journey = Journey(
                conversion=_conversion(event),
                touchpoints=paths[person].before(event.occurred_at, widest_lookback) if person else (),
                person=person,
                is_counted=goal.counting == "every" or person is None or person not in seen,
                milestone_at=_latest(milestones[person], event.occurred_at) if person else None,
            )
            journeys.append(journey)
            by_order.setdefault(event.order_id, journey)
            if person:
                seen.add(person)
    journeys += [_refund(event, by_order.get(event.order_id) if event.order_id else None, persons) for event in refunds]
    return sorted(journeys, key=lambda one: (milliseconds(one.conversion.converted_at), one.conversion.id))


class _Path:
    """A person's touchpoints in order, searchable by time."""

    __slots__ = ("instants", "own_clicks", "touchpoints")

    def __init__(self, found: Iterable[tuple[Event, Touchpoint]] = ()) -> None:
        found = list(found)
        self.own_clicks = {event.id: event.own_click for event, one in found if one.kind is TouchKind.VISIT}
        self.touchpoints = in_touch_order(touchpoint for _, touchpoint in found)
        self.instants = [milliseconds(touchpoint.touched_at) for touchpoint in self.touchpoints]

    def before(self, converted_at: datetime, lookback: timedelta) -> tuple[Touchpoint, ...]:
        """Return the touchpoints inside the lookback, both ends included."""
        end = milliseconds(converted_at)
        start = end - lookback // timedelta(milliseconds=1)
        return self._without_landings(
            self.touchpoints[bisect_left(self.instants, start) : bisect_right(self.instants, end)]
        )

    def _without_landings(self, touchpoints: Sequence[Touchpoint]) -> tuple[Touchpoint, ...]:
        """Leave out the visits that clicks among the touchpoints led to: one act earns once."""
        clicks = {one.id for one in touchpoints if one.kind is TouchKind.CLICK}
        return tuple(one for one in touchpoints if self.own_clicks.get(one.id) not in clicks)


def _paths(touchpoints: Iterable[tuple[Event, Touchpoint]], persons: Persons) -> dict[str, _Path]:
    by_person: dict[str, list[tuple[Event, Touchpoint]]] = defaultdict(list)
    for event, touchpoint in touchpoints:
        person = persons.of(event)
        if person:
            by_person[person].append((event, touchpoint))
    return defaultdict(_Path, {person: _Path(found) for person, found in by_person.items()})


def _milestones(events: list[Event], persons: Persons, goal: GoalRule) -> dict[str, list[datetime]]:
    reached: dict[str, list[datetime]] = defaultdict(list)
    for event in events:
        person = persons.of(event)
        if person and goal.is_milestone(event):
            reached[person].append(event.occurred_at)
    return reached


def _latest(instants: list[datetime], limit: datetime) -> datetime | None:
    return max((one for one in instants if milliseconds(one) <= milliseconds(limit)), key=milliseconds, default=None)


def _conversion(event: Event) -> Conversion:
    return Conversion(
        id=event.id,
        converted_at=event.occurred_at,
        value=Decimal(0) if event.value is None else event.value,
        currency=event.currency,
        platform=event.platform,
        order_id=event.order_id,
    )


def _refund(event: Event, original: Journey | None, persons: Persons) -> Journey:
    taken_back = _conversion(event)
    taken_back = replace(taken_back, value=-abs(taken_back.value))
    if original is None:
        return Journey(taken_back, person=persons.of(event))
    sold = original.conversion
    taken_back = replace(taken_back, refund_of=sold.id, credited_at=sold.converted_at, platform=sold.platform)
    return replace(original, conversion=taken_back)
