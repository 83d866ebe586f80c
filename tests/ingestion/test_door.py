"""What the door answers, in the protocol of Segment and in problem documents."""

import gzip
import json
import zlib
from base64 import b64encode
from typing import Any

import pytest
from django.db import OperationalError
from django.test import Client

from apps.ingestion import wiring
from apps.ingestion.domain import deliveries
from apps.ingestion.services import PropertyGone
from tests.factories.company import Company
from tests.fakes.event_log import MemoryLog

EVENT = {"userId": "ann", "event": "Order Completed", "messageId": "m-1"}


def post(door: Client, path: str, body: object, key: str = "", **headers: str) -> Any:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    if key:
        headers["authorization"] = "Basic " + b64encode(f"{key}:".encode()).decode()
    return door.post(path, raw, content_type="application/json", headers=headers)


def items(log: MemoryLog) -> list[tuple[str, str]]:
    return [
        (item.message_id, item.kind) for entry in log.entries.values() for item in deliveries.decode(entry.body).items
    ]


def assert_problem(response: Any, status: int, code: str, field: str | None = None) -> None:
    assert (response.status_code, response["Content-Type"]) == (status, "application/problem+json")
    document = response.json()
    assert (document["status"], document["code"], document.get("field")) == (status, code, field)
    assert document["detail"]


@pytest.mark.parametrize(
    ("call", "extra"),
    [
        ("track", {}),
        ("page", {}),
        ("screen", {}),
        ("identify", {}),
        ("group", {"groupId": "g"}),
        ("alias", {"previousId": "old"}),
    ],
)
def test_every_call_is_accepted_and_on_the_log(
    door: Client, key: str, log: MemoryLog, call: str, extra: dict[str, str]
) -> None:
    response = post(door, f"/v1/{call}", {**EVENT, **extra}, key)

    assert (response.status_code, response.json()) == (
        200,
        {"success": True, "results": [{"messageId": "m-1", "status": "accepted", "index": 0}]},
    )
    assert items(log) == [("m-1", call)]


def test_write_key_may_stand_in_the_body_of_a_beacon(door: Client, key: str, log: MemoryLog) -> None:
    response = door.post("/v1/t", json.dumps({**EVENT, "writeKey": key}), content_type="text/plain;charset=UTF-8")

    assert response.status_code == 200
    assert items(log) == [("m-1", "track")]


@pytest.mark.parametrize("keys", [("own",), ("own", "own")], ids=["one event", "several"])
def test_write_key_may_stand_in_every_event_of_a_batch(
    door: Client, key: str, log: MemoryLog, keys: tuple[str, ...]
) -> None:
    batch = [{"type": "track", **EVENT, "messageId": f"m-{number}", "writeKey": key} for number in range(len(keys))]

    assert post(door, "/v1/batch", {"batch": batch}).status_code == 200
    assert len(items(log)) == len(keys)


@pytest.mark.parametrize("other", ["wk_of_somebody_else", None])
def test_batch_of_several_keys_opens_nothing(door: Client, key: str, log: MemoryLog, other: str | None) -> None:
    batch = [{"type": "track", **EVENT, "writeKey": one} for one in (key, other)]

    assert_problem(post(door, "/v1/batch", {"batch": batch}), 401, "unknown_write_key", "writeKey")
    assert items(log) == []


def test_address_may_end_with_a_slash(door: Client, key: str, log: MemoryLog) -> None:
    assert post(door, "/v1/import/", {"batch": [{"type": "track", **EVENT}]}, key).status_code == 200
    assert items(log) == [("m-1", "track")]


def test_mixed_batch_says_what_became_of_each(door: Client, key: str, log: MemoryLog) -> None:
    batch = [
        {"type": "track", **EVENT},
        {"type": "track", "userId": "ann", "messageId": "m-2"},
        {"type": "track", **EVENT, "messageId": "m-3", "properties": {"revenue": "NaN"}},
        {"type": "page", "anonymousId": 5},
    ]

    response = post(door, "/v1/batch", {"batch": batch}, key)

    body = response.json()
    ends = [(end["status"], end.get("reason"), end.get("field"), end["index"]) for end in body["results"]]
    assert (response.status_code, body["success"]) == (200, False)
    assert ends == [
        ("accepted", None, None, 0),
        ("refused", "no_name", "event", 1),
        ("quarantined", "bad_amount", "properties.revenue", 2),
        ("accepted", None, None, 3),
    ]
    assert body["results"][3]["messageId"].startswith("srv-")
    (entry,) = log.entries.values()
    assert len(deliveries.decode(entry.body).refusals) == 2


