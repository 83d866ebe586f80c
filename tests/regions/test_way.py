"""The whole way of an event stays in its region: log, writer, journeys, figures, live pages, its end (R1, R8, R9)."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone

from apps.attribution import tasks
from apps.ingestion import finding, residency, services, wiring
from apps.ingestion.domain import deliveries
from apps.ingestion.management.commands import write_events
from apps.orgs import services as orgs
from apps.orgs.models import Organization, Property
from apps.orgs.tasks import delete_due_organizations
from config.settings import test as test_settings
from tests import plugin
from tests.regions.conftest import World

PERSON = "visitor-of-the-us"
FACTS = (
    "events",
    "outcomes",
    "journeys",
    "persons",
    "identity_links",
    "refunds",
    "histories",
    "method_weights",
    "payloads",
)


def send(door: Client, key: str, message_id: str = "m-1", person: str = PERSON) -> None:
    body = {
        "event": "Order Completed", "anonymousId": person, "messageId": message_id, "writeKey": key,
        "properties": {"order_id": message_id, "revenue": 40, "currency": "USD"},
        "context": {"page": {"url": "https://shop.example.org/?utm_source=news&utm_medium=email"}},
    }  # fmt: skip
    assert door.post("/v1/track", json.dumps(body), content_type="application/json").status_code == 200


def write(region: str, **options: Any) -> None:
    call_command("write_events", region=region, drain=True, wait=0.01, **options)


def one_round(region: str) -> None:
    """Do what the command does once, without its patience."""
    log, store = wiring.event_log_reader(region), wiring.event_store(region)
    writer = services.Writer(
        log=log, store=store, seen=services.load_seen_ids(store), rules_of=partial(wiring.rules_of, region=region),
        clock=lambda: 1, tell=lambda *_: None,
    )  # fmt: skip
    try:
        writer.write(log.read(most=9, wait=0.1))
    finally:
        log.close()


def held_by(world: World, region: str) -> set[int]:
    """Return the properties that have a row in any table of a region."""
    return {one for table in FACTS for one in world.properties_in(region, table)}


def traces(world: World, region: str, word: str) -> list[str]:
    """Return where a word stands in the Valkeys of a region: every value of every key, whatever it is."""
    found: list[str] = []
    for store in ("REDIS_URL", "EVENT_LOG_URL"):
        with world.valkey(region, store) as client:
            values = {key: key + (client.dump(key) or b"") for key in client.keys("*")}
            found += [f"{store} {key.decode()}" for key, value in values.items() if word.encode() in value]
    return found


@contextmanager
def listening(world: World, region: str) -> Iterator[list[bytes]]:
    """Hear everything that this worker publishes in a region's cache."""
    heard: list[bytes] = []
    with world.valkey(region, "REDIS_URL") as client:
        ear = client.pubsub()
        ear.psubscribe(f"{plugin.corner()}*")
        ear.get_message(timeout=2)
        yield heard
        while message := ear.get_message(timeout=0.2):
            heard.append(message["data"])


def test_event_journey_and_figure_lie_in_one_region(world: World, door: Client, settings: Any) -> None:
    from apps.attribution.models import Goal

    Goal.objects.create(property=world.us, name="Purchase", event_name="Order Completed", is_primary=True)
    send(door, world.key_of("us"))
    with listening(world, "us") as told_us, listening(world, "eu") as told_eu:
        write("us")
        write("eu")
    tasks.build_journeys(property_id=world.us.pk)

    assert (held_by(world, "us"), held_by(world, "eu")) == ({world.us.pk}, set())
    assert world.rows("us", "SELECT count(), any(anonymous_id) FROM events") == [(1, PERSON)]
    assert world.rows("us", "SELECT count() FROM journeys") == [(1,)]
    assert any(b"events.stored" in message for message in told_us)
    assert not any(b"events.stored" in message for message in told_eu)

    settings.ROOT_URLCONF = "config.urls"
    settings.MIDDLEWARE = test_settings.MIDDLEWARE
    page = world.company.client_of(world.company.ada).get("/o/fernweh/p/boutique/")
    assert page.status_code == 200
    assert "$40" in page.content.decode()
    assert traces(world, "eu", PERSON) == []


def test_writer_of_one_region_leaves_the_log_of_another(world: World, door: Client) -> None:
    send(door, world.key_of("us"))

    write("eu")

    assert (world.logged("us"), held_by(world, "us") | held_by(world, "eu")) == (1, set())


