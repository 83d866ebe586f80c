"""Requests made to hurt: thousands of headers and parameters, texts that make parsers slow, bombs (R11)."""

import gzip
import http.client
import json
import os
import time
from base64 import b64encode
from pathlib import Path

import pytest

from apps.ingestion.domain import agents
from tests.factories.company import Company
from tests.ingestion.processes import Process
from tests.ingestion.test_fuzz import Wire

pytestmark = pytest.mark.stores
EVENT = {"userId": "u", "event": "e"}
# What makes patterns go back and forth: repeats of what they begin with, without the end that they look for.
HOSTILE = [
    "Mozilla/5.0 " + "(" * 1_000,
    "Mozilla/5.0 (" + "Linux; Android " * 70,
    "Mozilla/5.0 (iPhone; CPU iPhone OS " + "1_" * 500,
    "SonyEricsson" + "a" * 1_000,
    ";Series/" + " " * 1_000 + "x",
    "HbbTV/1.1.1 (" + ";" * 1_000,
    "bot" * 340 + "!",
    "Opera/" + "9." * 500,
    "\u0130" * 1_000,
    "1" * 1_024,
    "Dalvik/" + "1." * 300 + "(" * 200 + ";" * 200,
]


@pytest.fixture
def basic(living_company: Company) -> dict[str, str]:
    """The head of a request that may send."""
    key = living_company.shop.streams.get().write_key
    return {"Authorization": "Basic " + b64encode(f"{key}:".encode()).decode()}


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_user_agent_is_read_in_no_time(text: str) -> None:
    agents.agent("Mozilla/5.0")  # reads the tables, if this is the first
    agents._agent.cache_clear()
    agents._is_bot.cache_clear()
    began = time.process_time()

    agents.agent(text)
    agents.is_bot(text)

    assert time.process_time() - began < 0.25


@pytest.mark.parametrize(
    ("headers", "path"),
    [
        ({f"X-Header-{number}": "x" for number in range(5_000)}, "/v1/track"),
        ({"X-Long": "x" * 1_000_000}, "/v1/track"),
        ({f"X-{number}": "y" * 900 for number in range(90)}, "/v1/track"),
        ({}, "/v1/pixel/track?" + "&".join(f"a{number}=1" for number in range(6_000))),
        ({}, "/v1/track?" + "x" * 2_000_000),
        ({}, "/l/" + "x" * 50_000),
        ({"X-Forwarded-For": ", ".join(["1.2.3.4"] * 4_000)}, "/v1/track"),
        ({"Cookie": "; ".join(f"c{number}=1" for number in range(4_000))}, "/v1/track"),
        ({"Accept-Language": ",".join(["de;q=0.1"] * 6_000)}, "/v1/track"),
    ],
    ids=["5,000 headers", "1 MB header", "90 headers of 900", "6,000 parameters", "2 MB address", "long slug",
         "4,000 proxies", "4,000 cookies", "6,000 languages"],
)  # fmt: skip
def test_bomb_in_the_head_is_answered_at_once_or_cut_off(
    running_collect: Process, basic: dict[str, str], valkey: None, headers: dict[str, str], path: str
) -> None:
    method = "POST" if path.startswith("/v1/track") else "GET"
    began = time.monotonic()

    status, _, _ = Wire(running_collect.port).ask(method, path, json.dumps(EVENT).encode(), {**basic, **headers})

    assert status == 0 or status < 500, status
    assert time.monotonic() - began < 5
    assert Wire(running_collect.port).ask("POST", "/v1/track", json.dumps(EVENT).encode(), basic)[0] == 200


@pytest.mark.parametrize(
    ("body", "statuses"),
    [
        (b'{"userId":"u","event":"e","properties":{"revenue":' + b"9" * 20_000 + b"}}", {400, 422}),
        (b'{"userId":"u","event":"e","timestamp":1e999}', {400}),
        (b'{"userId":"u","event":"e","properties":{"revenue":1e308,"value":-1e308}}', {200, 422}),
        (b'{"userId":"u","event":"e",' + b",".join(b'"userId":"u"' for _ in range(2_000)) + b"}", {200}),
        (b'{"userId":"u","event":"\\ud800"}', {200}),
        (b'{"userId":"u\\u0000","event":"e"}', {400}),
        (b'{"userId":"u","event":"e","properties":' + b'{"a":' * 2_000 + b"1" + b"}" * 2_000 + b"}", {400}),
        (b'{"batch":[' + b",".join(b"{}" for _ in range(100_000)) + b"]}", {400, 413}),
        (b'{"batch":[' + b"[" * 200_000, {400, 413}),
        (b"\xff\xfe" + '{"userId":"u"}'.encode("utf-16-le"), {400}),
    ],
    ids=["20,000 digits", "infinite time", "huge money", "2,000 times a key", "lone surrogate", "NUL", "2,000 levels",
         "100,000 events", "200,000 brackets", "UTF-16"],
)  # fmt: skip
def test_bomb_in_the_body_is_answered_in_words(
    running_collect: Process, basic: dict[str, str], valkey: None, body: bytes, statuses: set[int]
) -> None:
    path = "/v1/batch" if body.startswith(b'{"batch"') else "/v1/track"
    began = time.monotonic()

    status, kind, answer = Wire(running_collect.port).ask("POST", path, body, basic)

    assert status in statuses, answer[:300]
    assert kind.startswith("application/")
    assert time.monotonic() - began < 5


def test_zip_bombs_take_neither_memory_nor_time(running_collect: Process, basic: dict[str, str], valkey: None) -> None:
    bomb = gzip.compress(b"\0" * 300_000_000, 9)
    twice = gzip.compress(bomb)
    before = _memory(running_collect)
    began = time.monotonic()
    for number in range(20):
        head = {**basic, "Content-Encoding": "gzip"}
        status, _, _ = Wire(running_collect.port).ask("POST", "/v1/batch", twice if number % 2 else bomb, head)
        assert status in (400, 413)

    assert time.monotonic() - began < 10
    assert _memory(running_collect) - before < 40


def _memory(process: Process) -> float:
    """Return the megabytes of the process and its workers."""
    pids = [process.popen.pid]
    children = Path(f"/proc/{pids[0]}/task/{pids[0]}/children").read_text().split()
    pages = sum(int(Path(f"/proc/{pid}/statm").read_text().split()[1]) for pid in [*map(str, pids), *children])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


@pytest.mark.parametrize("is_chunked", [False, True], ids=["length", "chunks"])
@pytest.mark.parametrize("megabytes", [1, 3])
def test_client_that_sends_too_much_reads_why(
    running_collect: Process, basic: dict[str, str], megabytes: int, *, is_chunked: bool
) -> None:
    """Were the connection to end while it sends, it would hear of a broken line alone, and try again."""
    connection = http.client.HTTPConnection("127.0.0.1", running_collect.port, timeout=20)
    body = [b" " * 65_536] * 16 * megabytes

    connection.request("POST", "/v1/batch", body if is_chunked else b"".join(body), basic, encode_chunked=is_chunked)

    assert connection.getresponse().status == 413
    connection.close()
