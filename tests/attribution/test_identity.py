"""Persons and their journeys, also when the events that join them come late or in the wrong order (issue point 5)."""

from datetime import timedelta
from decimal import Decimal
from itertools import permutations

import pytest
from django.utils import timezone

import attribution as engine
from apps.attribution import services
from apps.shared import clickhouse
from tests.attribution import brute_force, worlds
from tests.attribution.brute_force import TestGoal
from tests.attribution.worlds import START, Sent, key

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clickhouse")]
SALE = TestGoal(lambda one: one.event.name == "Order Completed")


def _event(message_id: str, kind: str, minutes: int, **facts: object) -> Sent:
    at = START + timedelta(minutes=minutes)
    return Sent(engine.Event(id=message_id, kind=kind, occurred_at=at, received_at=at, **facts), {})  # type: ignore[arg-type]


def _story() -> list[Sent]:
    """A visit on a phone and one on a laptop, two user ids of one person, and a sale that a server reports."""
    email = {"channel": "Email", "source": "news", "medium": "email", "has_source": True}
    search = {"channel": "Paid Search", "source": "google", "medium": "cpc", "has_source": True}
    return [
        _event("visit-phone", "page", 0, anonymous_id="phone", **email),
        _event("visit-laptop", "page", 100, anonymous_id="laptop", **search),
        _event("identify-phone", "identify", 200, anonymous_id="phone", user_id="ada@old"),
        _event("identify-laptop", "identify", 300, anonymous_id="laptop", user_id="ada@new"),
        _event("alias", "alias", 400, previous_id="ada@old", user_id="ada@new"),
        _event("sale", "track", 500, user_id="ada@new", name="Order Completed", value=Decimal(10)),
    ]


def _persons(property_id: int) -> dict[int, int]:
    sql = "SELECT key, person_id FROM persons FINAL WHERE property_id = {property_id:UInt64}"
    return dict(clickhouse.select(sql, lambda *row: row, property_id=property_id))


def test_any_order_of_arrival_gives_same_persons_and_journeys(property_id: int) -> None:
    story = _story()
    goal = services.create_goal(property_id=property_id, made_by=None, name="Sale", event_name="Order Completed")
    wanted = brute_force.expected_rows(story, SALE)
    first, second = sorted((key("u:ada@old"), key("u:ada@new")))

    for number, order in enumerate(list(permutations(story))[::90]):
        services.delete_property(property_id=property_id)
        clickhouse.command("DELETE FROM events WHERE property_id = {property_id:UInt64}", property_id=property_id)
        stored_at = timezone.now() - timedelta(days=1) + timedelta(minutes=number)
        for sent in order:
            stored_at += timedelta(seconds=1)
            worlds.store(property_id, [sent], stored_at)
            services.build_journeys(property_id=property_id, clock=timezone.now)

        assert _persons(property_id) == {
            key("a:phone"): first,
            key("a:laptop"): first,
            key("a:ada@old"): first,
            second: first,
        }
        assert brute_force.stored_rows(property_id, goal.pk) == wanted
    assert [touch[0] for touch in wanted[0].touches] == ["visit-phone", "visit-laptop"]


def test_shared_device_never_joins_two_users(property_id: int) -> None:
    story = [
        _event("visit", "page", 0, anonymous_id="kiosk"),
        _event("ada", "identify", 10, anonymous_id="kiosk", user_id="ada"),
        _event("grace", "identify", 5, anonymous_id="kiosk", user_id="grace"),
        _event("sale", "track", 20, anonymous_id="kiosk", user_id="ada", name="Order Completed", value=Decimal(5)),
    ]
    goal = services.create_goal(property_id=property_id, made_by=None, name="Sale", event_name="Order Completed")

    for number, sent in enumerate(story):
        worlds.store(property_id, [sent], timezone.now() + timedelta(minutes=number))
        services.build_journeys(property_id=property_id, clock=timezone.now)

    assert _persons(property_id) == {key("a:kiosk"): key("u:grace")}
    assert brute_force.stored_rows(property_id, goal.pk) == brute_force.expected_rows(story, SALE)