def test_writer_stores_nothing_of_a_property_that_is_of_another_region(world: World, door: Client) -> None:
    send(door, world.key_of("eu"), person="visitor-of-the-eu")
    (entry,) = wiring.event_log("eu").waiting(most=9)
    wiring.event_log("us").append(entry.body)
    with pytest.raises(services.ForeignProperty, match="belongs to the region eu, this log to us"):
        one_round("us")
    assert (world.logged("us"), held_by(world, "us")) == (1, set())  # nothing is lost, and nothing has crossed

    write("us", drop_foreign=True)

    sql = "SELECT property_id, outcome, reason, payload, detail FROM outcomes"
    (row,) = world.rows("us", sql)
    assert row[:4] == (0, "refused", "wrong_region", "")
    assert f"The property {world.eu.pk} belongs to the region eu, this log to us." in row[4]
    assert held_by(world, "us") | held_by(world, "eu") == {0}
    assert (world.logged("us"), world.logged("eu")) == (0, 1)
    assert traces(world, "us", "visitor-of-the-eu") == []


def test_writer_must_know_its_region(world: World, settings: Any) -> None:
    with pytest.raises(CommandError, match="Say --region or TRIBUTARY_REGION, one of: eu, us"):
        call_command("write_events", drain=True)
    settings.REGION = "eu"
    with pytest.raises(CommandError, match="kept in the region us, which this process does not serve"):
        call_command("write_events", region="us", drain=True)


def test_import_goes_to_the_log_of_its_property(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    monkeypatch.chdir(tmp_path)
    file = tmp_path / "a.jsonl"
    file.write_text(json.dumps({"type": "page", "anonymousId": PERSON, "messageId": "m"}))

    call_command("import_events", str(file), property="fernweh/boutique", no_wait=True)

    assert (world.logged("us"), world.logged("eu")) == (1, 0)
    settings.REGION = "eu"
    with pytest.raises(CommandError, match="Run the import where the region is served"):
        call_command("import_events", str(file), property="fernweh/boutique", no_wait=True, again=True)


def test_event_that_waits_is_found_on_the_log_of_its_region(world: World, door: Client) -> None:
    send(door, world.key_of("us"), "waits")

    assert len(finding.find_event(world.us.pk, message_id="waits").waiting) == 1
    assert finding.find_event(world.eu.pk, message_id="waits").waiting == ()


def test_organization_ends_in_each_region_by_itself(world: World, door: Client) -> None:
    for region in ("eu", "us"):
        send(door, world.key_of(region))
        write(region)
    orgs.ask_for_deletion(world.company.organization, now=timezone.now() - orgs.GRACE * 2)

    delete_due_organizations(region="eu")

    assert (held_by(world, "eu"), held_by(world, "us")) == (set(), {world.us.pk})
    assert list(Property.objects.filter(organization=world.company.organization)) == [world.us]

    delete_due_organizations(region="us")

    assert held_by(world, "us") == set()
    assert not Organization.objects.filter(slug="fernweh").exists()


def test_check_counts_every_store_and_names_what_lies_abroad(world: World, door: Client, capsys: Any) -> None:
    for region in ("eu", "us"):
        send(door, world.key_of(region))
        write(region)
    send(door, world.key_of("us"), "still on the log")
    call_command("check_regions")

    said = capsys.readouterr().out
    assert f"us: table events: property {world.us.pk}: 1\n" in said
    assert f"us: event log: property {world.us.pk}: 1\n" in said
    assert "No row of a property lies outside its region." in said

    world.rows("eu", f"INSERT INTO events (property_id, message_id, kind) SELECT {world.us.pk}, 'astray', 'track'")
    wiring.event_log("us").append(_delivery_of(world.eu.pk))
    with pytest.raises(CommandError) as failure:
        call_command("check_regions", quiet=True)

    assert str(failure.value).splitlines() == [
        f"eu: table events holds 1 of property {world.us.pk}, which belongs to us",
        f"us: event log holds 1 of property {world.eu.pk}, which belongs to eu",
    ]


def _delivery_of(property_id: int) -> bytes:
    return deliveries.encode(deliveries.Delivery(deliveries.VERSION, property_id, 0, "web", 1, "", [], []))


def test_store_says_itself_whose_it_is(world: World, settings: Any, door: Client) -> None:
    residency.claim("us")  # again: it is already
    send(door, world.key_of("eu"))
    eu, us = settings.REGIONS["eu"], settings.REGIONS["us"]
    settings.REGIONS = {"eu": eu._replace(database=us.database), "us": us._replace(database=eu.database)}

    swapped = "The ClickHouse that is named for the region eu is of the region us."
    for refused in (lambda: residency.require("eu"), lambda: residency.claim("eu")):
        with pytest.raises(residency.ForeignStore, match=swapped):
            refused()
    with pytest.raises(residency.ForeignStore, match=swapped):
        write_events._new_writer(wiring.event_log_reader("eu"), "eu", drops_foreign=False)
    with pytest.raises(CommandError, match=swapped):
        call_command("check_regions", quiet=True)
    assert (world.logged("eu"), held_by(world, "us") | held_by(world, "eu")) == (1, set())
