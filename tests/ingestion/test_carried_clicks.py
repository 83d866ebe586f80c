"""What a click brings along reaches the page and the log: ids of ad clicks, and one id of our own (R2, R9)."""

import json
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit

import pytest
from django.test import Client

from apps.compliance.api import Consent
from apps.ingestion import services, wiring
from apps.ingestion.domain import deliveries
from apps.ingestion.models import ConsentVersion, Link
from apps.orgs.services import change_settings
from tests.factories.company import Company
from tests.fakes.event_log import MemoryLog

PERSON = {"user-agent": "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0"}
ANDROID = {
    "user-agent": "Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141 Mobile"
}


def make(company: Company, destination: str, **values: Any) -> Link:
    return services.create_link(
        property_id=company.shop.pk, made_by=None, slug="ad", name="Ad", destination=destination, source="s", **values
    )


def clicks(log: MemoryLog) -> list[deliveries.Item]:
    return [item for entry in log.entries.values() for item in deliveries.decode(entry.body).items]


def test_ids_of_ad_clicks_travel_on_and_are_kept_with_the_click(door: Client, company: Company, log: MemoryLog) -> None:
    make(company, "https://shop.example/p?a=1#top")

    sent = "gclid=Cj0KC%2Bq-x_1&ScCid=s-7&gad_source=1&utm_source=other&next=//evil.example"
    target = urlsplit(door.get(f"/l/ad?{sent}", headers=PERSON)["Location"])

    (click,) = clicks(log)
    assert target.fragment == "top"
    assert parse_qsl(target.query) == [
        ("a", "1"), ("utm_source", "s"), ("gclid", "Cj0KC+q-x_1"), ("ScCid", "s-7"), ("gad_source", "1"),
        ("tbclid", click.message_id),
    ]  # fmt: skip
    page = json.loads(click.payload)["context"]["page"]["url"]
    assert parse_qs(urlsplit(page).query) == {"gclid": ["Cj0KC+q-x_1"], "ScCid": ["s-7"], "gad_source": ["1"]}


def test_destination_keeps_its_own_and_takes_each_id_once(door: Client, company: Company) -> None:
    make(company, "https://shop.example/?GCLID=mine")

    query = urlsplit(door.get("/l/ad?gclid=theirs&fbclid=a&fbclid=b&msclkid=", headers=PERSON)["Location"]).query

    said = parse_qs(query)
    assert (said["GCLID"], said["fbclid"], said.keys() & {"gclid", "msclkid"}) == (["mine"], ["a"], set())


def test_own_click_ids_of_a_property_travel_too(door: Client, company: Company) -> None:
    change_settings(property_id=company.shop.pk, made_by=None, click_ids=[["netclid", "adnet", "cpc"]])
    wiring.property_of().forget()
    make(company, "https://shop.example/")

    assert "netclid=n-1" in door.get("/l/ad?netclid=n-1", headers=PERSON)["Location"]


def test_google_play_hands_ids_of_ad_clicks_to_the_app(door: Client, company: Company) -> None:
    make(company, "https://shop.example/", android_destination="https://play.google.com/store/apps/details?id=a.b")

    query = parse_qs(urlsplit(door.get("/l/ad?gclid=g-1", headers=ANDROID)["Location"]).query)

    assert parse_qs(query["referrer"][0])["gclid"] == ["g-1"]
    assert query.keys() == {"id", "referrer"}


@pytest.mark.parametrize("written", ["a%0d%0aSet-Cookie:x", "%00", "a#b", "x" * 5_000, "\u560d\u560a", "%ff%fe", "a b"])
def test_hostile_id_breaks_no_address(door: Client, company: Company, written: str) -> None:
    make(company, "https://shop.example/p#top")

    answer = door.get(f"/l/ad?gclid={written}&tail=1", headers=PERSON)

    target = urlsplit(answer["Location"])
    assert (answer.status_code, target.netloc, target.path, target.fragment) == (302, "shop.example", "/p", "top")
    assert len(answer["Location"]) < 2_000
    assert answer["Location"].isascii()


def test_id_of_an_old_click_in_a_destination_gives_way(door: Client, company: Company, log: MemoryLog) -> None:
    """R2: an address that was copied from a landing page holds the id of somebody else's click."""
    make(company, "https://shop.example/p?tbclid=old&x=1")

    query = parse_qs(urlsplit(door.get("/l/ad", headers=PERSON)["Location"]).query)
    ahead = door.get("/l/ad", headers={**PERSON, "sec-purpose": "prefetch"})["Location"]

    assert (query["tbclid"], query["x"]) == ([clicks(log)[0].message_id], ["1"])
    assert "tbclid" not in ahead


def test_looking_gets_no_id_of_a_click(door: Client, company: Company, log: MemoryLog) -> None:
    """R9: an id that leads on is the id of something that can be found."""
    make(company, "https://shop.example/", deep_link="shop://product/7")

    answer = door.head("/l/ad", headers=PERSON)

    assert (answer.status_code, answer["Location"]) == (302, "https://shop.example/?utm_source=s")
    assert not log.entries


def test_ids_for_advertising_stay_out_where_a_person_agreed_to_measurement_alone(
    door: Client, company: Company, log: MemoryLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    """R8."""
    make(company, "https://shop.example/")
    ConsentVersion.objects.create(property=company.shop, version=1, hears_signal=True)
    monkeypatch.setattr(wiring, "consent_memory", lambda *_: _Agreed())

    door.get("/l/ad?gclid=g-1&uid=ann", headers=PERSON)
    door.get("/s/ad/click?idfa=A-1")

    masked = []
    for click in clicks(log):
        assert b"g-1" not in click.payload
        assert b"A-1" not in click.payload
        masked += json.loads(click.payload)["context"]["masked"]
    assert masked == ["gclid", "advertising_id"]


class _Agreed:
    """Everybody agreed to measurement and to no more."""

    is_idle = False

    def prepare(self, _raws: object) -> None: ...

    def state_of(self, _payload: object) -> Consent:
        return Consent.MEASUREMENT


@pytest.mark.parametrize(("length", "is_kept"), [(201, True), (512, True), (513, False)])
def test_id_of_a_person_is_whole_or_none(
    door: Client, company: Company, log: MemoryLog, length: int, is_kept: bool
) -> None:
    """As at the door: cut off, two persons whose ids begin alike would be one, and a refusal would not be found."""
    make(company, "https://shop.example/")
    said = "u" * length

    door.get(f"/l/ad?uid={said}&aid={said}", headers=PERSON)

    (click,) = clicks(log)
    payload = json.loads(click.payload)
    assert payload["userId"] == (said if is_kept else "")
    assert (payload["anonymousId"] == said) is is_kept


def test_browser_that_would_keep_the_answer_for_the_click_gets_none(
    door: Client, company: Company, log: MemoryLog
) -> None:
    """R9: it would show what it kept, and nobody would hear of the click (ADR 0126)."""
    make(company, "https://shop.example/")
    ahead = {"sec-purpose": "prefetch;prerender", "sec-fetch-mode": "navigate"}

    response = door.get("/l/ad", headers={**PERSON, **ahead})

    assert (response.status_code, response["Cache-Control"], "Location" in response) == (425, "no-store", False)
    assert response.json()["code"] == "asked_ahead"
    (entry,) = log.entries.values()
    (refusal,) = deliveries.decode(entry.body).refusals
    assert (clicks(log), refusal.reason) == ([], "prefetch")
