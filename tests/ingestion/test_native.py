"""`/v1/events`: what servers send, once each, however often they send it."""

import json
from base64 import b64encode
from typing import Any

import pytest
from django.test import Client

from apps.ingestion import wiring
from apps.ingestion.adapters.valkey_answers import ValkeyAnswers
from apps.ingestion.domain import deliveries
from apps.shared.local.ports import free_port
from tests.fakes.event_log import MemoryLog
from tests.ingestion.test_door import assert_problem

SALE = {"type": "conversion", "userId": "ann", "event": "Order Completed", "value": "49.90", "currency": "EUR"}
SPEND = {"type": "spend", "date": "2026-05-31", "cost": 12.5, "currency": "EUR", "clicks": 3, "impressions": 100}


def post(door: Client, body: object, key: str, **headers: str) -> Any:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    basic = "Basic " + b64encode(f"{key}:".encode()).decode()
    return door.post("/v1/events", raw, content_type="application/json", headers={"authorization": basic, **headers})


def sent(log: MemoryLog) -> list[tuple[str, dict[str, Any]]]:
    found = [item for entry in log.entries.values() for item in deliveries.decode(entry.body).items]
    return [(item.kind, json.loads(item.payload)) for item in found]


def test_every_type_becomes_an_event_with_its_facts(door: Client, key: str, log: MemoryLog) -> None:
    campaign = {"source": "google", "medium": "cpc", "name": "May"}
    events = [
        {**SALE, "orderId": 1001, "properties": {"colour": "red"}},
        {"type": "click", "clickId": "c-1", "campaign": campaign},
        {"type": "impression", "userId": "ann", "campaign": campaign},
        {**SPEND, "campaign": campaign},
    ]

    response = post(door, {"events": events}, key)

    assert [end["status"] for end in response.json()["results"]] == ["accepted"] * 4
    (sale, click, view, spend) = sent(log)
    assert sale[0] == "track"
    assert sale[1]["properties"] == {"colour": "red", "value": "49.90", "currency": "EUR", "orderId": 1001}
    assert (click[0], click[1]["messageId"], click[1]["anonymousId"]) == ("click", "c-1", "c-1")
    assert (view[0], view[1]["context"]["campaign"]) == ("impression", campaign)
    facts = {"date": "2026-05-31", "value": 12.5, "currency": "EUR", "clicks": 3, "impressions": 100}
    assert (spend[0], spend[1]["properties"]) == ("spend", {**facts})
    assert spend[1]["timestamp"] == "2026-05-30T22:00:00+00:00"  # the day begins in Berlin


@pytest.mark.parametrize(
    ("event", "status", "code", "field"),
    [
        ({"type": "page", "userId": "a"}, 400, "unknown_type", "type"),
        ({"userId": "a"}, 400, "unknown_type", "type"),
        ({**SALE, "userId": None}, 400, "no_identity", "userId"),
        ({**SALE, "event": ""}, 400, "no_name", "event"),
        ({**SALE, "value": "much"}, 422, "bad_amount", "properties.value"),
        ({**SALE, "properties": 5}, 400, "wrong_type", "properties"),
        ({**SALE, "campaign": 5}, 400, "wrong_type", "context.campaign"),
        ({**SPEND, "cost": None}, 400, "no_cost", "cost"),
        ({**SPEND, "cost": -1}, 422, "bad_amount", "properties.value"),
        ({**SPEND, "date": "31.05.2026"}, 400, "bad_time", "date"),
        ({**SPEND, "date": "0001-01-01"}, 400, "bad_time", "date"),
        ({**SPEND, "clicks": -1}, 400, "wrong_type", "clicks"),
        ({**SPEND, "clicks": True}, 400, "wrong_type", "clicks"),
        ([], 400, "wrong_type", None),
        ({"events": {}}, 400, "wrong_type", "events"),
        ({"events": []}, 400, "empty", "events"),
        ({"events": [SALE] * 2501}, 413, "too_many", "events"),
    ],
)
def test_what_is_wrong_is_named(
    door: Client, key: str, event: object, status: int, code: str, field: str | None
) -> None:
    assert_problem(post(door, event, key), status, code, field)


def test_one_bad_event_spoils_no_other(door: Client, key: str) -> None:
    response = post(door, {"events": [SALE, 5, {**SALE, "type": "?"}, SALE]}, key)

    ends = [(end["status"], end.get("reason")) for end in response.json()["results"]]
    assert ends == [("accepted", None), ("refused", "wrong_type"), ("refused", "unknown_type"), ("accepted", None)]


