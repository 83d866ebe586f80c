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
from apps.attribution.domain.lookbacks import LookbackVersion, overrides_at
from apps.attribution.training_sql import Material
from apps.shared import clickhouse
from tests.attribution import brute_force, brute_paths, worlds
from tests.attribution.brute_force import TestGoal

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clickhouse")]
WINDOW = (worlds.START, worlds.START + timedelta(days=120))
EARLY = datetime(2025, 1, 1, tzinfo=UTC)
LOOKBACKS = engine.Lookbacks(click=timedelta(days=29), view=timedelta(hours=20))
SINCE = worlds.START + timedelta(days=10)
SALE = TestGoal(lambda one: one.event.name == "Order Completed")
ONCE = TestGoal(lambda one: one.event.name == "Signed Up", is_once=True, is_fixed=True)


# Of each source another click lookback, and of a campaign and an ad group; the second version is for later conversions.
OVERRIDES = (
    engine.LookbackOverride(source="google", click=timedelta(days=1)),
    engine.LookbackOverride(campaign="spring", click=timedelta(days=60), view=timedelta(days=7)),
    engine.LookbackOverride("google", "brand", "boots", click=timedelta(hours=1)),
)
VERSIONS = (
    LookbackVersion((engine.LookbackOverride(source="facebook", click=timedelta(hours=1)),), SINCE),
    LookbackVersion(OVERRIDES),
)


def _lookbacks_at(instant: datetime) -> engine.Lookbacks:
    return replace(LOOKBACKS, overrides=overrides_at(VERSIONS, instant))


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
    named = {key: [[""]] for key in ("touch_sources", "touch_campaigns", "touch_ad_groups")}
    clickhouse.insert("histories", {**lone, "touch_kinds": [["click"]], "touch_channels": [["Cinema"]], **named})
    return Material(made.pk, 1, goal.is_once, *window, LOOKBACKS, drawing=3)


@pytest.mark.parametrize("goal", [SALE, ONCE], ids=["every", "once"])
def test_random_world_paths_reduce_to_engine_statistics(
    property_id: int, world: list[worlds.Sent], goal: TestGoal
) -> None:
    material = _material(property_id, goal)
    paths = brute_paths.paths(property_id, world, goal, WINDOW, lambda _: LOOKBACKS)

    assert paths.conversions.sum() > 5
    assert paths.nulls.sum() > 3
    for order in (1, 2, 3, 4):
        found = clickhouse_statistics.transition_counts(property_id, material, order=order)
        wanted = engine.TransitionCounts.of(brute_force.dealt(paths, found.tally.n_groups), order)
        assert found.data_hash == wanted.data_hash
    found_sets = clickhouse_statistics.coalition_counts(property_id, material)
    assert found_sets.data_hash == engine.CoalitionCounts.of(paths).data_hash


@pytest.mark.parametrize("goal", [SALE, ONCE], ids=["every", "once"])
def test_paths_follow_the_lookback_overrides_of_their_end(
    property_id: int, world: list[worlds.Sent], goal: TestGoal
) -> None:
    """SEMANTICS 1: the most specific override wins, and a change applies forward; training as reading."""
    material = replace(_material(property_id, goal), versions=VERSIONS)
    paths = brute_paths.paths(property_id, world, goal, WINDOW, _lookbacks_at)

    found = clickhouse_statistics.transition_counts(property_id, material, order=2)
    found_sets = clickhouse_statistics.coalition_counts(property_id, material)

    assert found.data_hash == engine.TransitionCounts.of(brute_force.dealt(paths, found.tally.n_groups), 2).data_hash
    assert found_sets.data_hash == engine.CoalitionCounts.of(paths).data_hash
    for versions in ((), VERSIONS[1:]):
        others = clickhouse_statistics.transition_counts(property_id, replace(material, versions=versions), order=2)
        assert others.data_hash != found.data_hash


@pytest.mark.parametrize("world", [1], indirect=True)
def test_transformed_paths_reduce_to_engine_statistics(property_id: int, world: list[worlds.Sent]) -> None:
    material = _material(property_id, SALE)
    paths = brute_paths.paths(property_id, world, SALE, WINDOW, lambda _: LOOKBACKS)
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
@pytest.mark.parametrize("versions", [(), VERSIONS], ids=["usual", "overrides"])
def test_random_world_watched_people_equal_engine(
    property_id: int, world: list[worlds.Sent], goal: TestGoal, versions: tuple[LookbackVersion, ...]
) -> None:
    material = replace(_material(property_id, goal), versions=versions)
    people = brute_paths.watched(brute_paths.histories(property_id, world, goal, WINDOW), WINDOW, is_once=goal.is_once)
    held = [(0, _lookbacks_at(WINDOW[0])), (engine.milliseconds(SINCE), _lookbacks_at(SINCE))]
    wanted = engine.HistoryArrays.of(people, versions=held if versions else [(0, LOOKBACKS)])

    found = clickhouse_statistics.watched_people(property_id, material, kept=clickhouse_statistics.ALL)

    for family in ("time", "visit"):
        blocks = [engine.feature_block(one, family) for one in (found, wanted)]
        assert blocks[0].data_hash == blocks[1].data_hash
        assert len(blocks[0].groups) > 5


def test_sample_of_people_is_the_same_twice_and_a_part(property_id: int, world: list[worlds.Sent]) -> None:
    material = _material(property_id, SALE)
    whole = clickhouse_statistics.watched_people(property_id, material, kept=clickhouse_statistics.ALL)

    halves = [clickhouse_statistics.watched_people(property_id, material, kept=5000) for _ in range(2)]

    assert 0 < len(halves[0].groups) < len(whole.groups)
    assert np.array_equal(halves[0].touched_at, halves[1].touched_at)
    assert np.array_equal(halves[0].groups, halves[1].groups)
