"""Links on iPads, which call themselves Macs, and links that open an app without a browser."""

import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any, ClassVar
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client
from playwright.sync_api import Browser, sync_playwright
from pytest_django import DjangoDbBlocker

from apps.ingestion import services, wiring
from apps.ingestion.domain import deliveries
from apps.ingestion.models import Link
from tests.conftest import CHROMIUM
from tests.factories.company import Company
from tests.fakes.event_log import MemoryLog
from tests.ingestion.processes import Process

MAC = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/{} (KHTML, like Gecko) {}"
SAFARI = MAC.format("605.1.15", "Version/26.0 Safari/605.1.15")
CHROME = MAC.format("537.36", "Chrome/141.0.0.0 Safari/537.36")
FIREFOX = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:143.0) Gecko/20100101 Firefox/143.0"
IMESSAGE = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_11_1) AppleWebKit/605.1.15 Safari/605 facebookexternalhit/1.1"
STORE = "https://apps.example/app/id1"


def make(property_id: int, **values: Any) -> Link:
    said = {
        "slug": "app",
        "name": "App",
        "destination": "https://shop.example/",
        "source": "news",
        "ios_destination": STORE,
    }
    return services.create_link(property_id=property_id, made_by=None, **{**said, **values})


def clicks(log: MemoryLog) -> list[dict[str, Any]]:
    items = [item for entry in log.entries.values() for item in deliveries.decode(entry.body).items]
    return [{"id": item.message_id, **json.loads(item.payload)} for item in items]


def test_safari_of_a_mac_is_asked_what_it_is_and_counts_once(door: Client, company: Company, log: MemoryLog) -> None:
    """R2: the question is no click, the answer is."""
    make(company.shop.pk)

    asked = door.get("/l/app?uid=ann&gclid=a%22%3E%3Cb", headers={"user-agent": SAFARI})
    assert (asked.status_code, asked["Cache-Control"], log.entries) == (200, "no-store", {})
    assert b'content="0;url=?uid=ann&amp;gclid=a%22%3E%3Cb&amp;touch=0"' in asked.content

    places = [
        door.get(f"/l/app?uid=ann&touch={touch}", headers={"user-agent": SAFARI})["Location"] for touch in ("1", "0")
    ]
    assert [urlsplit(place).netloc for place in places] == ["apps.example", "shop.example"]
    assert [click["properties"]["sentTo"] for click in clicks(log)][:1] == [STORE]


@pytest.mark.parametrize("user_agent", [CHROME, FIREFOX, IMESSAGE])
def test_whoever_can_be_no_ipad_is_sent_on_at_once(door: Client, company: Company, user_agent: str) -> None:
    make(company.shop.pk)

    answer = door.get("/l/app", headers={"user-agent": user_agent})

    assert (answer.status_code, urlsplit(answer["Location"]).netloc) == (302, "shop.example")


def test_link_without_a_place_for_ios_asks_nobody(door: Client, company: Company) -> None:
    make(company.shop.pk, ios_destination="", android_destination="https://play.google.com/store/apps/details?id=a.b")

    assert door.get("/l/app", headers={"user-agent": SAFARI}).status_code == 302


def test_app_that_a_link_opened_counts_the_click_and_learns_its_place(
    door: Client, company: Company, log: MemoryLog
) -> None:
    """R9: no browser followed the link, so without this nobody would hear of the click."""
    make(company.shop.pk, deep_link="shop://product/7", campaign="may")
    app = {"accept": "application/json", "user-agent": "okhttp/4.12.0"}

    answer = door.get("/l/app?aid=phone-1&gclid=g-1", headers=app)

    (click,) = clicks(log)
    assert answer.json() == {
        "clickId": click["id"], "deepLink": "shop://product/7", "link": "app", "destination": "https://shop.example/",
        "campaign": {"source": "news", "medium": "", "name": "may"},
    }  # fmt: skip
    assert (click["anonymousId"], click["properties"]["sentTo"]) == ("phone-1", "shop://product/7")
    assert click["context"]["page"]["url"] == "/l/app?gclid=g-1"
    assert answer["Cache-Control"] == "no-store"


def test_app_asks_again_where_a_click_cannot_be_looked_up(
    door: Client, company: Company, key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An app that hears 404 opens its first page, and never asks again."""
    monkeypatch.setattr(wiring.marks(""), "ask", _down)

    answer = door.post(
        "/v1/first-open", {"clickId": "c", "anonymousId": "d", "writeKey": key}, content_type="application/json"
    )

    assert (answer.status_code, answer.json()["code"]) == (503, "deferred_unavailable")


def _down(_name: str) -> str:
    raise ConnectionRefusedError


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """A real browser."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


class _Page(BaseHTTPRequestHandler):
    """A page behind a link, which keeps the address and the referrer that it was asked with."""

    seen: ClassVar[list[tuple[str, str | None]]] = []

    def do_GET(self) -> None:
        self.seen.append((self.path, self.headers["Referer"]))
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(b"<h1>there</h1>")

    def log_message(self, *_: object) -> None: ...


@pytest.fixture(scope="module")
def shop() -> Iterator[str]:
    """The address of a real shop."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Page)
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()


@pytest.mark.skipif(not CHROMIUM, reason="Chromium is not installed: apt-get install chromium")
@pytest.mark.stores
@pytest.mark.clickhouse
@pytest.mark.parametrize(("fingers", "scripts", "place"), [(5, True, "/app"), (0, True, "/shop"), (5, False, "/shop")])
def test_browser_goes_on_by_itself_and_tells_no_referrer(
    chromium: Browser, running_collect: Process, living_company: Company, django_db_blocker: DjangoDbBlocker,
    shop: str, fingers: int, scripts: bool, place: str,
) -> None:  # fmt: skip
    _Page.seen.clear()
    slug = f"ipad-{fingers}-{scripts}"
    with django_db_blocker.unblock():
        make(living_company.shop.pk, slug=slug, destination=f"{shop}/shop", ios_destination=f"{shop}/app")
    context = chromium.new_context(user_agent=SAFARI, java_script_enabled=scripts)
    context.add_init_script(f"Object.defineProperty(navigator, 'maxTouchPoints', {{get: () => {fingers}}})")
    page = context.new_page()

    page.goto(f"http://127.0.0.1:{running_collect.port}/l/{slug}?uid=ann", wait_until="commit")
    page.wait_for_url(f"{shop}/**", timeout=60_000)

    ((address, referrer),) = [one for one in _Page.seen if one[0] != "/favicon.ico"]
    assert (urlsplit(address).path, len(parse_qs(urlsplit(address).query)["tbclid"]), referrer) == (place, 1, None)
    context.close()