def test_same_spend_has_the_same_id_and_other_figures_another(door: Client, key: str, log: MemoryLog) -> None:
    for cost in (12.5, 12.5, 13):
        post(door, {**SPEND, "cost": cost}, key)

    first, again, corrected = (payload["messageId"] for _, payload in sent(log))
    assert first == again != corrected


@pytest.mark.stores
def test_repeated_request_gets_the_first_answer_and_changes_nothing(
    door: Client, key: str, log: MemoryLog, valkey: None
) -> None:
    answers = [post(door, SALE, key, **{"idempotency-key": "k-1"}) for _ in range(3)]

    assert len({answer.content for answer in answers}) == 1
    assert [answer.get("Idempotent-Replayed") for answer in answers] == [None, "true", "true"]
    assert len(log.entries) == 1
    other = post(door, {**SALE, "value": 1}, key, **{"idempotency-key": "k-1"})
    assert_problem(other, 422, "idempotency_key_reused")
    refused = [post(door, {**SALE, "event": ""}, key, **{"idempotency-key": "k-2"}) for _ in range(2)]
    assert [(answer.status_code, answer.json()["code"]) for answer in refused] == [(400, "no_name")] * 2


@pytest.mark.stores
def test_request_that_was_not_accepted_may_be_sent_again(door: Client, key: str, log: MemoryLog, valkey: None) -> None:
    log.is_down = True
    assert_problem(post(door, SALE, key, **{"idempotency-key": "k-1"}), 503, "log_unavailable")
    log.is_down = False

    assert post(door, SALE, key, **{"idempotency-key": "k-1"}).status_code == 200


def test_repeats_count_once_even_when_their_answer_was_lost(
    door: Client, key: str, log: MemoryLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        wiring, "kept_answers", lambda *_: ValkeyAnswers(f"redis://127.0.0.1:{free_port()}", prefix="x")
    )

    results = [post(door, SALE, key, **{"idempotency-key": "k-1"}).json()["results"] for _ in range(2)]

    assert results[0] == results[1]
    assert results[0][0]["messageId"].startswith("idem-")


def test_key_that_is_used_again_for_something_else_loses_no_event(
    door: Client, key: str, log: MemoryLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        wiring, "kept_answers", lambda *_: ValkeyAnswers(f"redis://127.0.0.1:{free_port()}", prefix="x")
    )

    monday, tuesday = (post(door, {**SALE, "orderId": n}, key, **{"idempotency-key": "daily"}) for n in (1, 2))

    assert monday.json()["results"][0]["messageId"] != tuesday.json()["results"][0]["messageId"]


@pytest.mark.stores
def test_answer_that_is_kept_names_no_event_of_who_refuses(
    door: Client, key: str, log: MemoryLog, valkey: None
) -> None:
    refused = {**SALE, "messageId": "m-secret", "context": {"consent": {"status": "denied"}}}
    for name, body in {"one": refused, "two": {"events": [SALE, refused]}}.items():
        first, again = (post(door, body, key, **{"idempotency-key": name}) for _ in range(2))

        assert again["Idempotent-Replayed"] == "true"
        assert (first.status_code, b"m-secret" in first.content) == (again.status_code, True)
        assert b"m-secret" not in again.content


def test_impression_and_click_of_one_id_are_two_events_of_one_person(door: Client, key: str, log: MemoryLog) -> None:
    events = [{"type": kind, "clickId": "c-1", "campaign": {"source": "n"}} for kind in ("impression", "click")]

    post(door, {"events": events}, key)

    assert [(kind, said["messageId"], said["anonymousId"]) for kind, said in sent(log)] == [
        ("impression", "impression-c-1", "c-1"),
        ("click", "c-1", "c-1"),
    ]


def test_write_key_in_the_body_counts_beside_a_bearer_token_of_others(door: Client, key: str) -> None:
    body = json.dumps({**SALE, "writeKey": key})
    headers = {"authorization": "Bearer of-others"}

    assert door.post("/v1/events", body, content_type="application/json", headers=headers).status_code == 200


@pytest.mark.parametrize("event", [{"type": "?"}, {**SALE, "properties": 5}, {**SALE, "userId": {}}])
def test_refused_event_is_known_by_its_own_id(door: Client, key: str, event: dict[str, Any]) -> None:
    answer = post(door, {"events": [SALE, {**event, "messageId": "m-7"}]}, key)

    assert answer.json()["results"][1]["messageId"] == "m-7"
