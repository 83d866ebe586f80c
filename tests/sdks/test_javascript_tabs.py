"""The browser SDK where browsers are difficult: policies, frozen pages, full or no storage, tabs, clocks."""

import base64
import hashlib
import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, BrowserType, Page

from tests.conftest import CHROMIUM
from tests.ingestion.processes import Process, wait_until
from tests.sdks.conftest import AGENT, WAITING, Arrived, Site, Snippet, sent

pytestmark = [pytest.mark.stores, pytest.mark.clickhouse, pytest.mark.browser, pytest.mark.xdist_group("sdk-browser")]

FULL = """() => {
    localStorage.setItem("other", "");
    for (let size = 2 ** 22; size >= 1; size = Math.floor(size / 2))
        try { while (true) localStorage.setItem("other", localStorage.getItem("other") + "x".repeat(size)); } catch {}
}"""
SLOW = """() => {
    const given = crypto.getRandomValues.bind(crypto);
    crypto.getRandomValues = array => {
        for (const until = performance.now() + 400; performance.now() < until;);
        return given(array);
    };
}"""
ASKED = "performance.getEntriesByType('resource').filter(one => one.name.endsWith('/v1/batch')).length"


def ready(tab: Page) -> None:
    tab.wait_for_function("window.tributary?.client")


def policy(door: str, script: str) -> dict[str, str]:
    """Return headers that allow *script* and calls to the door, and nothing besides."""
    return {
        "Content-Security-Policy": f"default-src 'none'; script-src {script}; connect-src {door}; base-uri 'none'; "
        "require-trusted-types-for 'script'; trusted-types 'none'"
    }


@pytest.mark.parametrize("by", ["nonce", "hash", "strict-dynamic"])
def test_strict_policy_needs_a_nonce_or_a_hash_and_nothing_more(
    tab: Page, site: Site, snippet: Snippet, arrived: Arrived, running_collect: Process, by: str
) -> None:
    door = f"http://127.0.0.1:{running_collect.port}"
    made = snippet()
    inline = re.search(r"<script>(.*?)</script>", made, re.DOTALL)
    assert inline is not None
    digest = base64.b64encode(hashlib.sha256(inline[1].encode()).digest()).decode()
    allowed = {
        "nonce": f"'nonce-n1' {door}",
        "hash": f"'sha256-{digest}' {door}",
        "strict-dynamic": "'nonce-n1' 'strict-dynamic'",
    }[by]
    site.head = made if by == "hash" else made.replace("<script", '<script nonce="n1"')
    site.headers = policy(door, allowed)
    violated: list[str] = []
    tab.on("console", lambda message: violated.append(message.text) if "Content Security" in message.text else None)

    tab.goto(site.url("/"))

    arrived.wait(1)  # nothing is evaluated in this page: the policy would forbid that to a test as well
    assert violated == []


@pytest.fixture(scope="module")
def keeping_browser(chromium: BrowserType) -> Iterator[Browser]:
    """Chromium with its cache of pages, which its remote control switches off by itself."""
    one = chromium.launch(
        executable_path=CHROMIUM,
        args=["--no-sandbox", "--disable-gpu"],
        ignore_default_args=["--disable-back-forward-cache"],
    )
    yield one
    one.close()


def test_restored_page_is_one_more_page_of_the_same_session(
    keeping_browser: Browser, site: Site, snippet: Snippet, arrived: Arrived
) -> None:
    site.head = snippet() + "<script>addEventListener('pageshow', e => window.kept = e.persisted)</script>"
    context = keeping_browser.new_context(user_agent=AGENT)
    tab = context.new_page()
    tab.goto(site.url("/one?utm_source=news"))
    ready(tab)
    sent(tab)
    tab.evaluate("window.mark = 1; location.href = '/two'")
    tab.wait_for_url("**/two")
    ready(tab)
    sent(tab)

    tab.evaluate("history.back()")
    tab.wait_for_function("window.kept === true && window.mark === 1")
    tab.evaluate("tributary('track', 'After')")
    sent(tab)
    arrived.wait(4)

    assert arrived.rows("kind, page_path") == [("page", "/one"), ("page", "/two"), ("page", "/one"), ("track", "/one")]
    assert len(arrived.rows("DISTINCT anonymous_id", "1")) == 1
    assert len(arrived.rows("DISTINCT JSONExtractString(context, 'session', 'id')", "1")) == 1
    context.close()


