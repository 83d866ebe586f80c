"""Histories sent through the real door, in any order, against a reference that shares no line with the engine."""

import os
import random
import time
from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.test import Client, override_settings

from apps.attribution import services
from apps.ingestion import services as ingestion
from apps.ingestion import wiring
from apps.orgs import services as orgs
from apps.shared import clickhouse as facts
from config.settings import test as test_settings
from tests.attribution import brute_force
from tests.factories.company import Company
from tests.fakes.event_log import MemoryLog
from tests.ingestion.plain_reference import People, Rules, Touch, credited, journeys, stored
from tests.ingestion.sent_histories import Way, in_batches, random_history

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clickhouse", "valkey")]
CHROME = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0"
LANDING = "SELECT click_id_kind FROM events WHERE property_id = {property_id:UInt64} AND message_id = 'landing'"
ENDS = "SELECT reason, count() FROM outcomes WHERE property_id = {property_id:UInt64} GROUP BY reason"
HISTORIES = int(os.environ.get("HISTORIES", "12"))  # of a world; more worlds by HISTORY_SEEDS=10:20
SEEDS = range(*map(int, os.environ.get("HISTORY_SEEDS", "0:1").split(":")))

# What a property says, the same for the reference, and a time zone: in Havana the clocks go back at midnight.
SETTINGS: dict[str, tuple[dict[str, Any], Rules, str]] = {
    "as by default": ({}, Rules(), "Europe/Berlin"),
    "own rules": (
        {"own_domains": ["own.example"], "referrer_exclusions": ["left.example"], "campaign_opens": False},
        Rules(campaign_opens=False, own_domains=("own.example",), exclusions=(*Rules().exclusions, "left.example")),
        "America/Havana",
    ),
}


def make_way(
    company: Company, door: Client, log: MemoryLog, slug: str, settings: dict[str, Any], zone: str = "UTC"
) -> tuple[Way, int]:
    made = orgs.create_property(
        organization=company.organization, name=slug, slug=slug, time_zone=zone, currency="EUR", made_by=None
    )
    if settings:
        orgs.change_settings(property_id=made.pk, made_by=None, **settings)
    wiring.property_of().forget()
    goal = services.create_goal(property_id=made.pk, made_by=None, name="Sale", event_name="Order Completed")
    return Way(door, log, made.pk, made.streams.get().write_key), int(goal.pk)


def built(way: Way, goal: int) -> dict[str, tuple[Touch, ...]]:
    return {
        row.conversion_id: tuple(Touch(*one) for one in row.touches)
        for row in brute_force.stored_rows(way.property_id, goal)
    }


def differences(way: Way, goal: int, rules: Rules) -> dict[str, Any]:
    found, wanted = built(way, goal), journeys(way.heard, rules)
    return {
        one: (found.get(one), wanted.get(one))
        for one in found.keys() | wanted.keys()
        if found.get(one) != wanted.get(one)
    }


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("called", SETTINGS)
def test_histories_in_any_order_are_what_the_reference_says(
    company: Company, door: Client, log: MemoryLog, called: str, seed: int
) -> None:
    """R2, R4, R7."""
    changes, rules, zone = SETTINGS[called]
    now = int(time.time() * 1000)
    rng = random.Random(f"{called}{seed}")
    events = [one for n in range(HISTORIES) for one in random_history(rng, f"h{n:03d}", now)]
    for order in range(2):
        way, goal = make_way(company, door, log, f"shop-{order}", changes, zone)
        rng = random.Random(order)
        batches = list(in_batches(rng, events))
        for number, batch in enumerate(batches):
            way.send(batch, now=now + 11 * number, rng=rng)
            if rng.random() < 0.1:
                rng.choice([way.restart, way.crash, way.write])()
                way.write()
            if rng.random() < 6 / len(batches):
                way.write()
                way.build()
        way.write()
        way.build()
        wrong = differences(way, goal, rules)
        report(way, wrong)
        assert not wrong
        stepwise = built(way, goal)
        way.build(is_full=True)
        assert built(way, goal) == stepwise
        by_day = credited(way.heard, rules, ZoneInfo(zone))
        assert credit_by_day(company, way, goal, by_day) == by_day
        people = People(stored(way.heard), rules)
        some = sorted(people.users)[:12]
        assert ids_by_user(company, way, some) == {one: people.ids(one) for one in some}
        print("compared", HISTORIES, "histories", len(events), "events", len(stepwise), "conversions")


