"""Anything at all sent to a real door: never a 5xx, never silence, always a problem document (R11)."""

import gzip
import json
import random
import socket
from base64 import b64encode
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from copy import deepcopy
from typing import Any

import pytest

from tests.factories.company import Company
from tests.ingestion.processes import Process

BODIES = 6_000
CALLS = ("track", "page", "screen", "identify", "group", "alias", "batch")
STRANGE: tuple[object, ...] = (
    *(None, True, 0, -1, 1.5, 1e308, 10**40, -(10**18), "", " ", "\0", "\ud800", "\U0001f98a" * 50, "x" * 5_000),
    *([], {}, [[]], {"": {}}, "NaN", "-inf", "1970-01-01", "9999-12-31T23:59:59Z", "0001-01-01"),
    *("../../etc/passwd", "'; DROP TABLE events", "<script>", "%00", "\r\nX: y"),
)
FIELDS = (
    *("type", "event", "name", "userId", "anonymousId", "messageId", "previousId", "groupId", "writeKey"),
    *("timestamp", "sentAt", "originalTimestamp", "context", "properties", "traits"),
    *("context.page", "context.campaign", "context.consent", "context.ip", "context.userAgent", "context.page.url"),
    *("context.consent.tcf", "context.consent.purposes", "context.consent.status", "context.gpc"),
    *("properties.revenue", "properties.currency", "properties.order_id"),
)


def bodies(rng: random.Random) -> Iterator[tuple[bytes, dict[str, str]]]:
    """Yield bodies with their headers: strange values in right places, right values broken in strange ways."""
    makers = (_strange_fields, _strange_fields, _strange_batch, _damaged, _damaged, _noise, _packed, _deep)
    for number in range(BODIES):
        yield makers[number % len(makers)](rng)


def _event(rng: random.Random) -> dict[str, object]:
    return {"type": rng.choice(CALLS), "userId": "u", "event": "Order", "messageId": str(rng.random())}


def _strange_fields(rng: random.Random) -> tuple[bytes, dict[str, str]]:
    event = _event(rng)
    for field in rng.sample(FIELDS, rng.randrange(1, 4)):
        *path, last = field.split(".")
        place: dict[str, object] = event
        for part in path:
            inner = place.get(part)
            if not isinstance(inner, dict):
                inner = place[part] = {}
            place = inner
        place[last] = deepcopy(rng.choice(STRANGE))
    return json.dumps(event).encode(), {}


def _strange_batch(rng: random.Random) -> tuple[bytes, dict[str, str]]:
    batch = [rng.choice((_event(rng), rng.choice(STRANGE))) for _ in range(rng.randrange(4))]
    body = {
        "batch": rng.choice((batch, rng.choice(STRANGE))),
        "sentAt": rng.choice(STRANGE),
        "context": rng.choice(STRANGE),
    }
    return json.dumps(body).encode(), {}


def _damaged(rng: random.Random) -> tuple[bytes, dict[str, str]]:
    raw = bytearray(json.dumps({"batch": [_event(rng)]} if rng.random() < 0.5 else _event(rng)).encode())
    for _ in range(rng.randrange(1, 6)):
        raw[rng.randrange(len(raw))] = rng.randrange(256)
    return bytes(raw[: rng.randrange(1, len(raw) + 1)]), {}


def _noise(rng: random.Random) -> tuple[bytes, dict[str, str]]:
    return rng.randbytes(rng.randrange(0, 300)), {}


def _packed(rng: random.Random) -> tuple[bytes, dict[str, str]]:
    raw = gzip.compress(json.dumps(_event(rng)).encode() + b" " * rng.choice((0, 0, 2_000_000)))
    cut = raw[: rng.randrange(len(raw))] if rng.random() < 0.5 else raw
    return cut, {"Content-Encoding": rng.choice(("gzip", "gzip", "deflate", "br", "gzip, gzip", "x"))}


