"""Agreed to measurement, not to advertising: ids of clicks and devices never reach the log; the story says so (R8)."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from apps.compliance.api import Consent, consent_state, tcf_choices
from apps.ingestion import wiring
from apps.ingestion.domain import deliveries
from apps.ingestion.domain.advertising import masked_in, without_advertising
from apps.ingestion.models import RememberedConsent
from tests.fakes.event_log import MemoryLog
from tests.ingestion.test_consent import tcf
from tests.ingestion.test_door import post

SECRET = "Cj0KCQ-secret"
URL = f"https://shop.example/sale?utm_source=google&gclid={SECRET}&color=red#top"
EVENT: dict[str, Any] = {
    "userId": "ann",
    "event": "Order",
    "messageId": "m-1",
    "properties": {"revenue": 10.10, "order_id": 12345678901234567890123, "fbclid": SECRET, "url": URL},
    "context": {
        "page": {"url": URL, "search": f"?gclid={SECRET}", "referrer": f"https://x.example/?to=https%3A%2F%2Fa%3Ffbclid%3D{SECRET}"},
        "device": {"advertisingId": SECRET, "model": "Pixel", "adTrackingEnabled": True},
        "referrer": {"type": "dataxu", "id": SECRET},
        "campaign": {"source": "google", "name": "spring"},
    },
}  # fmt: skip


@pytest.fixture(autouse=True)
def forgetful() -> Iterator[None]:
    """Look what is remembered up anew in each test."""
    wiring._remembers_consent().forget()
    yield
    wiring._remembers_consent().forget()


def saying(consent: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return {**EVENT, **changes, "context": {**EVENT["context"], "consent": consent}}


def kept(log: MemoryLog) -> list[dict[str, Any]]:
    items = [item for entry in log.entries.values() for item in deliveries.decode(entry.body).items]
    return [json.loads(item.payload) for item in items]


@pytest.mark.parametrize(
    "consent",
    [
        {"purposes": {"measurement": True, "advertising": False}},
        {"categoryPreferences": {"Analytics": True, "Advertising": False}},
        {"status": "granted", "advertising": "denied"},
        {"purposes": {"analytics_storage": "granted", "ad_storage": "denied"}},
        {"analytics": True, "marketing": False},
        {"tcf": tcf(1, 7)},
    ],
)
def test_ids_of_advertising_never_reach_the_log(
    door: Client, key: str, log: MemoryLog, consent: dict[str, Any]
) -> None:
    assert post(door, "/v1/track", saying(consent), key).status_code == 200

    (event,) = kept(log)
    assert SECRET not in json.dumps(event)
    assert SECRET.encode() not in b"".join(entry.body for entry in log.entries.values())
    assert event["context"]["page"]["url"] == "https://shop.example/sale?utm_source=google&color=red#top"
    assert event["context"]["device"] == {"model": "Pixel", "adTrackingEnabled": True}
    assert event["context"]["campaign"] == EVENT["context"]["campaign"]
    assert event["properties"]["order_id"] == 12345678901234567890123
    assert masked_in(json.dumps(event["context"])) == ("advertisingId", "fbclid", "gclid", "referrer.id")


def test_id_is_taken_out_by_the_type_beside_it_and_wherever_it_stands(door: Client, key: str, log: MemoryLog) -> None:
    ids = [{"id": SECRET, "type": "ios.idfa", "collection": "users"}, {"id": "crm-1", "type": "crm"}]
    event = saying({"analytics": True, "marketing": False}, integrations={"Ads": {"gclid": SECRET}}, gclid=SECRET)
    event["context"] |= {"externalIds": ids, "page": {"search": f"gclid={SECRET}&color=red"}}

    assert post(door, "/v1/track", event, key).status_code == 200

    (said,) = kept(log)
    assert SECRET not in json.dumps(said)
    assert said["context"]["externalIds"] == [{"type": "ios.idfa", "collection": "users"}, ids[1]]
    assert (said["context"]["page"], said["integrations"]) == ({"search": "color=red"}, {"Ads": {}})


@pytest.mark.parametrize(
    "consent",
    [
        {"necessary": True, "targeting": False},
        {"C0001": True, "C0004": False},
        {"Behavioral Advertising": "denied", "Functional": 1},
    ],
)
def test_refusal_of_advertising_counts_where_nothing_is_said_of_measurement(
    door: Client, key: str, log: MemoryLog, consent: dict[str, Any]
) -> None:
    assert post(door, "/v1/track", saying({"categoryPreferences": consent}), key).status_code == 200
    assert SECRET not in json.dumps(kept(log))


@pytest.mark.parametrize(
    ("said", "left"),
    [
        (f'{{"gclid":"{SECRET}","n":1}}', '{"n":1}'),
        (f' [{{"u":"https://a.example/?fbclid={SECRET}"}}]', '[{"u":"https://a.example/"}]'),
        (f'{{"deep":"{{\\"gclid\\":\\"{SECRET}\\"}}"}}', '{"deep":"{}"}'),
        (f"[look](https://a.example/?gclid={SECRET})", "[look](https://a.example/"),
        (f"https://a.example/?to=b%253Fgclid%253D{SECRET}%2526c%253D1", "https://a.example/?to=b%253F%2526c%253D1"),
        ("[" * 5_000, "[" * 5_000),
        ('{"n": 1.10}', '{"n": 1.10}'),
    ],
)
def test_no_id_outlives_in_json_that_is_a_text_nor_under_many_escapes(
    door: Client, key: str, log: MemoryLog, said: str, left: str
) -> None:
    event = {"userId": "ann", "event": "Order", "properties": {"said": said}}
    asked = {**event, "context": {"consent": {"analytics": True, "marketing": False}}}

    assert post(door, "/v1/track", asked, key).status_code == 200

    assert kept(log)[0]["properties"] == {"said": left}


@pytest.mark.parametrize(
    "consent", [{"purposes": {"measurement": True, "advertising": True}}, {"status": "granted"}, {"tcf": tcf(1, 2, 7)}]
)
def test_who_agreed_to_both_keeps_both(door: Client, key: str, log: MemoryLog, consent: dict[str, Any]) -> None:
    assert post(door, "/v1/track", saying(consent), key).status_code == 200

    (event,) = kept(log)
    assert event == saying(consent)


def test_refusal_of_advertising_holds_for_later_calls(door: Client, key: str, log: MemoryLog) -> None:
    post(door, "/v1/track", saying({"measurement": True, "advertising": False}), key)
    row = RememberedConsent.objects.get()
    assert (row.is_granted, row.is_for_ads) == (True, False)
    wiring._remembers_consent().forget()

    assert post(door, "/v1/track", {**EVENT, "messageId": "m-2"}, key).status_code == 200
    assert SECRET not in json.dumps(kept(log))
    post(door, "/v1/track", saying({"status": "granted"}, messageId="m-3"), key)
    assert post(door, "/v1/track", {**EVENT, "messageId": "m-4"}, key).status_code == 200
    assert SECRET in json.dumps(kept(log)[-1])


def test_measurement_protocol_names_advertising_apart(door: Client, key: str, log: MemoryLog) -> None:
    hit = {
        "client_id": "c",
        "consent": {"ad_user_data": "GRANTED", "ad_personalization": "DENIED"},
        "events": [{"name": "view", "params": {"page_location": URL}}],
    }

    assert post(door, f"/mp/collect?api_secret={key}", hit, key).status_code == 204
    assert SECRET not in json.dumps(kept(log))


def test_refusal_of_measurement_is_a_refusal_whatever_advertising_may(door: Client, key: str, log: MemoryLog) -> None:
    response = post(door, "/v1/track", saying({"measurement": False, "advertising": True}), key)

    assert (response.status_code, kept(log)) == (403, [])


def test_states_of_consent_are_told_apart() -> None:
    assert consent_state(status=None, preferences={"advertising": False}) is Consent.DENIED
    assert consent_state(status=None, preferences={"marketing": True}) is Consent.GRANTED
    assert consent_state(status="denied", preferences={"advertising": True}) is Consent.DENIED
    assert tcf_choices(tcf(1, 7, interests=(2,))).consent is Consent.GRANTED


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@given(st.dictionaries(st.sampled_from(["context", "properties", "traits", "name"]), JSON))
def test_what_names_no_advertising_stays_as_it_was(event: dict[str, Any]) -> None:
    raw = json.dumps(event).encode()

    cleaned = without_advertising(raw)

    said = json.loads(cleaned)
    if cleaned is raw:
        return
    assert masked_in(json.dumps(said["context"]))


@given(st.lists(st.sampled_from(["gclid", "fbclid", "utm_source", "color", "GCLID"]), max_size=6), st.booleans())
def test_no_click_id_outlives_in_an_address(names: list[str], has_fragment: bool) -> None:
    query = "&".join(f"{name}={SECRET if 'clid' in name.lower() else 'kept'}" for name in names)
    url = f"https://a.example/p?{query}{'#f' if has_fragment else ''}"

    said = json.loads(without_advertising(json.dumps({"context": {"page": {"url": url}}}).encode()))

    address = said["context"]["page"]["url"]
    assert SECRET not in address
    assert address.count("kept") == sum("clid" not in name.lower() for name in names)
    assert not address.endswith(("?", "&")) or not query