def test_context_of_a_batch_holds_for_its_events(door: Client, key: str, log: MemoryLog) -> None:
    batch = {"batch": [{"type": "track", **EVENT, "context": {"locale": "de"}}], "context": {"locale": "en", "x": 1}}

    post(door, "/v1/batch", batch, key)

    (entry,) = log.entries.values()
    (item,) = deliveries.decode(entry.body).items
    assert json.loads(item.payload)["context"] == {"locale": "de", "x": 1}


@pytest.mark.parametrize(
    ("event", "status", "code", "field"),
    [
        ({"event": "x"}, 400, "no_identity", "userId"),
        ({**EVENT, "timestamp": "2999-01-01"}, 400, "in_future", "timestamp"),
        ({**EVENT, "properties": {"value": "inf"}}, 422, "bad_amount", "properties.value"),
        ({**EVENT, "properties": {"currency": "euros"}}, 422, "bad_currency", "properties.currency"),
        ({**EVENT, "context": {"userAgent": "Googlebot/2.1"}}, 403, "bot", "context.userAgent"),
        ({**EVENT, "context": {"consent": {"status": "denied"}}}, 403, "consent_denied", "context.consent"),
        ({**EVENT, "properties": {"text": "x" * 40_000}}, 413, "too_large", None),
        ([], 400, "wrong_type", None),
    ],
)
def test_single_event_that_is_not_taken_is_a_problem(
    door: Client, key: str, event: object, status: int, code: str, field: str | None
) -> None:
    assert_problem(post(door, "/v1/track", event, key), status, code, field)


def test_refused_request_can_be_found_by_its_owner(door: Client, key: str, log: MemoryLog) -> None:
    assert_problem(post(door, "/v1/track", b'{"userId": ', key), 400, "not_json")

    (entry,) = log.entries.values()
    (refusal,) = deliveries.decode(entry.body).refusals
    assert (refusal.reason, refusal.payload) == ("not_json", b'{"userId": ')


def test_wrong_or_missing_key_opens_nothing(door: Client, company: Company, log: MemoryLog) -> None:
    assert_problem(post(door, "/v1/track", EVENT, "wk_wrong"), 401, "unknown_write_key", "writeKey")
    assert_problem(post(door, "/v1/track", EVENT), 401, "unknown_write_key", "writeKey")
    assert not log.entries


def test_closed_stream_accepts_nothing(door: Client, company: Company, key: str) -> None:
    company.shop.streams.update(is_active=False)

    assert_problem(post(door, "/v1/track", EVENT, key), 401, "unknown_write_key", "writeKey")


def test_event_goes_to_the_property_of_its_key(door: Client, company: Company, key: str, log: MemoryLog) -> None:
    theirs = company.theirs.streams.get()
    post(door, "/v1/track", EVENT, key)
    post(door, "/v1/track", EVENT, theirs.write_key)

    owners = [deliveries.decode(entry.body).property_id for entry in log.entries.values()]
    assert owners == [company.shop.pk, company.theirs.pk]


def test_log_that_is_down_means_send_again(door: Client, key: str, log: MemoryLog) -> None:
    log.is_down = True

    response = post(door, "/v1/track", EVENT, key)

    assert_problem(response, 503, "log_unavailable")
    assert response["Retry-After"] == "2"


def test_wrong_body_stays_wrong_while_the_log_is_down(door: Client, key: str, log: MemoryLog) -> None:
    log.is_down = True

    assert_problem(post(door, "/v1/track", b"{", key), 400, "not_json")


