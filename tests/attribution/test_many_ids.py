"""Small builds of large properties: many ids, in parts and as tables, end in the rows of a full build (R2, R4, R7)."""

import random
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from apps.attribution import services
from apps.attribution.models import BuildRun
from apps.attribution.services import catching_up
from apps.shared import clickhouse
from tests.attribution import brute_force, worlds
from tests.attribution.test_people import SALE, build
from tests.attribution.worlds import START

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clickhouse")]
# Four events of a person, who signs in before the last; every second buys. Some share the device of their neighbour.
_CROWD = """
    INSERT INTO events (property_id, message_id, kind, name, occurred_at, received_at, stored_at, anonymous_id,
        user_id, device_key, person_key, value, currency, channel, source, medium, has_source)
    WITH intDiv(number, 4) + {first:UInt64} AS person, number % 4 AS step,
        concat('d', toString(if(person % 7 = 0, person + 1, person))) AS anonymous,
        if(step >= 2, concat('u', toString(person)), '') AS user, step = 3 AND person % 2 = 0 AS buys,
        step = 0 AND person % 3 = 0 AS sourced,
        {at:DateTime64(3, 'UTC')} + toIntervalSecond(person) + toIntervalHour(step) AS happened
    SELECT {property_id:UInt64}, concat({mark:String}, toString(number)),
        multiIf(buys, 'track', step = 2, 'identify', 'page'), if(buys, 'Order Completed', ''), happened, happened,
        {stored_at:DateTime64(3, 'UTC')}, anonymous, user, xxHash64(concat('a:', anonymous)),
        xxHash64(if(user = '', concat('a:', anonymous), concat('u:', user))), if(buys, toDecimal64(5, 4), NULL),
        if(buys, 'EUR', ''), if(sourced, 'Email', 'Direct'), if(sourced, 'news', '(direct)'),
        if(sourced, 'email', '(none)'), sourced
    FROM numbers({events:UInt64})
"""


@pytest.fixture
def goal(property_id: int) -> int:
    made = services.create_goal(property_id=property_id, made_by=None, name="Sale", event_name="Order Completed")
    return int(made.pk)


def journeys(property_id: int) -> list[Any]:
    """Return what all journeys hold but for the build that wrote them, as a count and a sum of hashes."""
    sql = """
        SELECT count(), sum(cityHash64(* EXCEPT version)) FROM journeys FINAL WHERE property_id = {property_id:UInt64}
    """
    return clickhouse.select(sql, lambda *row: row, property_id=property_id)


@pytest.mark.parametrize("seed", range(40, 44))
def test_ids_as_tables_and_persons_in_parts_equal_the_engine(
    property_id: int, goal: int, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """R4, R7: whatever the order in which a world of shared devices arrives."""
    monkeypatch.setattr(clickhouse, "_FEW_IDS", 1)
    monkeypatch.setattr(catching_up, "PERSONS_AT_ONCE", 2)
    rng = random.Random(seed)
    world = worlds.random_world(rng, 150)
    rng.shuffle(world)
    stored_at = timezone.now() - timedelta(days=1)
    for number in range(3):
        worlds.store(property_id, world[number::3], stored_at + timedelta(minutes=5 * number))
        build(property_id)

    assert BuildRun.objects.filter(kind=BuildRun.Kind.INCREMENTAL).count() == 2
    step_by_step = brute_force.stored_rows(property_id, goal)
    assert step_by_step == brute_force.expected_rows(world, SALE)
    build(property_id, is_full=True)
    assert brute_force.stored_rows(property_id, goal) == step_by_step


def test_more_people_than_before_are_caught_up_with_and_equal_a_full_build(
    property_id: int, goal: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """R7: 16,000 people with two ids each are new or come back, and are looked up in several parts."""
    monkeypatch.setattr(catching_up, "EVENTS_PER_ID", 4)  # as of a property three times as large
    monkeypatch.setattr(catching_up, "PERSONS_AT_ONCE", 10_000)
    stored_at = timezone.now() - timedelta(hours=1)
    crowd: dict[str, Any] = {"property_id": property_id}
    clickhouse.command(_CROWD, first=0, mark="a", at=START, stored_at=stored_at, events=200_000, **crowd)
    build(property_id)
    stored_at += timedelta(minutes=10)
    clickhouse.command(_CROWD, first=44_000, mark="b", at=START, stored_at=stored_at, events=64_000, **crowd)

    run = build(property_id)
    step_by_step = journeys(property_id)
    build(property_id, is_full=True)

    assert run.kind == BuildRun.Kind.INCREMENTAL
    assert run.persons > 20_000
    assert step_by_step == journeys(property_id)
    assert step_by_step[0][0] > 25_000


def test_most_of_a_property_at_once_is_built_whole(property_id: int, goal: int) -> None:
    """R7: looking everybody up costs more than reading everything."""
    stored_at = timezone.now() - timedelta(hours=1)
    for number in range(2):
        clickhouse.command(
            _CROWD, property_id=property_id, first=0, mark=f"m{number}", at=START + timedelta(days=number),
            stored_at=stored_at + timedelta(minutes=10 * number), events=100_000,
        )  # fmt: skip
        run = build(property_id)

    assert (run.kind, run.events) == (BuildRun.Kind.FULL, 200_000)
