"""Clicks and impressions from ad networks: words that nobody filled in, and ids that mean what they say."""

import json
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from django.test import Client

from apps.ingestion import services
from apps.ingestion.domain import deliveries
from apps.ingestion.domain.deliveries import Item
from apps.ingestion.domain.networks import NETWORKS, template
from apps.ingestion.models import Link
from tests.factories.company import Company
from tests.fakes.event_log import MemoryLog


@pytest.fixture
def link(company: Company) -> Link:
    """A link that networks report for."""
    return services.create_link(
        property_id=company.shop.pk,
        made_by=company.ada,
        slug="net",
        name="Net",
        destination="https://shop.example/",
        source="net",
        medium="cpc",
        campaign="spring",
    )


def reported(log: MemoryLog) -> list[Item]:
    return [item for entry in log.entries.values() for item in deliveries.decode(entry.body).items]


def campaign(item: Item) -> dict[str, Any]:
    return json.loads(item.payload)["context"]["campaign"]


@pytest.mark.parametrize(
    "word",
    [
        "{clickid}", "{click_id}", "{{ad.id}}", "{{campaign.name}}", "{campaign name}", "{click-id}", "{}", "{clickid",
        "__CLICKID__", "%%CLICK%%", "[CLICK_ID]", "[click-id]", "${CLICK_ID}", "$click_id$", "$$clickid$$", "#clickid#",
        "<clickid>", "((clickid))", "null", "undefined", "(not set)", "None", "N/A",
    ],
)  # fmt: skip
def test_word_that_nobody_filled_in_says_nothing(door: Client, link: Link, log: MemoryLog, word: str) -> None:
    for _ in range(2):
        said = {"click_id": word, "campaign": word, "content": word, "gaid": word, "uid": word, "ts": word, "ip": word}
        assert door.get("/s/net/click", said).status_code == 204

    first, second = reported(log)
    assert first.message_id != second.message_id  # two clicks, not one that came twice
    assert word not in first.message_id
    assert (campaign(first)["name"], campaign(first)["content"]) == ("spring", "")
    assert json.loads(first.payload)["anonymousId"] == first.message_id
    assert json.loads(first.payload)["userId"] == ""


def test_name_that_only_looks_like_a_word_stays(door: Client, link: Link, log: MemoryLog) -> None:
    for name in ("[brand] shoes", "50% off", "{a} and {b}", "a_b__c", "C#"):
        door.get("/s/net/click", {"campaign": name})

    assert [campaign(item)["name"] for item in reported(log)] == [
        "[brand] shoes",
        "50% off",
        "{a} and {b}",
        "a_b__c",
        "C#",
    ]


def test_click_and_impression_of_one_id_are_two_events(door: Client, link: Link, log: MemoryLog) -> None:
    for kind in ("click", "click", "impression", "impression"):
        door.get(f"/s/net/{kind}", {"click_id": "n-1"})

    ids = [item.message_id for item in reported(log)]
    assert ids[0] == ids[1] == "n-1"
    assert ids[2] == ids[3] != "n-1"


def test_long_ids_that_begin_alike_stay_two_clicks(door: Client, link: Link, log: MemoryLog) -> None:
    for end in "ab":
        door.get("/s/net/click", {"click_id": "E.C.P." + "x" * 300 + end})

    first, second = (item.message_id for item in reported(log))
    assert first != second
    assert max(len(first), len(second)) <= 200


def test_template_of_every_network_reports_as_it_stands(door: Client, link: Link, log: MemoryLog) -> None:
    for network in NETWORKS:
        parts = urlsplit(template(network, "https://c.example/s/net/click"))
        for _ in range(2):
            door.get("/s/net/click", dict(parse_qsl(parts.query, keep_blank_values=True)))

    items = reported(log)
    assert len({item.message_id for item in items}) == len(items) == 2 * len(NETWORKS)


def test_what_tells_a_device_is_no_id_of_a_click() -> None:
    of_devices = {"{gamer_id}", "{ifa}", "{idfa}", "{gaid}", "__IDFA__", "__GAID__"}

    assert [network.name for network in NETWORKS if network.words.get("click_id") in of_devices] == []


def test_device_of_a_report_ties_it_to_an_install(door: Client, link: Link, log: MemoryLog) -> None:
    """R6: the decision about an install looks for clicks of the device by this property."""
    device, nobody = "6F9619FF-8B86-D011-B42D-00CF4FC964FF", "00000000-0000-0000-0000-000000000000"
    door.get("/s/net/click", {"click_id": "n-1", "gaid": device, "idfa": nobody})
    door.get("/s/net/click", {"click_id": "n-2", "idfa": nobody, "gaid": nobody})
    door.get("/s/net/impression", {"click_id": "n-3", "idfa": device, "aid": "visitor-1"})

    first, second, third = (json.loads(item.payload) for item in reported(log))
    assert (first["properties"]["advertising_id"], first["anonymousId"]) == (device, device)
    assert ("advertising_id" in second["properties"], second["anonymousId"]) == (False, "n-2")
    assert (third["properties"]["advertising_id"], third["anonymousId"]) == (device, "visitor-1")


def test_report_that_cannot_be_kept_is_to_be_sent_again(door: Client, link: Link, log: MemoryLog) -> None:
    """R1 and R12: a network sends again what it hears 503 about, and never what it hears 403 about."""
    log.is_down = True

    answer = door.get("/s/net/click", {"click_id": "n-1"})

    assert (answer.status_code, answer.json()["code"], answer["Retry-After"]) == (503, "log_unavailable", "2")