def _deep(rng: random.Random) -> tuple[bytes, dict[str, str]]:
    depth = rng.choice((60, 100, 1_000, 5_000, 20_000))
    opening, closing = rng.choice((("[", "]"), ('{"a":', "}")))
    inner = opening * depth + "1" + closing * rng.choice((depth, depth, depth - 1))
    event = f'{{"userId": "u", "event": "e", "properties": {{"a": {inner}}}}}'
    wrapped = rng.choice((inner, event, f'{{"batch": [{inner}]}}'))
    return wrapped.encode(), {}


SALE = {
    "type": "conversion",
    "userId": "u",
    "event": "Sale",
    "value": 1,
    "currency": "EUR",
    "campaign": {"source": "s"},
}
SPEND = {"type": "spend", "date": "2026-05-31", "cost": 1, "clicks": 1, "campaign": {"name": "May"}, "properties": {}}
CLICK = {"type": "click", "clickId": "c", "context": {"ip": "8.8.8.8", "page": {"url": "https://a.example"}}}
HIT = {
    "client_id": "c",
    "timestamp_micros": 1_780_000_000_000_000,
    "consent": {"ad_user_data": "GRANTED"},
    "user_properties": {"plan": {"value": "pro"}},
    "device": {"category": "mobile"},
    "events": [{"name": "purchase", "params": {"value": 1, "currency": "EUR", "page_location": "https://a.example"}}],
}


OPENING = {"clickId": "c", "anonymousId": "a"}
OTHER_DOORS = ("/v1/events", "/mp/collect", "/debug/mp/collect", "/v1/m", "/v1/first-open", "/v1/pixel/track")


