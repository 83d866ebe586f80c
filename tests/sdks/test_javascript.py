"""The browser SDK in real Chromium, against a real door that is killed, slow or far away."""

import gzip
import json
import time
import urllib.error
import urllib.request
from http.client import HTTPResponse
from urllib.parse import quote

import pytest
from playwright.sync_api import BrowserContext, Page, Route, expect

from apps.shared.local.layout import ROOT
from tests.ingestion.processes import Process
from tests.sdks.conftest import WAITING, Arrived, Site, Snippet, answers, sent

pytestmark = [pytest.mark.stores, pytest.mark.clickhouse, pytest.mark.browser, pytest.mark.xdist_group("sdk-browser")]

CORS = {"Access-Control-Allow-Origin": "*", "Access-Control-Expose-Headers": "Retry-After"}


def get(url: str, **headers: str) -> HTTPResponse:
    """Ask the door for a file."""
    return urllib.request.urlopen(urllib.request.Request(url, headers=headers), timeout=10)


@pytest.mark.parametrize("name", ["tributary.js", "tributary.mjs"])
def test_sdk_is_served_small_and_long(running_collect: Process, name: str) -> None:
    url = f"http://127.0.0.1:{running_collect.port}/sdk/{name}"

    answer = get(url, **{"Accept-Encoding": "gzip"})
    body = answer.read()

    assert gzip.decompress(body) == (ROOT / "static" / "dist" / "sdk" / name).read_bytes()
    assert len(body) < 8 * 1024
    assert "max-age=86400" in answer.headers["Cache-Control"]
    with pytest.raises(urllib.error.HTTPError, match="304"):
        get(url, **{"If-None-Match": answer.headers["ETag"]})
    with pytest.raises(urllib.error.HTTPError, match="404"):
        get(url.replace(name, "other.js"))


def test_visit_with_a_campaign_arrives_whole(tab: Page, site: Site, snippet: Snippet, arrived: Arrived) -> None:
    site.head = snippet() + "<script>tributary('track', 'Early', {n: 1})</script>"

    tab.goto(site.url("/landing?utm_source=news&utm_medium=email&utm_campaign=spring&gclid=g-1"))
    tab.wait_for_function("window.tributary.client")
    tab.evaluate("tributary('identify', 'ann', {plan: 'pro'})")
    tab.evaluate("tributary('track', 'Order Completed', {revenue: 49.9, currency: 'EUR', order_id: 'o-1'})")
    sent(tab)
    arrived.wait(4)

    rows = arrived.rows(
        "kind, name, user_id, toString(value), source, campaign, click_id, locale, device", "kind, name"
    )
    assert [row[:4] for row in rows] == [
        ("identify", "", "ann", None),
        ("page", "", "", None),
        ("track", "Early", "", None),
        ("track", "Order Completed", "ann", "49.9"),
    ]
    assert {row[4:8] for row in rows} == {("news", "spring", "g-1", "en-GB")}
    assert len({row[0] for row in arrived.rows("anonymous_id")}) == 1
    assert len({row[0] for row in arrived.rows("JSONExtractString(context, 'session', 'id')")}) == 1


def test_single_page_app_counts_each_page_once(tab: Page, site: Site, snippet: Snippet, arrived: Arrived) -> None:
    site.head = snippet()
    tab.goto(site.url("/one"))
    tab.wait_for_function("window.tributary.client")

    tab.evaluate("history.pushState({}, '', '/two?a=1')")
    tab.evaluate("history.replaceState({}, '', '/two?a=2')")
    tab.evaluate("history.pushState({}, '', '/two?a=2#part')")
    tab.go_back()
    tab.go_back()
    sent(tab)
    arrived.wait(3)

    rows = arrived.rows("page_path, JSONExtractString(context, 'referrer'), has_source")
    assert rows == [("/one", "", False), ("/two", site.url("/one"), False), ("/one", site.url("/two?a=2"), False)]


def test_events_survive_a_dead_door_and_a_reload(
    tab: Page, site: Site, snippet: Snippet, arrived: Arrived, running_collect: Process
) -> None:
    site.head = snippet()
    tab.goto(site.url("/"))
    sent(tab)
    running_collect.kill()

    tab.evaluate("for (let n = 0; n < 30; n++) tributary('track', 'Offline', {n})")
    tab.wait_for_timeout(1_200)
    assert tab.evaluate(WAITING) == 30
    running_collect.start()
    answers(running_collect)
    tab.reload()
    sent(tab)
    arrived.wait(32)

    rows = arrived.rows("JSONExtractInt(properties, 'n')", "occurred_at, message_id")
    assert sorted(row[0] for row in rows) == [0, 0, *range(30)]