def test_known_key_opens_while_postgresql_is_down(
    door: Client, key: str, log: MemoryLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    post(door, "/v1/track", EVENT, key)
    lookup = wiring.stream_of()
    monkeypatch.setattr(lookup, "_ask", lambda _key: (_ for _ in ()).throw(OperationalError("down")))
    monkeypatch.setattr(lookup, "_clock", lambda: 1e12)

    assert post(door, "/v1/track", {**EVENT, "messageId": "m-2"}, key).status_code == 200
    assert_problem(post(door, "/v1/track", EVENT, "wk_new"), 503, "keys_unavailable")


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH", "HEAD"])
def test_other_methods_are_told_which_one(door: Client, method: str) -> None:
    response = door.generic(method, "/v1/track")

    assert (response.status_code, response["Allow"]) == (405, "POST, OPTIONS")
    assert response["Content-Type"] == "application/problem+json"


def test_program_may_ask_what_it_may_do(door: Client) -> None:
    response = door.options("/v1/batch")

    assert (response.status_code, response["Allow"]) == (204, "POST, OPTIONS")


@pytest.mark.parametrize("packed", [gzip.compress, zlib.compress])
def test_compressed_body_is_read(door: Client, key: str, log: MemoryLog, packed: Any) -> None:
    encoding = "gzip" if packed is gzip.compress else "deflate"

    response = post(door, "/v1/track", packed(json.dumps(EVENT).encode()), key, **{"content-encoding": encoding})

    assert response.status_code == 200


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        (rb"Sale \ud83d", "Sale \ufffd"),
        (rb"\uDE00!", "\ufffd!"),
        (rb"\ud83d\ud83d\ude00", "\ufffd\U0001f600"),
        (rb"\ud83d\u0041", "\ufffdA"),
        (rb"C:\\ud83d\\", "C:\\ud83d\\"),
    ],
    ids=["cut", "rest", "before a whole one", "before another", "text that looks like it"],
)
def test_character_that_was_cut_through_costs_no_batch(
    door: Client, key: str, log: MemoryLog, sent: bytes, kept: str
) -> None:
    event = b'{"type": "track", "userId": "ann", "event": "x", "properties": {"title": "%s"}}'

    answer = post(door, "/v1/batch", b'{"batch": [%s, %s]}' % (event % sent, event % b"whole"), key)

    assert [end["status"] for end in answer.json()["results"]] == ["accepted"] * 2
    (entry,) = log.entries.values()
    titles = [json.loads(item.payload)["properties"]["title"] for item in deliveries.decode(entry.body).items]
    assert titles == [kept, "whole"]


def test_compressed_body_may_have_several_members(door: Client, key: str, log: MemoryLog) -> None:
    body = json.dumps({**EVENT, "messageId": "m-1"}).encode()
    packed = b"".join(gzip.compress(body[start : start + 20]) for start in range(0, len(body), 20))

    assert post(door, "/v1/track", packed, key, **{"content-encoding": "gzip"}).status_code == 200
    assert items(log) == [("m-1", "track")]


@pytest.mark.parametrize("wrong", [{"event": 5}, {"context": []}, {"properties": {"text": "x" * 33_000}}])
def test_event_that_cannot_be_read_is_known_by_its_own_id(
    door: Client, key: str, log: MemoryLog, wrong: dict[str, object]
) -> None:
    good = {"type": "track", **EVENT}

    ends = post(door, "/v1/batch", {"batch": [good, {**good, "messageId": "m-7", **wrong}]}, key).json()["results"]

    assert (ends[1]["messageId"], ends[1]["status"]) == ("m-7", "refused")
    (entry,) = log.entries.values()
    assert [refusal.message_id for refusal in deliveries.decode(entry.body).refusals] == ["m-7"]


@pytest.mark.parametrize(
    ("times", "field"),
    [({"timestamp": "soon"}, "timestamp"), ({"timestamp": 1_790_000_000, "sentAt": "soon"}, "sentAt")],
)
def test_time_that_is_none_is_named(door: Client, key: str, times: dict[str, object], field: str) -> None:
    assert_problem(post(door, "/v1/track", {**EVENT, **times}, key), 400, "bad_time", field)


@pytest.mark.parametrize(
    ("body", "encoding", "status", "code"),
    [
        (gzip.compress(b" " * 50_000_000), "gzip", 413, "too_large"),
        (gzip.compress(b"{}")[:-9], "gzip", 400, "bad_compression"),
        (b"{}", "gzip", 400, "bad_compression"),
        (gzip.compress(b"{}") + b"xx", "gzip", 400, "bad_compression"),
        (gzip.compress(b"{}") + gzip.compress(b"{}")[:-9], "gzip", 400, "bad_compression"),
        (gzip.compress(b" ") * 20_000, "gzip", 400, "bad_compression"),
        (gzip.compress(b" " * 300_000) * 2, "gzip", 413, "too_large"),
        (zlib.compress(b"{}") + gzip.compress(b"{}"), "deflate", 400, "bad_compression"),
        (b"{}", "br", 415, "unsupported_encoding"),
        (b" " * 10_000_000, "", 413, "too_large"),
        (gzip.compress(b""), "gzip", 400, "empty"),
        (b'{"event": "\xff"}', "", 400, "not_utf8"),
    ],
    ids=[
        "bomb",
        "torn",
        "not packed",
        "something behind",
        "torn member",
        "thousands of members",
        "bomb of two",
        "two of deflate",
        "unknown packing",
        "10 MB",
        "nothing packed",
        "not text",
    ],
)
def test_body_that_cannot_be_taken_is_a_problem(
    door: Client, key: str, body: bytes, encoding: str, status: int, code: str
) -> None:
    headers = {"content-encoding": encoding} if encoding else {}

    assert_problem(post(door, "/v1/batch", body, key, **headers), status, code)


