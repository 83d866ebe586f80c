"""Every answer of the door can be read by the page that asked: over HTTP, and by a real Chromium."""

import http.client
import json
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import pytest
from playwright.sync_api import Page, sync_playwright

from tests.conftest import CHROMIUM
from tests.factories.company import Company
from tests.ingestion.processes import Process
from tests.ingestion.test_browser_client import AGENT

pytestmark = [pytest.mark.stores, pytest.mark.clickhouse]

ORIGIN = "https://shop.example"
BODIES_OF_ONE_ADDRESS = 128  # ADR 0089


def ask(port: int, method: str, path: str, body: str = "", **headers: str) -> tuple[int, http.client.HTTPMessage]:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    try:
        connection.request(method, path, body.encode() or None, {"Origin": ORIGIN, **named})
        answer = connection.getresponse()
        answer.read()
        return answer.status, answer.headers
    finally:
        connection.close()


@contextmanager
def unfinished_bodies(port: int, count: int) -> Iterator[None]:
    """Hold *count* requests of this address whose bodies do not come."""
    head = b"POST /v1/track HTTP/1.1\r\nHost: door\r\nContent-Length: 900\r\n\r\n"
    with ExitStack() as opened:
        for _ in range(count):
            opened.enter_context(socket.create_connection(("127.0.0.1", port), 20)).sendall(head)
        time.sleep(0.5)
        yield


def assert_readable(headers: http.client.HTTPMessage) -> None:
    assert headers["Access-Control-Allow-Origin"] == ORIGIN
    assert headers["Access-Control-Allow-Credentials"] == "true"
    assert "Retry-After" in headers["Access-Control-Expose-Headers"]
    assert "Origin" in headers["Vary"]


@pytest.fixture
def event(living_company: Company) -> str:
    key = living_company.shop.streams.get().write_key
    return json.dumps({"writeKey": key, "userId": "ann", "event": "Seen"})


@pytest.fixture
def tab() -> Iterator[Page]:
    """A page in Chromium."""
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield launched.new_page(user_agent=AGENT)
        launched.close()


def wrong_requests(event: str) -> dict[int, tuple[str, str, str, dict[str, str]]]:
    """Return a request for each status that one request alone can earn."""
    refused = event.replace('"ann"', '"eve", "context": {"consent": {"status": "denied"}}')
    return {
        200: ("POST", "/v1/track", event, {}),
        400: ("POST", "/v1/track", event.replace("ann", ""), {}),
        401: ("POST", "/v1/track", "{}", {}),
        403: ("POST", "/v1/track", refused, {}),
        404: ("POST", "/v1/nowhere", event, {}),
        405: ("PUT", "/v1/track", event, {}),
        413: ("POST", "/v1/track", event.replace("Seen", "x" * 600_000), {}),
        415: ("POST", "/v1/track", event, {"Content_Encoding": "br"}),
        422: ("POST", "/v1/track", event.replace('"Seen"', '"Seen", "properties": {"revenue": "a lot"}'), {}),
    }


@pytest.mark.parametrize("status", [200, 400, 401, 403, 404, 405, 413, 415, 422])
def test_page_may_read_every_status(running_collect: Process, event: str, status: int) -> None:
    method, path, body, headers = wrong_requests(event)[status]

    found, answered = ask(running_collect.port, method, path, body, **headers)

    assert found == status
    assert_readable(answered)


@pytest.mark.parametrize("path", ["/l/nothing", "/p/nothing.gif", "/sdk/other.js", "/v1/first-open", "/token", "/"])
def test_page_may_read_the_refusals_of_every_address(running_collect: Process, path: str) -> None:
    _, answered = ask(running_collect.port, "GET", path)

    assert_readable(answered)


def test_page_may_read_that_there_are_too_many_bodies(running_collect: Process, event: str) -> None:
    with unfinished_bodies(running_collect.port, BODIES_OF_ONE_ADDRESS):
        status, answered = ask(running_collect.port, "POST", "/v1/track", event)

    assert (status, answered["Retry-After"]) == (429, "2")
    assert_readable(answered)