def test_offline_browser_sends_when_it_is_online(
    tab: Page, context: BrowserContext, site: Site, snippet: Snippet, arrived: Arrived
) -> None:
    site.head = snippet()
    tab.goto(site.url("/"))
    sent(tab)

    context.set_offline(True)
    tab.evaluate("tributary('track', 'In the tunnel')")
    tab.wait_for_timeout(800)
    assert tab.evaluate(WAITING) == 1
    context.set_offline(False)
    sent(tab)

    arrived.wait(2)


def test_captive_portal_and_a_busy_door_are_no_answer(
    tab: Page, context: BrowserContext, site: Site, snippet: Snippet, arrived: Arrived
) -> None:
    asked: list[float] = []
    answers_first = [
        {"status": 200, "content_type": "text/html", "body": "<h1>Welcome to the airport</h1>"},
        {"status": 429, "headers": {"Retry-After": "1", **CORS}, "body": '{"status": 429, "code": "too_many"}'},
    ]

    def answer(route: Route) -> None:
        asked.append(time.monotonic())
        if answers_first:
            first = answers_first.pop(0)
            route.fulfill(**{"headers": CORS, **first})
        else:
            route.continue_()

    context.route("**/v1/batch", answer)
    site.head = snippet()

    tab.goto(site.url("/"))
    sent(tab)

    arrived.wait(1)
    assert len(asked) == 3
    assert asked[1] - asked[0] > 0.4
    assert asked[2] - asked[1] > 0.9


def test_closed_tab_sends_its_last_event(
    context: BrowserContext, tab: Page, site: Site, snippet: Snippet, arrived: Arrived
) -> None:
    site.head = snippet()
    tab.goto(site.url("/"))
    sent(tab)

    tab.evaluate("tributary('track', 'Last words'); location.href = 'about:blank'")

    arrived.wait(2)


def test_two_tabs_lose_and_double_nothing(
    context: BrowserContext, tab: Page, site: Site, snippet: Snippet, arrived: Arrived
) -> None:
    site.head = snippet()
    tab.goto(site.url("/"))
    other = context.new_page()
    other.goto(site.url("/other"))
    for page in (tab, other):
        page.wait_for_function("window.tributary.client")

    burst = (
        "let n = 0; const t = setInterval(() => n < 40 ? tributary('track', 'Burst', {n: n++}) : clearInterval(t), 5)"
    )
    for page in (tab, other):
        page.evaluate(burst)
    for page in (tab, other):
        page.wait_for_timeout(600)
        sent(page)
    arrived.wait(82)

    assert len({row[0] for row in arrived.rows("anonymous_id")}) == 1


def test_blocked_storage_still_measures(
    context: BrowserContext, site: Site, snippet: Snippet, arrived: Arrived
) -> None:
    context.add_init_script(
        "for (const name of ['localStorage', 'sessionStorage'])"
        " Object.defineProperty(window, name, {get() { throw new DOMException('blocked', 'SecurityError') }});"
        "Object.defineProperty(document, 'cookie', {get: () => '', set() {}})"
    )
    site.head = snippet()
    page = context.new_page()

    page.goto(site.url("/"))
    page.wait_for_function("window.tributary.client")
    page.evaluate("tributary('track', 'Seen')")

    arrived.wait(2)
    assert len({row[0] for row in arrived.rows("anonymous_id")}) == 1


def test_without_consent_nothing_is_stored_or_sent(tab: Page, site: Site, snippet: Snippet, arrived: Arrived) -> None:
    site.head = snippet(consent="required")
    asked: list[str] = []
    tab.on("request", lambda request: asked.append(request.url) if "/v1/" in request.url else None)

    tab.goto(site.url("/?utm_source=news"))
    tab.wait_for_function("window.tributary.client")
    tab.evaluate("tributary('track', 'Before')")
    tab.wait_for_timeout(900)
    assert (asked, tab.evaluate("[localStorage.length, document.cookie]")) == ([], [0, ""])
    tab.evaluate("tributary('consent', {analytics: true})")
    sent(tab)
    arrived.wait(2)
    assert {row[0] for row in arrived.rows("source")} == {"news"}
    tab.evaluate("tributary('optOut')")
    tab.evaluate("tributary('track', 'After')")
    tab.reload()
    tab.wait_for_timeout(900)

    assert tab.evaluate("[Object.entries(localStorage), document.cookie]") == [
        [["tributary.optout", "1"]],
        "tributary_optout=1",
    ]
    arrived.wait(2)


