"""What methods learn from, by the engine alone: everybody's histories, and the paths and the watch of a window."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

import attribution as engine
from tests.attribution import brute_force, worlds
from tests.attribution.brute_force import TestGoal

Window = tuple[datetime, datetime]
LookbacksAt = Callable[[datetime], engine.Lookbacks]


def histories(
    property_id: int, sent: list[worlds.Sent], goal: TestGoal, window: Window, **rules: Any
) -> list[engine.History]:
    """Return the histories of everybody, every instant that is known; *rules* are those of `engine.build_journeys`."""
    events = [one.event for one in sent]
    persons = engine.persons_of_events(events)
    stored = brute_force.stored_persons(property_id)
    touches: dict[str, list[tuple[engine.Event, engine.Touchpoint]]] = {}
    for event, touchpoint in engine.touchpoints_of(events, **rules):
        if person := persons.of(event):
            touches.setdefault(person, []).append((event, touchpoint))
    conversions: dict[str, list[datetime]] = {}
    for journey in _sales(sent, goal, **rules):
        sale = journey.conversion
        conversions.setdefault(journey.person or f"?{sale.id}", []).append(sale.converted_at)
    return [
        engine.History(
            person=brute_force.stored_person(person, stored),
            touchpoints=_one_act(touches.get(person, [])),
            conversions=tuple(conversions.get(person, ())),
            observed_from=window[0],
            observed_until=window[1],
        )
        for person in touches.keys() | conversions.keys()
    ]


def paths(
    property_id: int, sent: list[worlds.Sent], goal: TestGoal, window: Window, lookbacks_at: LookbacksAt, **rules: Any
) -> engine.PathArrays:
    """Return the paths of a window: its conversions' journeys, and who was active in it and did not convert.

    Each is judged by the lookbacks of its end: the conversion, or the last touchpoint.
    """
    begin, end = window
    stored = brute_force.stored_persons(property_id)
    found = []
    for journey in _sales(sent, goal, **rules):
        sale = journey.conversion
        if begin <= sale.converted_at < end:
            person = brute_force.stored_person(journey.person or f"?{sale.id}", stored)
            history = engine.History(person, journey.touchpoints, (sale.converted_at,), begin, end)
            found += engine.paths_of(history, lookbacks_at(sale.converted_at))
    for one in histories(property_id, sent, goal, window, **rules):
        has_converted = any(at < end and (goal.is_once or begin <= at) for at in one.conversions)
        touches = tuple(touch for touch in one.touchpoints if touch.touched_at < end)
        if not has_converted and any(begin <= touch.touched_at for touch in touches):
            last = max(touch.touched_at for touch in touches)
            found += engine.paths_of(engine.History(one.person, touches, (), begin, end), lookbacks_at(last))
    return engine.PathArrays.of(found)


def watched(people: list[engine.History], window: Window, *, is_once: bool) -> list[engine.History]:
    """Return what is known of the window alone; the first conversion of a goal that counts once ends the watch."""
    begin, end = window
    cut = []
    for one in people:
        inside = tuple(at for at in sorted(one.conversions) if begin <= at < end)
        if is_once and any(at < begin for at in one.conversions):
            continue
        until = inside[0] if is_once and inside else end
        touches = tuple(
            touch for touch in one.touchpoints if begin <= touch.touched_at < end and touch.touched_at <= until
        )
        if inside or any(begin <= touch.touched_at < end for touch in one.touchpoints):
            cut.append(replace(one, touchpoints=touches, conversions=inside, observed_until=until))
    return cut


def _sales(sent: list[worlds.Sent], goal: TestGoal, **rules: Any) -> list[engine.Journey]:
    """Return the counted journeys that are no refunds."""
    return [
        one
        for one in brute_force.engine_journeys(sent, goal, **rules)
        if one.is_counted and not (one.conversion.refund_of or one.conversion.value.is_signed())
    ]


def _one_act(found: list[tuple[engine.Event, engine.Touchpoint]]) -> tuple[engine.Touchpoint, ...]:
    clicks = {one.id for _, one in found if one.kind is engine.TouchKind.CLICK}
    return tuple(one for event, one in found if one.kind is not engine.TouchKind.VISIT or event.own_click not in clicks)