@pytest.mark.parametrize("seed", SEEDS)
def test_ids_are_kept_apart_and_joined_again_between_events(
    company: Company, door: Client, log: MemoryLog, seed: int
) -> None:
    """R7, R10."""
    now = int(time.time() * 1000)
    rng = random.Random(f"apart{seed}")
    names = [f"h{n:03d}" for n in range(HISTORIES)]
    events = [one for name in names for one in random_history(rng, name, now)]
    way, goal = make_way(company, door, log, "shop-0", {})
    pairs = [pair for name in names[::2] for pair in random_pairs(rng, name)]
    batches = list(in_batches(rng, events))
    version = 0
    for number, batch in enumerate(batches):
        way.send(batch, now=now + 11 * number, rng=rng)
        if number % (len(batches) // 6 + 1) == 0:
            way.write()
            way.build()
        if number == len(batches) // 2:
            version = services.keep_apart(property_id=way.property_id, made_by=None, seen=0, pairs=pairs).version
            if rng.random() < 0.5:
                way.write()
            way.build()
    way.write()
    way.build()
    parted = Rules(apart=frozenset(frozenset(pair) for pair in pairs))
    wrong = differences(way, goal, parted)
    report(way, wrong)
    assert not wrong
    stepwise = built(way, goal)
    way.build(is_full=True)
    assert built(way, goal) == stepwise
    services.undo_identity(property_id=way.property_id, version=version, made_by=None)
    way.build()
    wrong = differences(way, goal, Rules())
    report(way, wrong)
    assert not wrong
    print("apart compared", HISTORIES, "histories", len(pairs), "pairs", len(stepwise), "conversions")


def random_pairs(rng: random.Random, name: str) -> list[tuple[str, str]]:
    """Return ids of a history that are to stay apart."""
    users = [f"u:{name}u{n}" for n in range(3)]
    devices = [f"a:{name}d{n}" for n in range(3)]
    two = sorted(rng.sample(users, 2))
    return rng.choice(
        [[(two[0], two[1])], [(rng.choice(devices), rng.choice(users))], [(two[0], two[1]), (devices[0], users[0])]]
    )


def test_click_that_carries_the_id_of_an_ad_and_its_landing_page_are_one_touchpoint(
    company: Company, door: Client, log: MemoryLog
) -> None:
    """R2: one act earns once, also where the page behind the link has the id of an ad beside ours."""
    way, goal = make_way(company, door, log, "shop-0", {})
    ingestion.create_link(
        property_id=way.property_id, made_by=None, slug="ad", name="Ad", destination="https://shop.example/", source="s"
    )
    clicked = door.get("/l/ad?gclid=g-1&aid=ann", headers={"user-agent": CHROME})
    page = {
        "type": "page",
        "messageId": "landing",
        "anonymousId": "ann",
        "context": {"page": {"url": clicked["Location"]}},
    }
    sale = {"type": "track", "messageId": "sale", "anonymousId": "ann", "event": "Order Completed"}
    for one in (page, sale):
        way.send([{**one, "_at": 0}], now=int(time.time() * 1000), rng=random.Random(0))

    way.write()
    way.build()

    ((touch,),) = built(way, goal).values()
    assert (touch.kind, touch.source) == ("click", "s")
    assert facts.select(LANDING, str, property_id=way.property_id) == ["gclid"]


def test_second_clicks_robots_and_what_is_fetched_ahead_change_no_number(
    company: Company, door: Client, log: MemoryLog
) -> None:
    """R2, R9: of seven requests for one link one is a click, whichever landing page is told first."""
    way, goal = make_way(company, door, log, "shop-0", {})
    ingestion.create_link(
        property_id=way.property_id, made_by=None, slug="go", name="Go", destination="https://shop.example/", source="s"
    )
    person = {"user-agent": CHROME}
    asked = ({"user-agent": "Googlebot/2.1"}, {**person, "sec-purpose": "prefetch"}, person, person, person)
    places = [door.get("/l/go?aid=ann", headers=head)["Location"] for head in asked]
    door.head("/l/go?aid=ann", headers=person)
    way.crash()
    places.append(door.get("/l/go?aid=ann", headers=person)["Location"])
    events = [
        {"type": "page", "messageId": f"page-{n}", "anonymousId": "ann", "context": {"page": {"url": place}}}
        for n, place in enumerate(places[2:])
    ]
    sale = {"type": "track", "messageId": "sale", "anonymousId": "ann", "event": "Order Completed"}
    for one in (*events, sale, *events):
        way.send([{**one, "_at": 0}], now=int(time.time() * 1000), rng=random.Random(1))
        way.write()
        way.build()

    ((touch,),) = built(way, goal).values()
    assert (touch.kind, touch.source, len(set(places[2:]))) == ("click", "s", 1)
    ends = facts.select(ENDS, lambda *row: row, property_id=way.property_id)
    assert dict(ends) == {"bot": 1, "prefetch": 1, "duplicate": 3 + len(events)}


def report(way: Way, wrong: dict[str, Any]) -> None:
    for one, (found, wanted) in sorted(wrong.items())[:6]:
        print("==", one, "\n found ", found, "\n wanted", wanted)
        for each in sorted((h for h in stored(way.heard) if h.id[:4] == one[:4]), key=lambda h: h.at):
            print(
                "   ",
                each.at - 1_790_000_000_000,
                each.heard,
                {k: v for k, v in each.sent.items() if k not in ("_at", "timestamp", "properties")},
            )
    print(len(wrong), "differ")


def credit_by_day(company: Company, way: Way, goal: int, days: Iterable[date]) -> dict[date, dict[str, float]]:
    """Return what the API says of each day on which something was sold, and of the days around."""
    asked = {day + timedelta(days=n) for day in days for n in (-1, 0, 1)}
    found = {}
    with override_settings(ROOT_URLCONF="config.urls", MIDDLEWARE=test_settings.MIDDLEWARE):
        client = company.client_of(company.ada)
        for day in asked:
            address = f"/api/v1/properties/{way.property_id}/credit/?from={day}&to={day}&goal={goal}"
            said = client.get(address).json()
            rows = {one["key"]: one["conversions"] for one in said["rows"] if one["conversions"]}
            assert said["conversions"] == float(said["revenue"]) / 10, said
            if said["conversions"]:
                found[day] = {**rows, "": said["conversions"] - sum(rows.values())}
    return found


def ids_by_user(company: Company, way: Way, users: list[str]) -> dict[str, set[str]]:
    """Return the ids of the persons of users, as the API says it."""
    with override_settings(ROOT_URLCONF="config.urls", MIDDLEWARE=test_settings.MIDDLEWARE):
        client = company.client_of(company.ada)
        address = f"/api/v1/properties/{way.property_id}/people/?id=u:"
        return {one: {each["key"] for each in client.get(address + one).json()["ids"]} for one in users}
