"""The door of events: what is sent goes to its own region's log, and to no other (R5, R8)."""

import json
from typing import Any

import pytest
from django.test import Client

from apps.ingestion.models import ConsentVersion, Link, StreamLimit
from tests.regions.conftest import COLLECT, World

CHROME = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36"


def send(door: Client, key: str, path: str = "/v1/track", **headers: str) -> Any:
    body = {
        "writeKey": key,
        "event": "Order Completed",
        "anonymousId": "visitor-1",
        "messageId": "m-1",
        "type": "track",
    }
    return door.post(path, json.dumps(body), content_type="application/json", headers=headers)


@pytest.fixture
def link(world: World) -> Link:
    return Link.objects.create(
        property=world.us, slug="spring", name="Spring", destination="https://shop.example.org/", source="newsletter",
        deep_link="/spring",
    )  # fmt: skip


@pytest.mark.parametrize(("region", "other"), [("eu", "us"), ("us", "eu")])
def test_event_goes_to_the_log_of_its_region_alone(door: Client, world: World, region: str, other: str) -> None:
    assert send(door, world.key_of(region)).status_code == 200

    assert (world.logged(region), world.logged(other)) == (1, 0)


def test_door_of_one_region_refuses_the_key_of_another_and_keeps_nothing(
    door: Client, world: World, settings: Any
) -> None:
    settings.REGION = "eu"

    refused = [send(door, world.key_of("us"), path) for path in ("/v1/track", "/v1/batch", "/v1/events")]

    document = refused[0].json()
    assert [answer.status_code for answer in refused] == [421, 421, 421]
    assert (document["code"], document["region"], document["collectUrl"]) == ("wrong_region", "us", COLLECT["us"])
    assert "Send them to https://in.us.example.org instead." in document["detail"]
    assert (world.logged("eu"), world.logged("us")) == (0, 0)
    assert [key for key in world.keys("eu") + world.keys("us") if "visitor" in key or ":answer:" in key] == []


def test_other_protocols_are_refused_alike(door: Client, world: World, settings: Any) -> None:
    settings.REGION = "eu"
    key = world.key_of("us")
    opening = {"clickId": "c", "anonymousId": "a", "writeKey": key}

    answers = [
        door.post(f"/mp/collect?api_secret={key}", "{}", content_type="application/json"),
        door.get(f"/v1/projects/{key}/settings"),
        door.post("/v1/first-open", json.dumps(opening), content_type="application/json"),
    ]

    assert [(answer.status_code, answer.json()["code"]) for answer in answers] == [(421, "wrong_region")] * 3


def test_click_in_the_wrong_region_is_sent_on_uncounted(door: Client, world: World, settings: Any, link: Link) -> None:
    settings.REGION = "eu"

    click = door.get("/l/spring?aid=visitor-7&utm_term=a%20b", headers={"User-Agent": CHROME})
    pixel = door.get("/p/spring.gif", headers={"User-Agent": CHROME})
    report = door.get("/s/spring/click?click_id=1")

    assert (click.status_code, click["Location"]) == (307, f"{COLLECT['us']}/l/spring?aid=visitor-7&utm_term=a%20b")
    assert (pixel.status_code, pixel["Location"]) == (307, f"{COLLECT['us']}/p/spring.gif")
    assert click["Cache-Control"] == "no-store"
    assert (report.status_code, report.json()["collectUrl"]) == (421, COLLECT["us"])
    kept = [key for key in world.keys("eu") if key.split(":")[1] in ("mark", "bucket", "answer")]
    assert (world.logged("eu"), world.logged("us"), kept) == (0, 0, [])


def test_small_memories_of_the_door_stay_in_the_region(door: Client, world: World, link: Link) -> None:
    stream = world.us.streams.get()
    StreamLimit.objects.create(stream=stream, per_second=50, burst=50)

    door.get("/l/spring", headers={"User-Agent": CHROME})
    send(door, stream.write_key, "/v1/events", **{"Idempotency-Key": "once"})

    kinds = {key.split(":")[1] for key in world.keys("us")}
    assert {"mark", "bucket", "answer"} <= kinds
    assert [key for key in world.keys("eu") if key.split(":")[1] in kinds] == []
    assert (world.logged("us"), world.logged("eu")) == (2, 0)


def test_first_open_finds_its_click_in_the_region(door: Client, world: World, link: Link) -> None:
    click = door.get("/l/spring", headers={"User-Agent": CHROME})
    click_id = click["Location"].rpartition("=")[2]
    opening = {"clickId": click_id, "anonymousId": "device-1", "writeKey": world.key_of("us")}

    found = door.post("/v1/first-open", json.dumps(opening), content_type="application/json")
    foreign = opening | {"writeKey": world.key_of("eu")}
    unfound = door.post("/v1/first-open", json.dumps(foreign), content_type="application/json")

    assert (found.status_code, found.json()["deepLink"]) == (200, "/spring")
    assert unfound.status_code == 404


def test_consent_is_asked_in_every_region_alike(door: Client, world: World) -> None:
    ConsentVersion.objects.create(property=world.us, version=1, asks_everywhere=True)

    refused = send(door, world.key_of("us"))

    assert (refused.status_code, refused.json()["code"]) == (403, "consent_denied")
    assert world.logged("eu") == 0


def test_property_without_a_region_is_not_guessed_at(door: Client, world: World, settings: Any) -> None:
    from apps.orgs.models import Property

    bare = Property.objects.create(organization=world.company.organization, name="Bare", slug="bare")
    stream = bare.streams.create(kind="web", name="Bare")

    answer = send(door, stream.write_key)
    settings.REGIONS = {}  # taken away: the only stores may be those of another region
    foreign = send(door, world.key_of("us"))

    for one in (answer, foreign):
        assert (one.status_code, one.json()["code"]) == (503, "no_region")
    assert (world.logged("eu"), world.logged("us")) == (0, 0)