def test_refusal_in_another_tab_reaches_a_page_that_was_frozen(
    keeping_browser: Browser, site: Site, snippet: Snippet, arrived: Arrived
) -> None:
    site.head = snippet() + "<script>addEventListener('pageshow', e => window.kept = e.persisted)</script>"
    context = keeping_browser.new_context(user_agent=AGENT)
    tab = context.new_page()
    tab.goto(site.url("/one"))
    ready(tab)
    sent(tab)
    tab.evaluate("location.href = '/two'")
    tab.wait_for_url("**/two")
    ready(tab)
    sent(tab)
    tab.evaluate("tributary('consent', 'denied'); history.back()")
    tab.wait_for_function("window.kept === true")

    tab.evaluate("tributary('track', 'After')")
    tab.wait_for_timeout(900)

    arrived.wait(2)
    assert tab.evaluate("[Object.entries(localStorage), document.cookie]") == [
        [["tributary.consent", '"denied"']],
        "tributary_consent=%22denied%22",
    ]
    context.close()


def test_refusal_in_one_tab_holds_in_the_others(
    context: BrowserContext, tab: Page, site: Site, snippet: Snippet, arrived: Arrived
) -> None:
    site.head = snippet()
    other = context.new_page()
    for page in (tab, other):
        page.goto(site.url("/"))
        ready(page)
        sent(page)

    tab.evaluate("tributary('consent', {analytics: false})")
    other.evaluate("tributary('track', 'After')")
    other.wait_for_timeout(900)

    arrived.wait(2)
    kept = other.evaluate("[Object.keys(localStorage), document.cookie]")
    assert kept == [["tributary.consent"], "tributary_consent=%7B%22analytics%22%3Afalse%7D"]


def test_agreement_in_one_tab_lets_the_others_speak_as_one_visitor_however_slow_they_are(
    context: BrowserContext, tab: Page, site: Site, snippet: Snippet, arrived: Arrived
) -> None:
    site.head = snippet(consent="required")
    others = [context.new_page() for _ in range(3)]
    for page in (tab, *others):
        page.goto(site.url("/"))
        ready(page)
        page.evaluate(SLOW)

    tab.evaluate("tributary('consent', 'granted')")

    arrived.wait(4)
    assert len(arrived.rows("DISTINCT anonymous_id", "1")) == 1
    assert len(arrived.rows("DISTINCT JSONExtractString(context, 'session', 'id')", "1")) == 1


def test_full_storage_loses_nothing_of_a_page(tab: Page, site: Site, snippet: Snippet, arrived: Arrived) -> None:
    site.head = "<script>const fill = " + FULL + "; fill()</script>" + snippet()
    tab.goto(site.url("/"))
    ready(tab)

    tab.evaluate("for (let n = 0; n < 30; n++) tributary('track', 'Full', {n})")
    tab.evaluate("location.href = 'about:blank'")

    arrived.wait(31)
    assert len(arrived.rows("DISTINCT anonymous_id", "1")) == 1


@pytest.mark.parametrize("refusal", ["tributary('consent', 'denied')", "tributary('optOut')"])
def test_refusal_holds_on_the_next_page_though_the_storage_is_full(
    tab: Page, site: Site, snippet: Snippet, arrived: Arrived, refusal: str
) -> None:
    site.head = "<script>const fill = " + FULL + "; fill()</script>" + snippet()
    tab.goto(site.url("/"))
    ready(tab)
    tab.evaluate("tributary('flush')")
    arrived.wait(1)

    tab.evaluate(refusal)
    tab.goto(site.url("/next"))
    ready(tab)
    tab.evaluate("tributary('track', 'After'); tributary('flush')")
    tab.wait_for_timeout(900)

    assert tab.evaluate(ASKED) == 0
    arrived.wait(1)
    assert "tributary_id" not in tab.evaluate("document.cookie")


