"""Google Analytics' Measurement Protocol at our door."""

import json
import time
from typing import Any

import pytest
from django.test import Client

from apps.ingestion.domain import deliveries
from tests.fakes.event_log import MemoryLog
from tests.ingestion.test_door import assert_problem

PURCHASE = {
    "name": "purchase",
    "params": {"transaction_id": "o-1", "value": 12.5, "currency": "EUR", "page_location": "https://shop.example/?a"},
}
HIT = {"client_id": "c.1", "user_id": "ann", "events": [PURCHASE]}


def post(door: Client, body: object, key: str, *, path: str = "/mp/collect") -> Any:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return door.post(f"{path}?measurement_id=G-1&api_secret={key}", raw, content_type="application/json")


def test_events_of_a_hit_are_on_the_log(door: Client, key: str, log: MemoryLog) -> None:
    view = {"name": "page_view", "params": {"page_location": "https://shop.example/a", "page_title": "A"}}
    moment = time.time_ns() // 1000 - 60_000_000

    response = post(door, {**HIT, "timestamp_micros": str(moment), "events": [PURCHASE, view]}, key)

    assert (response.status_code, response.content) == (204, b"")
    (entry,) = log.entries.values()
    sale, page = deliveries.decode(entry.body).items
    payload = json.loads(sale.payload)
    assert (sale.kind, page.kind, sale.occurred_at) == ("track", "page", moment // 1000)
    assert (payload["event"], payload["userId"], payload["anonymousId"]) == ("purchase", "ann", "c.1")
    facts = {"order_id": "o-1", "value": 12.5, "currency": "EUR", "url": "https://shop.example/?a"}
    assert {name: payload["properties"][name] for name in facts} == facts
    assert json.loads(page.payload)["context"]["page"] == {"url": "https://shop.example/a", "title": "A"}


def test_hit_that_is_sent_again_has_the_same_ids(door: Client, key: str, log: MemoryLog) -> None:
    hit = {**HIT, "timestamp_micros": time.time_ns() // 1000, "events": [PURCHASE, PURCHASE]}

    for _ in range(2):
        post(door, hit, key)

    first, again = ([item.message_id for item in deliveries.decode(entry.body).items] for entry in log.entries.values())
    assert first == again
    assert len(set(first)) == 2


@pytest.mark.parametrize("where", ["value", "name", "inside"])
def test_nul_character_costs_its_event_alone(door: Client, key: str, log: MemoryLog, where: str) -> None:
    """R9, R11: one parameter refused the whole request, with events that were fine; as for Segment, it is one's own."""
    params = {"value": {"note": "a\0b"}, "name": {"a\0b": 1}, "inside": {"items": [{"item_id": "\0"}]}}[where]

    response = post(door, {**HIT, "events": [PURCHASE, {"name": "view_item", "params": params}, PURCHASE]}, key)

    told = [(one["status"], one.get("reason")) for one in response.json()["results"]]
    assert told == [("accepted", None), ("refused", "nul_character"), ("accepted", None)]
    (entry,) = log.entries.values()
    delivery = deliveries.decode(entry.body)
    assert ([one.reason for one in delivery.refusals], len(delivery.items)) == (["nul_character"], 2)


def test_nul_character_in_what_a_hit_says_of_all_costs_all(door: Client, key: str, log: MemoryLog) -> None:
    assert_problem(post(door, {**HIT, "user_id": "a\0b"}, key), 400, "nul_character", None)


def test_consent_mode_is_heard(door: Client, key: str) -> None:
    assert_problem(
        post(door, {**HIT, "consent": {"ad_user_data": "DENIED"}}, key), 403, "consent_denied", "context.consent"
    )


@pytest.mark.parametrize(
    "said", [{"consent": {"ad_personalization": "DENIED"}}, {"non_personalized_ads": True}], ids=["consent", "before"]
)
def test_who_refuses_personal_ads_alone_is_measured_without_ids_of_ads(
    door: Client, key: str, log: MemoryLog, said: dict[str, Any]
) -> None:
    page = {"name": "page_view", "params": {"page_location": "https://shop.example/?gclid=secret"}}

    assert post(door, {**HIT, **said, "events": [page]}, key).status_code == 204
    assert post(door, HIT, key).status_code == 204  # nobody was refused for good
    assert b"secret" not in b"".join(entry.body for entry in log.entries.values())


def test_what_a_hit_does_not_say_of_a_device_is_not_kept(door: Client, key: str, log: MemoryLog) -> None:
    post(door, HIT, key)

    (entry,) = log.entries.values()
    (item,) = deliveries.decode(entry.body).items
    context = json.loads(item.payload)["context"]
    assert set(context) == {"library", "page"}


@pytest.mark.parametrize(
    ("body", "status", "code", "field"),
    [
        ({"events": [PURCHASE]}, 400, "no_identity", "userId"),
        ({"client_id": "c"}, 400, "wrong_type", None),
        ({"client_id": "c", "events": []}, 400, "empty", "events"),
        ({"client_id": 5, "events": [PURCHASE]}, 400, "wrong_type", "client_id"),
        ({"client_id": "c", "events": [{"params": {}}]}, 400, "wrong_type", None),
        ({"client_id": "c", "events": [{"name": ""}]}, 400, "no_name", "event"),
        ({**HIT, "events": [{"name": "purchase", "params": {"value": "NaN"}}]}, 422, "bad_amount", "properties.value"),
        (b"{", 400, "not_json", None),
        (b'{"events":' + b"[" * 90 + b"]" * 90 + b"}", 400, "too_deep", None),
    ],
)
def test_what_is_wrong_is_named(
    door: Client, key: str, body: object, status: int, code: str, field: str | None
) -> None:
    assert_problem(post(door, body, key), status, code, field)


def test_secret_must_be_a_write_key(door: Client, key: str, log: MemoryLog) -> None:
    assert_problem(post(door, HIT, "wrong"), 401, "unknown_write_key", "writeKey")
    assert not log.entries


def test_secret_that_is_missing_is_asked_for_where_it_belongs(door: Client) -> None:
    answer = door.post("/mp/collect?measurement_id=G-1", json.dumps(HIT), content_type="application/json")

    assert_problem(answer, 401, "unknown_write_key", "writeKey")
    assert "`api_secret` in the address" in answer.json()["detail"]


def test_debugging_knows_the_fields_and_limits_of_the_protocol(door: Client, key: str) -> None:
    wrong = {
        **HIT,
        "userId": "ann",
        "consent": {"ad_user_data": "yes", "analytics_storage": "DENIED"},
        "events": [
            {"name": "app_store_subscription_renew"},
            {"name": "notification_send", "parameters": {}},
            {"name": "purchase", "params": {"items": [{"item_id": "1"}] * 200 + [{}]}},
            {"name": "purchase", "params": {"items": [{"price": 1}, 5]}},
            {"name": "purchase", "params": {"items": {}, "text": "x" * 130_000}},
        ],
    }

    found = post(door, wrong, key, path="/debug/mp/collect").json()["validationMessages"]

    assert [(message["fieldPath"], message["validationCode"]) for message in found] == [
        ("", "EXCEEDED_MAX_ENTITIES"),
        ("userId", "VALUE_INVALID"),
        ("consent.analytics_storage", "VALUE_INVALID"),
        ("consent.ad_user_data", "VALUE_INVALID"),
        ("events[0].name", "NAME_RESERVED"),
        ("events[1].name", "NAME_RESERVED"),
        ("events[1].parameters", "VALUE_INVALID"),
        ("events[2].params.items", "EXCEEDED_MAX_ENTITIES"),
        ("events[3].params.items[0].item_id", "VALUE_REQUIRED"),
        ("events[3].params.items[1]", "VALUE_INVALID"),
        ("events[4].params.text", "VALUE_OUT_OF_BOUNDS"),
        ("events[4].params.items", "VALUE_INVALID"),
    ]


def test_debugging_says_what_is_wrong_and_takes_nothing(door: Client, key: str, log: MemoryLog) -> None:
    wrong = {
        "timestamp_micros": 5,
        "user_properties": {"user_id": {"value": "x"}, "plan": {"value": "x" * 40}},
        "events": [
            {"name": "session_start"},
            {"name": "1st", "params": {"value": "x", "ga_a": 1, "b": "x" * 101}},
            5,
        ],
    }

    good = post(door, HIT, key, path="/debug/mp/collect")
    found = post(door, wrong, key, path="/debug/mp/collect").json()["validationMessages"]

    assert (good.status_code, good.json()) == (200, {"validationMessages": []})
    assert [(message["fieldPath"], message["validationCode"]) for message in found] == [
        ("client_id", "VALUE_REQUIRED"),
        ("timestamp_micros", "VALUE_OUT_OF_BOUNDS"),
        ("user_properties.user_id", "NAME_RESERVED"),
        ("user_properties.plan", "VALUE_OUT_OF_BOUNDS"),
        ("events[0].name", "NAME_RESERVED"),
        ("events[1].name", "NAME_INVALID"),
        ("events[1].params.ga_a", "NAME_RESERVED"),
        ("events[1].params.b", "VALUE_OUT_OF_BOUNDS"),
        ("events[1].params.value", "VALUE_INVALID"),
        ("events[1].params.currency", "VALUE_REQUIRED"),
        ("events[2]", "VALUE_INVALID"),
    ]
    assert all(message["description"] for message in found)
    assert not log.entries


def test_what_a_hit_states_for_all_may_not_make_it_many_times_larger(door: Client, key: str, log: MemoryLog) -> None:
    hit = {"client_id": "c.1", "user_properties": {"text": "x" * 30_000}, "events": [{"name": "x"}] * 2500}

    assert_problem(post(door, hit, key), 413, "too_large", "events")
    assert post(door, {**hit, "events": [{"name": "x"}] * 25}, key).status_code == 204
