"""Sufficient statistics counted inside ClickHouse against the engine's own, on random worlds (R4, R7)."""

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from django.utils import timezone

import attribution as engine
from apps.attribution import queries, services
from apps.attribution.adapters import clickhouse_histories, clickhouse_persons, clickhouse_statistics
from apps.attribution.training_sql import Material
from apps.shared import clickhouse
from tests.attribution import brute_force, worlds
from tests.attribution.brute_force import TestGoal

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clickhouse")]
WINDOW = (worlds.START, worlds.START + timedelta(days=120))
EARLY = datetime(2025, 1, 1, tzinfo=UTC)
LOOKBACKS = engine.Lookbacks(click=timedelta(days=29), view=timedelta(hours=20))
SALE = TestGoal(lambda one: one.event.name == "Order Completed")
ONCE = TestGoal(lambda one: one.event.name == "Signed Up", is_once=True, is_fixed=True)


def _histories(property_id: int, sent: list[worlds.Sent], goal: TestGoal) -> list[engine.History]:
    """Return the engine's histories of everybody, every instant that is known."""
    events = [one.event for one in sent]
    persons = engine.persons_of_events(events)
    stored = brute_force.stored_persons(property_id)
    touches: dict[str, list[tuple[engine.Event, engine.Touchpoint]]] = {}
    for event, touchpoint in engine.touchpoints_of(events):
        if person := persons.of(event):
            touches.setdefault(person, []).append((event, touchpoint))
    conversions: dict[str, list[datetime]] = {}
    for journey in brute_force.engine_journeys(sent, goal):
        sale = journey.conversion
        if journey.is_counted and not (sale.refund_of or sale.value.is_signed()):
            conversions.setdefault(journey.person or f"?{sale.id}", []).append(sale.converted_at)
    return [
        engine.History(
            person=brute_force.stored_person(person, stored),
            touchpoints=_one_act(touches.get(person, [])),
            conversions=tuple(conversions.get(person, ())),
            observed_from=WINDOW[0],
            observed_until=WINDOW[1],
        )
        for person in touches.keys() | conversions.keys()
    ]


def _one_act(found: list[tuple[engine.Event, engine.Touchpoint]]) -> tuple[engine.Touchpoint, ...]:
    clicks = {one.id for _, one in found if one.kind is engine.TouchKind.CLICK}
    return tuple(one for event, one in found if one.kind is not engine.TouchKind.VISIT or event.own_click not in clicks)


def _paths(property_id: int, sent: list[worlds.Sent], goal: TestGoal) -> engine.PathArrays:
    """Return the paths of the window: its conversions' journeys, and who was active in it and did not convert."""
    begin, end = WINDOW
    stored = brute_force.stored_persons(property_id)
    found = []
    for journey in brute_force.engine_journeys(sent, goal):
        sale = journey.conversion
        is_sale = journey.is_counted and not (sale.refund_of or sale.value.is_signed())
        if is_sale and begin <= sale.converted_at < end:
            person = brute_force.stored_person(journey.person or f"?{sale.id}", stored)
            history = engine.History(person, journey.touchpoints, (sale.converted_at,), begin, end)
            found += engine.paths_of(history, LOOKBACKS)
    for one in _histories(property_id, sent, goal):
        has_converted = any(at < end and (goal.is_once or begin <= at) for at in one.conversions)
        touches = tuple(touch for touch in one.touchpoints if touch.touched_at < end)
        if not has_converted and any(begin <= touch.touched_at for touch in touches):
            found += engine.paths_of(engine.History(one.person, touches, (), begin, end), LOOKBACKS)
    return engine.PathArrays.of(found)


def _watched(histories: list[engine.History], *, is_once: bool) -> engine.HistoryArrays:
    begin, end = WINDOW
    cut = []
    for one in histories:
        inside = tuple(at for at in sorted(one.conversions) if begin <= at < end)
        if is_once and any(at < begin for at in one.conversions):
            continue
        until = inside[0] if is_once and inside else end
        touches = tuple(
            touch for touch in one.touchpoints if begin <= touch.touched_at < end and touch.touched_at <= until
        )
        if inside or any(begin <= touch.touched_at < end for touch in one.touchpoints):
            cut.append(engine.History(one.person, touches, inside, begin, until))
    return engine.HistoryArrays.of(cut)