def test_agreement_after_such_a_refusal_holds_too(tab: Page, site: Site, snippet: Snippet, arrived: Arrived) -> None:
    site.head = "<script>const fill = " + FULL + "; fill()</script>" + snippet(consent="required")
    tab.goto(site.url("/"))
    ready(tab)
    tab.evaluate("tributary('consent', 'denied'); tributary('consent', 'granted')")
    tab.goto(site.url("/next"))
    ready(tab)
    tab.evaluate("tributary('flush')")

    arrived.wait(1)
    assert arrived.rows("page_path") == [("/next",)]


def test_stale_agreement_does_not_come_back_where_a_refusal_had_no_room(
    tab: Page, site: Site, snippet: Snippet, arrived: Arrived
) -> None:
    site.head = snippet()
    tab.goto(site.url("/"))
    ready(tab)
    tab.evaluate("tributary('consent', {a: true})")
    sent(tab)
    tab.evaluate(FULL)

    tab.evaluate("tributary('consent', Object.fromEntries([...Array(99).keys()].map(n => ['purpose ' + n, false])))")
    tab.goto(site.url("/next"))
    ready(tab)
    tab.evaluate("tributary('track', 'After')")
    tab.wait_for_timeout(900)

    arrived.wait(1)


def test_page_without_an_origin_measures_and_does_not_break(
    context: BrowserContext, site: Site, snippet: Snippet, arrived: Arrived
) -> None:
    """In a sandboxed frame even to name the cookies throws."""
    inner = snippet().replace('"', "&quot;")
    site.head = f'<iframe sandbox="allow-scripts" srcdoc="{inner}"></iframe>'
    page = context.new_page()

    page.goto(site.url("/"))

    arrived.wait(1)


def test_browser_without_time_limits_for_requests_sends(
    context: BrowserContext, site: Site, snippet: Snippet, arrived: Arrived
) -> None:
    """Safari before 16, Firefox before 100 and Chrome before 103 have no `AbortSignal.timeout`."""
    context.add_init_script("delete AbortSignal.timeout")
    site.head = snippet()
    page = context.new_page()

    page.goto(site.url("/"))
    ready(page)
    sent(page)

    arrived.wait(1)


@pytest.mark.parametrize("days", [-400, -2, 2, 400])
def test_clock_that_is_set_right_meanwhile_loses_no_event(
    tab: Page, context: BrowserContext, site: Site, snippet: Snippet, arrived: Arrived, days: int
) -> None:
    site.head = snippet()
    tab.goto(site.url("/"))
    ready(tab)
    sent(tab)
    context.set_offline(True)

    tab.evaluate(f"window.now = Date.now; Date.now = () => now() + {days} * 864e5; tributary('track', 'Jumped')")
    tab.evaluate("Date.now = window.now; tributary('track', 'Right')")
    context.set_offline(False)
    sent(tab)

    arrived.wait(3)
    dates = dict(arrived.rows("name, dateDiff('day', occurred_at, now64())"))
    assert (dates["Jumped"], dates["Right"]) == (max(-days, 0), 0)


def test_more_than_a_leaving_page_may_send_waits_for_the_next_one(
    tab: Page, context: BrowserContext, site: Site, snippet: Snippet, arrived: Arrived
) -> None:
    site.head = snippet()
    tab.goto(site.url("/"))
    ready(tab)
    sent(tab)

    tab.evaluate("for (let n = 0; n < 12; n++) tributary('track', 'Big', {n, text: 'x'.repeat(20000)})"
                 "; location.href = 'about:blank'")  # fmt: skip
    tab.wait_for_url("about:blank")
    wait_until(lambda: len(arrived.rows()) > 2, 30)  # of the big ones two fit; an answer in time lets more go
    tab.goto(site.url("/next"))
    sent(tab)

    arrived.wait(14)
    assert sorted(arrived.rows("JSONExtractInt(properties, 'n')", "1"))[2:] == [(n,) for n in range(12)]


