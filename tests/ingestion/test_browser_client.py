"""Segment's library for browsers, unmodified from npm, in a real Chromium on a page of another origin."""

import json
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, sync_playwright

from apps.shared import clickhouse
from tests.conftest import CHROMIUM
from tests.factories.company import Company
from tests.ingestion.processes import Process, wait_until
from tests.ingestion.test_segment_clients import CALLS, NODE
from tests.packages import install_node_packages

AGENT = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36"
EVERY_CALL = """
    async ([writeKey, cdnURL, deliveryStrategy]) => {
        const analytics = AnalyticsNext.AnalyticsBrowser.load(
            { writeKey, cdnURL }, { integrations: { "Segment.io": deliveryStrategy ? { deliveryStrategy } : {} } },
        );
        await analytics.page("Docs", "Start");
        await analytics.screen("Docs", "Start");
        await analytics.track("Order Completed", { revenue: 12.5, currency: "EUR", order_id: "o-1" });
        await analytics.identify("ann", { plan: "pro" });
        await analytics.group("acme", { name: "Acme" });
        await analytics.alias("ann-2");
    }
"""

pytestmark = [
    pytest.mark.stores,
    pytest.mark.clickhouse,
    pytest.mark.browser,
    pytest.mark.skipif(not CHROMIUM, reason="Chromium is not installed: apt-get install chromium"),
]


class _Shop(SimpleHTTPRequestHandler):
    """A page with the library beside it."""

    def log_message(self, *_args: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a page that carries the library, on an origin of its own."""
    install_node_packages(NODE)
    folder = tmp_path_factory.mktemp("shop")
    (folder / "umd").symlink_to(NODE / "node_modules/@segment/analytics-next/dist/umd")
    (folder / "index.html").write_text('<!doctype html><title>Shop</title><script src="/umd/index.js"></script>')
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(_Shop, directory=folder)) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://localhost:{server.server_port}"
        server.shutdown()


@pytest.fixture(scope="module")
def browser() -> Iterator[BrowserContext]:
    """A browser as people have it."""
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield launched.new_context(user_agent=AGENT)
        launched.close()


def stored(company: Company, page: str) -> list[str]:
    sql = """
        SELECT kind FROM events WHERE property_id = {property_id:UInt64} AND page_path = {page:String} ORDER BY kind
    """
    return clickhouse.select(sql, str, property_id=company.shop.pk, page=page)


@pytest.mark.parametrize(
    ("path", "strategy"),
    [
        ("/index.html", None),
        ("/", {"strategy": "batching", "config": {"size": 6, "timeout": 500}}),
    ],
    ids=["one by one", "in batches"],
)
def test_browser_client_delivers_every_call(
    living_company: Company,
    running_collect: Process,
    running_writer: Process,
    shop: str,
    browser: BrowserContext,
    path: str,
    strategy: dict[str, object] | None,
) -> None:
    key = living_company.shop.streams.get().write_key
    page, said = browser.new_page(), []
    page.on("console", lambda message: said.append(message.text))
    page.goto(f"{shop}{path}?utm_source=google&utm_medium=cpc&utm_campaign=May")

    page.evaluate(EVERY_CALL, [key, f"http://127.0.0.1:{running_collect.port}", strategy])

    wait_until(
        lambda: stored(living_company, path) == CALLS,
        30,
        lambda: f"{stored(living_company, path)} {said} {running_writer.said()}",
    )
    sql = """
        SELECT source, medium, campaign, browser, referrer_host FROM events
        WHERE property_id = {property_id:UInt64} AND kind = 'page'
    """
    assert ("google", "cpc", "May", "Chrome", "") in clickhouse.select(
        sql, lambda *row: row, property_id=living_company.shop.pk
    )
    page.close()


@pytest.fixture
def page(browser: BrowserContext, shop: str) -> Iterator[Page]:
    """A page of the shop."""
    opened = browser.new_page()
    opened.goto(shop)
    yield opened
    opened.close()


def beacon_of(company: Company, collect: Process, path: str) -> list[str]:
    """Return where a beacon goes, and what it says of a page at *path*."""
    event = {
        "writeKey": company.shop.streams.get().write_key,
        "anonymousId": "beacon",
        "event": "Left",
        "context": {"page": {"path": path}},
    }
    return [f"http://127.0.0.1:{collect.port}/v1/t", json.dumps(event)]


def test_beacon_of_a_page_that_is_left_arrives(
    living_company: Company, running_collect: Process, running_writer: Process, page: Page
) -> None:
    page.evaluate(
        "([url, body]) => addEventListener('pagehide', () => navigator.sendBeacon(url, body))",
        beacon_of(living_company, running_collect, "/left"),
    )

    page.goto("about:blank")

    wait_until(lambda: stored(living_company, "/left") == ["track"], 30, running_writer.said)


def test_beacon_of_json_is_let_through(
    living_company: Company, running_collect: Process, running_writer: Process, page: Page
) -> None:
    """A beacon always goes with cookies, and one of JSON asks first: an answer for any origin would not do."""
    page.evaluate(
        "([url, body]) => navigator.sendBeacon(url, new Blob([body], { type: 'application/json' }))",
        beacon_of(living_company, running_collect, "/left-json"),
    )

    wait_until(lambda: stored(living_company, "/left-json") == ["track"], 30, running_writer.said)


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("/v1/t", {"userId": "ann", "event": "x"}, 200),
        ("/v1/t", {}, 400),
        ("/v1/t", {"writeKey": "none", "userId": "ann", "event": "x"}, 401),
        ("/v1/nowhere", {"userId": "ann", "event": "x"}, 404),
        ("/v1/t", {"userId": "ann", "event": "x", "properties": {"long": "x" * 600_000}}, 413),
    ],
)
def test_page_may_read_every_answer(
    living_company: Company, running_collect: Process, page: Page, path: str, body: dict[str, Any], status: int
) -> None:
    """Without leave to read it, a browser says of any answer only that it failed."""
    sent = json.dumps({"writeKey": living_company.shop.streams.get().write_key, **body})

    answered = page.evaluate(
        """async ([url, body]) => {
            const response = await fetch(url, { method: "POST", credentials: "include", body });
            return [response.status, (await response.json()) instanceof Object];
        }""",
        [f"http://127.0.0.1:{running_collect.port}{path}", sent],
    )

    assert answered == [status, True]


def test_page_that_sends_json_with_cookies_may_read_the_answer(
    living_company: Company, running_collect: Process, page: Page
) -> None:
    answers = page.evaluate(
        """async ([url, writeKey]) => Promise.all([{ userId: "ann", event: "x" }, {}].map(async (event) => {
            const body = JSON.stringify({ writeKey, ...event });
            const headers = { "Content-Type": "application/json" };
            return (await fetch(url, { method: "POST", credentials: "include", headers, body })).status;
        }))""",
        [f"http://127.0.0.1:{running_collect.port}/v1/t", living_company.shop.streams.get().write_key],
    )

    assert answers == [200, 400]