@pytest.fixture(params=range(3))
def world(request: pytest.FixtureRequest, property_id: int) -> list[worlds.Sent]:
    """Events of a few people, stored and built."""
    made = worlds.random_crowd(random.Random(f"statistics {request.param}"), 16)
    worlds.store(property_id, made, timezone.now())
    return made


def _material(property_id: int, goal: TestGoal, *, window: tuple[datetime, datetime] = WINDOW) -> Material:
    name, counting = ("Signed Up", "once") if goal.is_once else ("Order Completed", "every")
    fixed = "1" if goal.is_fixed else None
    made = services.create_goal(
        property_id=property_id, made_by=None, name=name, event_name=name, counting=counting, fixed_value=fixed
    )
    services.build_journeys(property_id=property_id, clock=timezone.now)
    reading = queries.reading_rules(property_id)
    who = clickhouse_persons.who_is_who(property_id, reading.identity)
    clickhouse_histories.draw(property_id, drawing=3, drawn_from=EARLY, told=lambda _: None, who=who, reading=reading)
    # A channel that no path of the window passes must leave no trace.
    lone = {"property_id": [property_id], "version": [3], "person_id": [1], "touched_ms": [[1000]]}
    clickhouse.insert("histories", {**lone, "touch_kinds": [["click"]], "touch_channels": [["Cinema"]]})
    return Material(made.pk, 1, goal.is_once, *window, LOOKBACKS, drawing=3)


@pytest.mark.parametrize("goal", [SALE, ONCE], ids=["every", "once"])
def test_random_world_paths_reduce_to_engine_statistics(
    property_id: int, world: list[worlds.Sent], goal: TestGoal
) -> None:
    material = _material(property_id, goal)
    paths = _paths(property_id, world, goal)

    assert paths.conversions.sum() > 5
    assert paths.nulls.sum() > 3
    for order in (1, 2, 3, 4):
        found = clickhouse_statistics.transition_counts(property_id, material, order=order)
        wanted = engine.TransitionCounts.of(brute_force.dealt(paths, found.tally.n_groups), order)
        assert found.data_hash == wanted.data_hash
    found_sets = clickhouse_statistics.coalition_counts(property_id, material)
    assert found_sets.data_hash == engine.CoalitionCounts.of(paths).data_hash


@pytest.mark.parametrize("world", [1], indirect=True)
def test_transformed_paths_reduce_to_engine_statistics(property_id: int, world: list[worlds.Sent]) -> None:
    material, paths = _material(property_id, SALE), _paths(property_id, world, SALE)
    seen = set()

    for repeats in engine.REPEATS:
        for drops_direct in (False, True):
            changed = replace(material, repeats=repeats, drops_direct=drops_direct)
            found = clickhouse_statistics.transition_counts(property_id, changed, order=2)
            wanted = paths.transformed(repeats=repeats, drops_direct=drops_direct)
            dealt = brute_force.dealt(wanted, found.tally.n_groups)
            assert found.data_hash == engine.TransitionCounts.of(dealt, 2).data_hash, (repeats, drops_direct)
            seen.add(found.data_hash)

    assert len(seen) == 8


@pytest.mark.parametrize("goal", [SALE, ONCE], ids=["every", "once"])
def test_random_world_watched_people_equal_engine(property_id: int, world: list[worlds.Sent], goal: TestGoal) -> None:
    material = _material(property_id, goal)
    wanted = _watched(_histories(property_id, world, goal), is_once=goal.is_once)

    found = clickhouse_statistics.watched_people(property_id, material, kept=clickhouse_statistics.ALL)

    for family in ("time", "visit"):
        blocks = [engine.feature_block(people, family) for people in (found, wanted)]
        assert blocks[0].data_hash == blocks[1].data_hash
        assert len(blocks[0].groups) > 5


def test_sample_of_people_is_the_same_twice_and_a_part(property_id: int, world: list[worlds.Sent]) -> None:
    material = _material(property_id, SALE)
    whole = clickhouse_statistics.watched_people(property_id, material, kept=clickhouse_statistics.ALL)

    halves = [clickhouse_statistics.watched_people(property_id, material, kept=5000) for _ in range(2)]

    assert 0 < len(halves[0].groups) < len(whole.groups)
    assert np.array_equal(halves[0].touched_at, halves[1].touched_at)
    assert np.array_equal(halves[0].groups, halves[1].groups)