def test_long_time_offline_keeps_the_beginning_and_tells_of_the_rest(
    tab: Page, context: BrowserContext, site: Site, snippet: Snippet, arrived: Arrived
) -> None:
    site.head = "<script>window.told = {}; addEventListener('tributary:error',"
    site.head += " e => told[e.detail.reason] = (told[e.detail.reason] || 0) + 1)</script>" + snippet()
    tab.goto(site.url("/"))
    ready(tab)
    sent(tab)
    context.set_offline(True)

    tab.evaluate("for (let n = 0; n < 1100; n++) tributary('track', 'Tunnel', {n})")

    assert tab.evaluate("told") == {"queue_full": 100}
    assert tab.evaluate(WAITING) == 1_000
    context.set_offline(False)
    sent(tab)
    arrived.wait(1_001)
    assert max(arrived.rows("JSONExtractInt(properties, 'n')", "1")) == (999,)


def test_many_tabs_share_one_queue(context: BrowserContext, site: Site, snippet: Snippet, arrived: Arrived) -> None:
    site.head = snippet()
    tabs = [context.new_page() for _ in range(6)]
    for number, page in enumerate(tabs):
        page.goto(site.url(f"/{number}"))
        ready(page)

    context.set_offline(True)
    for page in tabs:
        page.evaluate("for (let n = 0; n < 20; n++) tributary('track', 'Shared', {n})")
    for page in tabs[1:]:
        page.close()
    context.set_offline(False)
    sent(tabs[0])

    arrived.wait(6 * 21)
    assert len(arrived.rows("DISTINCT anonymous_id", "1")) == 1


@pytest.fixture(scope="module")
def house(chromium: BrowserType) -> Iterator[Browser]:
    """Chromium that finds a shop with subdomains on this machine."""
    one = chromium.launch(
        executable_path=CHROMIUM,
        args=["--no-sandbox", "--disable-gpu", "--host-resolver-rules=MAP *.shop.example 127.0.0.1"],
    )
    yield one
    one.close()


@pytest.mark.parametrize("refusal", ["tributary('optOut')", "tributary('consent', {analytics: false})"])
def test_refusal_holds_on_subdomains_which_share_the_id(
    house: Browser, site: Site, snippet: Snippet, arrived: Arrived, refusal: str
) -> None:
    """R8: the other subdomain went on with the same id, and gave it back to the one where the person had refused."""
    site.head = snippet()
    context = house.new_context(user_agent=AGENT)
    blog, shop = context.new_page(), context.new_page()
    for tab, host in ((blog, "blog.shop.example"), (shop, "www.shop.example")):
        tab.goto(site.url("/", host))
        ready(tab)
        sent(tab)
    arrived.wait(2)
    assert len(arrived.rows("DISTINCT anonymous_id", "1")) == 1

    shop.evaluate(refusal)
    blog.evaluate("tributary('track', 'After')")
    blog.reload()
    ready(blog)
    blog.wait_for_timeout(900)

    arrived.wait(2)
    assert "tributary_id" not in blog.evaluate("document.cookie")
    assert "tributary.id" not in blog.evaluate("Object.keys(localStorage)")
    blog.evaluate("tributary('optIn'); tributary('consent', 'granted'); tributary('track', 'Again')")
    sent(blog)
    arrived.wait(3)
    context.close()


@pytest.mark.parametrize("address", ["/clean", "/?page=2"])
def test_source_that_a_program_clears_away_before_the_script_comes_is_kept(
    tab: Page, site: Site, snippet: Snippet, arrived: Arrived, address: str
) -> None:
    site.head = f"<script>history.replaceState({{}}, '', '{address}')</script>" + snippet()

    tab.goto(site.url("/landing?token=secret&utm_source=news&gclid=g-1"))
    ready(tab)
    tab.evaluate("history.pushState({}, '', '/next')")
    sent(tab)

    arrived.wait(2)
    rows = arrived.rows("page_path, source, click_id, position(page_url, 'secret')")
    assert rows == [(address.partition("?")[0], "news", "g-1", 0), ("/next", rows[1][1], rows[1][2], 0)]
    assert len(arrived.rows("DISTINCT JSONExtractString(context, 'session', 'id')", "1")) == 1