def other_doors(rng: random.Random, key: str) -> Iterator[tuple[str, bytes, dict[str, str]]]:
    """Yield addresses with bodies: right documents with one place made strange, and what is no document at all."""
    for number in range(BODIES // 2):
        path = rng.choice(OTHER_DOORS)
        document: Any = rng.choice((SALE, SPEND, CLICK, {"events": [SALE, SPEND, CLICK]}, HIT, HIT, OPENING))
        body, headers = _elsewhere_strange(rng, document), {}
        if number % 4 == 0:
            body, headers = rng.choice((_damaged, _noise, _packed, _deep))(rng)
        if rng.random() < 0.3:
            headers["Idempotency-Key"] = rng.choice(("k", "k2", "x" * 300, "\xff", "'"))
        if path == "/v1/pixel/track":
            path += "?data=" + rng.choice((b64encode(body).decode()[:4_000], "%00", "a", body.hex()[:4_000]))
        secret = rng.choice((key, key, key, "", "%00", "%ff", "x" * 500))
        yield f"{path}{'&' if '?' in path else '?'}api_secret={secret}", body, headers


def _elsewhere_strange(rng: random.Random, document: Any) -> bytes:
    places: list[tuple[Any, Any]] = []

    def walk(holder: Any) -> None:
        for name in holder if isinstance(holder, dict) else range(len(holder)):
            places.append((holder, name))
            if isinstance(holder[name], dict | list):
                walk(holder[name])

    copy = json.loads(json.dumps(document))
    walk(copy)
    for holder, name in rng.sample(places, min(len(places), rng.randrange(3))):
        holder[name] = deepcopy(rng.choice(STRANGE))
    return json.dumps(copy).encode()


class Wire:
    """A client that sends exactly what it is told, and reads whole answers."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.open()

    def open(self) -> None:
        """Connect anew."""
        self.socket = socket.create_connection(("127.0.0.1", self.port), timeout=30)
        self.reader = self.socket.makefile("rb")

    def ask(self, method: str, path: str, body: bytes, headers: dict[str, str]) -> tuple[int, str, bytes]:
        """Return status, content type and body of the answer."""
        return self._ask(method, path, body, headers) or self._ask(method, path, body, headers) or (0, "", b"")

    def _ask(self, method: str, path: str, body: bytes, headers: dict[str, str]) -> tuple[int, str, bytes] | None:
        """Ask once; None when the server had closed the connection after the answer before, which it may."""
        head = {"Host": "127.0.0.1", "Content-Length": str(len(body)), **headers}
        lines = "".join(f"{name}: {value}\r\n" for name, value in head.items())
        with suppress(OSError):  # the server may answer and close before it has read everything
            self.socket.sendall(f"{method} {path} HTTP/1.1\r\n{lines}\r\n".encode() + body)
        first = self.reader.readline()
        if not first:
            self.open()
            return None
        status = int(first.split()[1])
        got = {}
        while line := self.reader.readline().strip():
            name, _, value = line.decode().partition(":")
            got[name.lower()] = value.strip()
        answer = b"" if method == "HEAD" else self.reader.read(int(got.get("content-length", "0")))
        if got.get("connection") == "close":
            self.open()
        return status, got.get("content-type", ""), answer


@pytest.mark.stores
def test_no_body_at_all_makes_the_door_fail(running_collect: Process, living_company: Company, valkey: None) -> None:
    rng, wire = random.Random(20_260_501), Wire(running_collect.port)
    key = living_company.shop.streams.get().write_key
    statuses: Counter[int] = Counter()
    for body, headers in bodies(rng):
        credentials = rng.choice((key, key, key, key, key, "wk_wrong", "\xff", ""))
        if credentials:
            headers["Authorization"] = "Basic " + b64encode(f"{credentials}:".encode("latin-1")).decode()
        method = rng.choice(("POST",) * 30 + ("PUT", "GET", "DELETE", "PATCH", "BREW"))

        status, kind, answer = wire.ask(method, f"/v1/{rng.choice(CALLS)}", body, headers)

        statuses[status] += 1
        if status == 200:
            assert any(end["status"] == "accepted" for end in json.loads(answer)["results"])
            continue
        problem = json.loads(answer)
        assert (kind, 400 <= status < 500) == ("application/problem+json", True), (status, body[:300], answer)
        assert (problem["status"], bool(problem["code"]), bool(problem["detail"])) == (status, True, True)
    assert sum(statuses.values()) == BODIES
    assert {200, 400, 401, 405, 413, 415, 422} <= set(statuses)


@pytest.mark.stores
def test_no_body_at_all_makes_the_other_doors_fail(
    running_collect: Process, living_company: Company, valkey: None
) -> None:
    rng, wire = random.Random(20_260_531), Wire(running_collect.port)
    key = living_company.shop.streams.get().write_key
    statuses: Counter[int] = Counter()
    for path, body, headers in other_doors(rng, key):
        if rng.random() < 0.9:
            headers["Authorization"] = "Basic " + b64encode(f"{key}:".encode()).decode()
        method = rng.choice(("GET",) if "pixel" in path else ("POST",) * 30 + ("PUT", "DELETE", "BREW"))

        status, kind, answer = wire.ask(method, path, body, headers)

        statuses[status] += 1
        if status >= 300:
            problem = json.loads(answer)
            assert (kind, 400 <= status < 500) == ("application/problem+json", True), (status, path, body[:300], answer)
            assert (problem["status"], bool(problem["code"]), bool(problem["detail"])) == (status, True, True)
    assert sum(statuses.values()) == BODIES // 2
    assert {200, 204, 400, 401, 404, 405, 415, 422} <= set(statuses), statuses


@pytest.mark.stores
@pytest.mark.parametrize(
    ("body", "headers", "status"),
    [
        (b"x" * 10_000_000, {}, 413),
        (gzip.compress(b"\0" * 100_000_000), {"Content-Encoding": "gzip"}, 413),
        (b'{"a":' * 1_000 + b"1" + b"}" * 1_000, {}, 400),
        (b"", {}, 400),
    ],
    ids=["10 MB", "bomb", "1,000 levels", "empty"],
)
def test_hostile_body_gets_its_own_words(
    running_collect: Process, living_company: Company, valkey: None, body: bytes, headers: dict[str, str], status: int
) -> None:
    key = living_company.shop.streams.get().write_key
    basic = {"Authorization": "Basic " + b64encode(f"{key}:".encode()).decode()}

    got, kind, answer = Wire(running_collect.port).ask("POST", "/v1/track", body, {**headers, **basic})

    assert (got, kind) == (status, "application/problem+json")
    assert json.loads(answer)["detail"]
