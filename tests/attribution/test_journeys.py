"""Journeys built inside ClickHouse against the engine's, whatever the order in which the events arrive (R4, R7)."""

import random
from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone

from apps.attribution import services
from apps.attribution.models import BuildRun, Goal, Watermark
from apps.orgs import api as orgs
from tests.attribution import brute_force, worlds
from tests.attribution.brute_force import TestGoal

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clickhouse")]
SIZE = 220


def _margin(sent: worlds.Sent) -> Decimal:
    return Decimal(str(sent.properties.get("margin", "0"))).quantize(Decimal("0.0001"))


def _signed_up(sent: worlds.Sent) -> bool:
    return sent.event.name == "Signed Up"


@pytest.fixture
def goals(property_id: int) -> dict[int, TestGoal]:
    """Goals of every sort, by id, each with its double in plain Python."""
    make = {"property_id": property_id, "made_by": None}
    sale = services.create_goal(name="Sale", event_name="Order Completed", **make)
    signup = services.create_goal(
        name="Sign-up", event_name="Signed Up", counting="once", fixed_value="2.5", milestone=sale, **make
    )
    pro = services.create_goal(
        name="Large pro sign-up",
        event_name="Signed Up",
        filters=[["plan", "equals", "pro"], ["seats", "at_least", "5"]],
        **make,
    )
    margin = services.create_goal(
        name="Margin", event_name="Order Completed", value_field="margin", counting="once", milestone=signup, **make
    )
    page = services.create_goal(name="Page", kind="page", event_name="", counting="once", **make)
    return {
        sale.pk: TestGoal(lambda one: one.event.name == "Order Completed"),
        signup.pk: TestGoal(
            _signed_up,
            worth=lambda _: Decimal("2.5"),
            is_fixed=True,
            is_once=True,
            milestone=lambda one: one.event.name == "Order Completed",
        ),
        pro.pk: TestGoal(
            lambda one: _signed_up(one) and one.properties["plan"] == "pro" and float(str(one.properties["seats"])) >= 5
        ),
        margin.pk: TestGoal(
            lambda one: one.event.name == "Order Completed", worth=_margin, is_once=True, milestone=_signed_up
        ),
        page.pk: TestGoal(lambda one: one.event.kind == "page", is_once=True),
    }


def _check(property_id: int, sent: list[worlds.Sent], goals: dict[int, TestGoal]) -> None:
    for goal_id, goal in goals.items():
        assert brute_force.stored_rows(property_id, goal_id) == brute_force.expected_rows(sent, goal)


@pytest.mark.parametrize("seed", range(12))
def test_random_world_full_build_equals_engine(property_id: int, goals: dict[int, TestGoal], seed: int) -> None:
    world = worlds.random_world(random.Random(seed), SIZE)
    worlds.store(property_id, world, timezone.now())

    run = services.build_journeys(property_id=property_id, clock=timezone.now)

    assert run.kind == BuildRun.Kind.FULL
    _check(property_id, world, goals)


@pytest.mark.parametrize("seed", range(20, 30))
def test_random_arrivals_incremental_build_equals_engine(
    property_id: int, goals: dict[int, TestGoal], seed: int
) -> None:
    rng = random.Random(seed)
    world = worlds.random_world(rng, SIZE)
    rng.shuffle(world)
    cuts = sorted(rng.sample(range(1, SIZE), 5))
    stored_at = timezone.now() - timedelta(days=1)

    kinds = []
    for first, last in zip([0, *cuts], [*cuts, SIZE], strict=True):
        stored_at += timedelta(seconds=rng.choice([5, 300]))
        worlds.store(property_id, world[first:last], stored_at)
        run = services.build_journeys(property_id=property_id, clock=timezone.now)
        kinds.append(run.kind)
        _check(property_id, world[:last], goals)

    assert kinds == [BuildRun.Kind.FULL] + [BuildRun.Kind.INCREMENTAL] * 5


def test_build_reads_what_appeared_since_the_last_one_however_old_its_stamp(
    property_id: int, goals: dict[int, TestGoal]
) -> None:
    """R7: a writer stamps a block before it is visible, so one can appear beside what was built, or before it."""
    world = worlds.random_world(random.Random(41), SIZE)
    parts = [world[first : first + SIZE // 4] for first in range(0, SIZE, SIZE // 4)]
    newest = timezone.now().replace(microsecond=400_000)
    stamps = [newest, newest - timedelta(seconds=40), newest, newest - timedelta(seconds=59)]

    read = []
    for number, stamp in enumerate(stamps):
        worlds.store(property_id, parts[number], stamp)
        services.build_journeys(property_id=property_id, clock=timezone.now)
        read.append(services.build_journeys(property_id=property_id, clock=timezone.now).events)
        _check(property_id, [one for part in parts[: number + 1] for one in part], goals)

    assert read == [0, 0, 0, 0]


def test_builds_after_a_long_absence_remember_the_last_minute_alone(property_id: int) -> None:
    world = worlds.random_world(random.Random(42), SIZE)
    newest = timezone.now()
    worlds.store(property_id, world[:1], newest - timedelta(days=1))
    services.build_journeys(property_id=property_id, clock=timezone.now)
    for number in range(10):
        worlds.store(property_id, world[number + 1 : number + 2], newest - timedelta(seconds=20 * number))

    run = services.build_journeys(property_id=property_id, clock=timezone.now)

    assert (run.kind, run.events) == (BuildRun.Kind.INCREMENTAL, 10)
    assert len(Watermark.objects.get(pk=property_id).seen) == 4
    assert services.build_journeys(property_id=property_id, clock=timezone.now).events == 0


def test_second_full_build_changes_nothing(property_id: int, goals: dict[int, TestGoal]) -> None:
    world = worlds.random_world(random.Random(99), SIZE)
    worlds.store(property_id, world, timezone.now())
    services.build_journeys(property_id=property_id, clock=timezone.now)
    before = {goal_id: brute_force.stored_rows(property_id, goal_id) for goal_id in goals}

    services.build_journeys(property_id=property_id, clock=timezone.now, is_full=True)
    services.build_journeys(property_id=property_id, clock=timezone.now)

    assert {goal_id: brute_force.stored_rows(property_id, goal_id) for goal_id in goals} == before


def test_changed_goal_next_build_follows_new_version(property_id: int, goals: dict[int, TestGoal]) -> None:
    world = worlds.random_world(random.Random(7), SIZE)
    worlds.store(property_id, world, timezone.now())
    services.build_journeys(property_id=property_id, clock=timezone.now)
    goal_id = min(goals)

    services.change_goal(property_id=property_id, goal_id=goal_id, made_by=None, event_name="Signed Up")
    services.build_journeys(property_id=property_id, clock=timezone.now)

    goal = Goal.objects.get(pk=goal_id)
    assert (goal.version, goal.built_version) == (2, 2)
    assert [one.version for one in goal.versions.order_by("pk")] == [1, 2]
    assert brute_force.stored_rows(property_id, goal_id) == brute_force.expected_rows(world, TestGoal(_signed_up))


def test_longer_visit_gap_next_build_is_full(property_id: int, goals: dict[int, TestGoal]) -> None:
    services.build_journeys(property_id=property_id, clock=timezone.now)

    orgs.change_settings(property_id=property_id, made_by=None, visit_gap=timedelta(hours=2))
    run = services.build_journeys(property_id=property_id, clock=timezone.now)

    assert run.kind == BuildRun.Kind.FULL