def test_batch_has_its_limits(door: Client, key: str) -> None:
    small = {"type": "track", "userId": "a", "event": "b"}

    assert_problem(post(door, "/v1/batch", {"batch": [small] * 2501}, key), 413, "too_many", "batch")
    assert_problem(post(door, "/v1/batch", {"batch": []}, key), 400, "empty", "batch")
    assert_problem(post(door, "/v1/batch", {"events": []}, key), 400, "wrong_type")


def test_context_of_a_batch_may_not_make_it_many_times_larger(door: Client, key: str, log: MemoryLog) -> None:
    small = {"type": "track", "userId": "a", "event": "b"}
    batch = {"context": {"page": {"title": "x" * 30_000}}, "batch": [small] * 2500}

    assert_problem(post(door, "/v1/batch", batch, key), 413, "too_large", "context")
    assert items(log) == []
    assert post(door, "/v1/batch", {**batch, "batch": [small] * 100}, key).status_code == 200


def test_unknown_address_is_a_problem(door: Client) -> None:
    response = door.post("/v1/nothing")

    assert (response.status_code, response["Content-Type"]) == (404, "application/problem+json")


def test_delivery_of_a_deleted_property_has_an_end(db: None) -> None:
    wiring.property_of().forget()

    with pytest.raises(PropertyGone):
        wiring.rules_of(deliveries.Delivery(1, 2**50, 1, "web", 0, "", [], []))


def test_bearer_token_may_be_the_write_key_or_stand_beside_it(door: Client, key: str, log: MemoryLog) -> None:
    alone = post(door, "/v1/track", EVENT, authorization=f"Bearer {key}")
    beside = post(door, "/v1/track", {**EVENT, "writeKey": key}, authorization="Bearer ey.token.of.oauth")
    wrong = post(door, "/v1/track", EVENT, authorization="Bearer ey.token.of.oauth")

    assert (alone.status_code, beside.status_code) == (200, 200)
    assert_problem(wrong, 401, "unknown_write_key", "writeKey")
    assert len(log.entries) == 2


def test_library_is_told_where_to_send(door: Client, key: str) -> None:
    response = door.get(f"/v1/projects/{key}/settings", headers={"host": "127.0.0.1:8001"})

    destination = response.json()["integrations"]["Segment.io"]
    assert (destination["apiKey"], destination["apiHost"], destination["protocol"]) == (
        key,
        "127.0.0.1:8001/v1",
        "http",
    )
    assert_problem(door.get("/v1/projects/wk_wrong/settings"), 404, "unknown_write_key")


def test_metrics_of_a_library_are_taken_and_not_kept(door: Client, log: MemoryLog) -> None:
    response = door.post("/v1/m", '{"series": []}', content_type="text/plain")

    assert (response.status_code, response.json()) == (200, {"success": True, "kept": False})
    assert not log.entries


def test_event_may_come_in_the_address_of_a_pixel(door: Client, key: str, log: MemoryLog) -> None:
    data = b64encode(json.dumps({**EVENT, "writeKey": key}).encode()).decode()

    taken = door.get("/v1/pixel/track", {"data": data.rstrip("=")})

    assert (taken.status_code, taken["Content-Type"], items(log)) == (200, "image/gif", [("m-1", "track")])
    for broken in ("", "%%%", b64encode(b"\xff\xff").decode()):
        assert_problem(door.get("/v1/pixel/track", {"data": broken}), 400, "bad_base64", "data")
    assert_problem(
        door.get("/v1/pixel/track", {"data": b64encode(b"{").decode()}), 401, "unknown_write_key", "writeKey"
    )