def test_pages_of_others_read_nothing_that_is_the_operators(running_collect: Process) -> None:
    for path in ("/metrics", "/health", "/ready"):
        _, answered = ask(running_collect.port, "GET", path)
        _, asked = ask(running_collect.port, "OPTIONS", path, Access_Control_Request_Method="GET")

        assert answered["Access-Control-Allow-Origin"] is asked["Access-Control-Allow-Origin"] is None


def test_what_caches_keep_is_for_every_origin(running_collect: Process) -> None:
    _, answered = ask(running_collect.port, "GET", "/sdk/tributary.mjs")

    assert answered["Access-Control-Allow-Origin"] == "*"
    assert "Origin" not in answered["Vary"].replace("Accept-Encoding", "")


@pytest.mark.parametrize("path", ["/v1/batch", "/v1/nowhere", "/l/nothing"])
def test_preflight_allows_what_is_asked_for(running_collect: Process, path: str) -> None:
    status, answered = ask(
        running_collect.port, "OPTIONS", path,
        Access_Control_Request_Method="PURGE",
        Access_Control_Request_Headers="traceparent,sentry-trace, x-odd!, bad name, ,",
        Access_Control_Request_Private_Network="true",
    )  # fmt: skip

    assert (status, answered["Access-Control-Allow-Methods"]) == (204, "PURGE")
    assert answered["Access-Control-Allow-Headers"] == "traceparent, sentry-trace, x-odd!"
    assert answered["Access-Control-Allow-Private-Network"] == "true"
    assert_readable(answered)


@pytest.mark.parametrize("origin", ["null", "a b", "*", "x" * 9_000], ids=["null", "blank", "any", "long"])
def test_odd_origins_break_nothing(running_collect: Process, event: str, origin: str) -> None:
    status, answered = ask(running_collect.port, "POST", "/v1/track", event, Origin=origin)

    assert status == 200
    assert answered["Access-Control-Allow-Origin"] == origin


@pytest.mark.skipif(not CHROMIUM, reason="Chromium is not installed: apt-get install chromium")
@pytest.mark.parametrize("credentials", ["omit", "include"])
def test_page_in_chromium_sees_each_status(running_collect: Process, event: str, tab: Page, credentials: str) -> None:
    """Nothing is opaque: not a refusal, not with headers of other tools, not by another method."""
    wanted = wrong_requests(event)
    base = f"http://127.0.0.1:{running_collect.port}"
    requests = [[method, base + path, body, headers] for method, path, body, headers in wanted.values()]
    tab.goto(f"http://localhost:{running_collect.port}/nothing-here")

    seen = tab.evaluate(
        """async ([requests, credentials]) => Promise.all(requests.map(async ([method, url, body, headers]) => {
            const named = Object.fromEntries(Object.entries(headers).map(([k, v]) => [k.replace("_", "-"), v]));
            const sent = { method, body, credentials, headers: { ...named, traceparent: "00-1-2-01", "X-Odd": "1" } };
            const answer = await fetch(url, sent).catch((error) => ({ status: String(error) }));
            return answer.status;
        }))""",
        [requests, credentials],
    )

    assert seen == list(wanted)


@pytest.mark.skipif(not CHROMIUM, reason="Chromium is not installed: apt-get install chromium")
def test_page_in_chromium_sees_when_to_come_again(
    living_company: Company, running_collect: Process, event: str, tab: Page
) -> None:
    tab.goto(f"http://localhost:{running_collect.port}/nothing-here")
    with unfinished_bodies(running_collect.port, BODIES_OF_ONE_ADDRESS):
        seen = tab.evaluate(
            """async ([url, body]) => {
                const answer = await fetch(url, { method: "POST", body });
                return [answer.status, answer.headers.get("Retry-After"), (await answer.json()).code];
            }""",
            [f"http://127.0.0.1:{running_collect.port}/v1/track", event],
        )

    assert seen == [429, "2", "too_many_requests"]