@pytest.mark.parametrize(
    "said",
    [
        "'denied'",
        "{analytics: 'denied'}",
        "{analytics_storage: 'denied', ad_storage: 'denied'}",
        "{C0001: true, C0002: false}",
    ],
)
def test_refusal_holds_on_the_next_page_until_it_is_taken_back(
    tab: Page, site: Site, snippet: Snippet, arrived: Arrived, said: str
) -> None:
    site.head = snippet()
    tab.goto(site.url("/"))
    sent(tab)
    arrived.wait(1)
    tab.evaluate(f"tributary('consent', {said})")
    asked: list[str] = []
    tab.on("request", lambda request: asked.append(request.url) if "/v1/" in request.url else None)

    tab.reload()
    tab.evaluate("tributary('track', 'Refused')")
    tab.wait_for_timeout(900)
    kept = tab.evaluate("[Object.entries(localStorage), document.cookie]")
    refusal = tab.evaluate(f"JSON.stringify({said})")
    tab.evaluate("tributary('consent', 'granted')")
    tab.evaluate("tributary('track', 'Agreed')")
    sent(tab)

    assert kept == [[["tributary.consent", refusal]], f"tributary_consent={quote(refusal)}"]
    assert len(asked) == 1
    arrived.wait(2)
    assert {row[0] for row in arrived.rows("name")} == {"", "Agreed"}


def test_id_that_is_too_long_spoils_no_later_event(tab: Page, site: Site, snippet: Snippet, arrived: Arrived) -> None:
    site.head = snippet()
    tab.goto(site.url("/"))
    tab.wait_for_function("window.tributary.client")

    tab.evaluate("tributary('identify', 'x'.repeat(513)); tributary('track', 'Bought')")

    sent(tab)
    arrived.wait(2)
    assert ("Bought", "") in arrived.rows("name, user_id")


def test_global_privacy_control_is_a_refusal(context: BrowserContext, site: Site, snippet: Snippet) -> None:
    context.add_init_script("Object.defineProperty(navigator, 'globalPrivacyControl', {value: true})")
    site.head = snippet()
    page = context.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "/v1/" in request.url else None)

    page.goto(site.url("/"))
    page.wait_for_function("window.tributary.client")
    page.wait_for_timeout(900)

    assert (asked, page.evaluate("[localStorage.length, document.cookie]")) == ([], [0, ""])


def test_visitor_stays_one_person_across_domains(tab: Page, site: Site, snippet: Snippet, arrived: Arrived) -> None:
    site.head = (
        snippet(domains="localhost, 127.0.0.1") + f"<a id='over' href='{site.url('/there?a=1', '127.0.0.1')}'>go</a>"
    )
    tab.goto(site.url("/here"))
    sent(tab)

    tab.click("#over")
    expect(tab).to_have_url(site.url("/there?a=1", "127.0.0.1"))
    sent(tab)
    arrived.wait(2)

    rows = arrived.rows("anonymous_id, page_url")
    assert rows[0][0] == rows[1][0]
    assert [row[1] for row in rows] == [site.url("/here"), site.url("/there?a=1", "127.0.0.1")]


def test_refused_event_is_told_and_holds_nothing_up(tab: Page, site: Site, snippet: Snippet, arrived: Arrived) -> None:
    site.head = "<script>addEventListener('tributary:error', e => (window.told ||= []).push(e.detail.reason))</script>"
    site.head += snippet()
    tab.goto(site.url("/"))
    tab.wait_for_function("window.tributary.client")

    tab.evaluate("tributary('track', '')")
    tab.evaluate("tributary('track', 'Big', {text: 'x'.repeat(40000)})")
    tab.evaluate("tributary('track', 'Order Completed', {revenue: 'a lot'})")
    tab.evaluate("tributary('track', 'Order Completed', {revenue: 5})")
    sent(tab)

    tab.wait_for_function("window.told?.length === 3")
    assert tab.evaluate("window.told") == ["no_name", "too_large", "bad_amount"]
    arrived.wait(2)


def test_what_others_spoilt_in_the_storage_stops_nothing(
    context: BrowserContext, site: Site, snippet: Snippet, arrived: Arrived
) -> None:
    context.add_init_script(
        "for (const key of ['session', 'consent']) localStorage.setItem(`tributary.${key}`, '{broken');"
        "document.cookie = 'tributary_id=%E0%A4%A'"
    )
    site.head = snippet()

    context.new_page().goto(site.url("/"))

    arrived.wait(1)


def test_module_measures_without_the_snippet(
    tab: Page, site: Site, arrived: Arrived, running_collect: Process, key: str
) -> None:
    host = f"http://127.0.0.1:{running_collect.port}"
    options = json.dumps({"host": host, "writeKey": key, "pages": "off"})
    site.head = f"""<script type="module">import {{ init }} from "{host}/sdk/tributary.mjs";
        window.client = init({options}); client.track("From a module");</script>"""

    tab.goto(site.url("/"))
    tab.wait_for_function("window.client")
    tab.evaluate("client.flush()")

    arrived.wait(1)
