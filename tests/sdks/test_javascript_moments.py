"""The browser SDK at moments that are easily missed: before a page is seen, before the script comes, as a page goes."""

# ruff: noqa: F811  the fixtures of another file

import subprocess
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.conftest import CHROMIUM
from tests.ingestion.processes import Process, wait_until
from tests.sdks.conftest import AGENT, WAITING, Site
from tests.sdks.scripted import ScriptedDoor
from tests.sdks.test_javascript_attacks import MARKED, Head, door, head, names, started  # noqa: F401  fixtures
from tests.sdks.test_javascript_programs import delivered

pytestmark = [pytest.mark.stores, pytest.mark.browser, pytest.mark.xdist_group("sdk-browser")]

# Chromium under remote control runs no scripts ahead, so this page believes to be prerendered until it is activated.
AHEAD = """(() => {
    let start = 0, isAhead = true;
    const entries = performance.getEntriesByType.bind(performance);
    Object.defineProperty(document, "prerendering", { get: () => isAhead });
    performance.getEntriesByType = type => type === "navigation"
        ? entries(type).map(one => ({ name: one.name, activationStart: start })) : entries(type);
    window.activate = () => {
        [start, isAhead] = [performance.now(), false];
        document.dispatchEvent(new Event("prerenderingchange"));
    };
})()"""
KEPT = "[Object.keys(localStorage).filter(key => key !== 'tributary.consent'), document.cookie]"


def pages(door: ScriptedDoor) -> list[str]:
    """Return the addresses of the page views, without their site."""
    views = [event for event in door.events() if event["type"] == "page"]
    return ["/" + event["context"]["page"]["url"].split("/", 3)[3] for event in views]


@pytest.mark.parametrize("agreement", ["", "early", "while ahead", "after"])
def test_prerendered_page_counts_as_of_when_it_is_seen(
    tab: Page, context: BrowserContext, site: Site, head: Head, door: ScriptedDoor, agreement: str
) -> None:
    """Only the first page view waited; whatever else a page that nobody saw called was sent."""
    agrees = "tributary('consent', {analytics: true});"
    context.add_init_script(AHEAD)
    site.head = head.replace("data-write-key", 'data-consent="required" data-write-key') if agreement else head
    site.head += f"<script>tributary('track', 'Early'); {agrees if agreement == 'early' else ''}</script>"
    tab.goto(site.url("/landing?utm_source=news"))
    tab.wait_for_function("window.tributary?.client")
    tab.evaluate("tributary('track', 'Ahead'); tributary('identify', 'ann'); tributary('reset')")
    tab.evaluate("history.pushState({}, '', '/final')")
    if agreement == "while ahead":
        tab.evaluate(agrees)
    tab.evaluate("dispatchEvent(new Event('pagehide')); tributary('flush')")
    tab.wait_for_timeout(900)
    assert (door.asked, tab.evaluate(KEPT), tab.evaluate("tributary('id')")) == ([], [[], ""], "")

    seen = tab.evaluate("new Date().toISOString()")
    tab.evaluate("activate()")
    tab.evaluate(f"tributary('track', 'Seen'); {agrees if agreement == 'after' else ''}")
    tab.evaluate("history.pushState({}, '', '/next')")
    tab.wait_for_timeout(100)
    delivered(tab)

    assert pages(door) == ["/final?utm_source=news", "/next"]
    said = [event.get("event") or event["type"] for event in door.events()]
    assert said == ["page", "Early", "Ahead", "identify", "Seen", "page"]
    assert all(event["timestamp"] >= seen for event in door.events())
    ids = [event["anonymousId"] for event in door.events()]
    assert (len(set(ids[:4])), len(set(ids[4:])), len(set(ids))) == (1, 1, 2)
    assert [event.get("userId") for event in door.events()] == [None, None, None, "ann", None, None]


LEADS_ON = """<script>
    if (location.pathname === "/start") {
        const rules = document.createElement("script");
        rules.type = "speculationrules";
        rules.textContent = '{"prerender": [{"urls": ["/landing?utm_source=news"], "eagerness": "immediate"}]}';
        document.head.append(rules);
        setTimeout(() => location.href = "/landing?utm_source=news", 3_000);
    } else {
        tributary("track", `Ahead ${document.prerendering}`);
        addEventListener("load", () => history.replaceState({}, "", "/final"));
    }
</script>"""


def test_page_that_chromium_prerenders_counts_when_it_is_seen(
    site: Site, head: Head, door: ScriptedDoor, tmp_path: Path
) -> None:
    """Nobody controls this browser, for one that is controlled runs no scripts ahead."""
    if not CHROMIUM:
        pytest.skip("Chromium is not installed: apt-get install chromium")
    site.head = head + LEADS_ON
    flags = ["--headless=new", "--no-sandbox", "--disable-gpu", f"--user-agent={AGENT}", f"--user-data-dir={tmp_path}"]
    with subprocess.Popen([CHROMIUM, *flags, site.url("/start")], stderr=subprocess.DEVNULL) as process:
        try:
            wait_until(lambda: len(door.events()) >= 3, 30)
        finally:
            process.terminate()

    assert pages(door) == ["/start", "/final?utm_source=news"]
    assert sorted(map(str, names(door))) == ["Ahead true", "None", "None"]
    started_at, *landed_at = (datetime.fromisoformat(event["timestamp"]) for event in door.events())
    assert all(at - started_at > timedelta(seconds=2) for at in landed_at)


@pytest.mark.parametrize("refusal", ["tributary('consent', 'denied')", "tributary('optOut')"])
def test_refusal_in_a_prerendered_page_holds_when_it_is_seen(
    tab: Page, context: BrowserContext, site: Site, head: Head, door: ScriptedDoor, refusal: str
) -> None:
    context.add_init_script(AHEAD)
    site.head = head
    started(tab, site.url("/"))

    tab.evaluate(f"tributary('track', 'Ahead'); {refusal}; activate()")
    tab.wait_for_timeout(900)

    assert door.asked == []


def test_consent_that_is_given_before_the_script_comes_reaches_the_landing(
    tab: Page, site: Site, head: Head, door: ScriptedDoor
) -> None:
    """A property that needs an agreement refused the one view that had the source."""
    site.head = head + "<script>tributary('track', 'Early'); tributary('consent', 'granted')</script>"
    started(tab, site.url("/"))
    delivered(tab)

    assert sorted(map(str, names(door))) == ["Early", "None"]
    assert {event["context"]["consent"]["status"] for event in door.events()} == {"granted"}


def test_refusal_that_is_given_before_the_script_comes_writes_nothing(
    tab: Page, context: BrowserContext, site: Site, head: Head, door: ScriptedDoor
) -> None:
    context.add_init_script(
        "window.written = []; const set = Storage.prototype.setItem;"
        "Storage.prototype.setItem = function (key, value) { written.push(key); set.call(this, key, value) }"
    )
    site.head = head + "<script>tributary('track', 'Early'); tributary('consent', 'denied')</script>"
    started(tab, site.url("/"))
    tab.wait_for_timeout(700)

    assert set(tab.evaluate("written")) == {"tributary.consent"}
    assert door.asked == []


def test_what_was_called_under_a_refusal_is_not_sent_by_an_agreement_after_it(
    tab: Page, site: Site, head: Head, door: ScriptedDoor
) -> None:
    site.head = head + "<script>tributary('consent', 'denied'); tributary('track', 'Refused')</script>"
    site.head += "<script>tributary('consent', 'granted'); tributary('track', 'Agreed')</script>"
    started(tab, site.url("/"))
    delivered(tab)

    assert "Agreed" in names(door)
    assert "Refused" not in names(door)


def module(door: ScriptedDoor, collect: Process, key: str, then: str) -> str:
    """Return a script that begins by the module form and does *then* with its client."""
    return f"""<script type="module">
        import {{ init }} from "http://127.0.0.1:{collect.port}/sdk/tributary.mjs";
        const client = window.client = init({{host: "http://127.0.0.1:{door.port}", writeKey: "{key}"}}); {then}
    </script>"""


def test_consent_in_the_task_of_init_reaches_the_landing(
    tab: Page, site: Site, door: ScriptedDoor, running_collect: Process, key: str
) -> None:
    site.head = module(door, running_collect, key, "await 0; client.consent({analytics: true}); client.track('Begun')")
    tab.goto(site.url("/?utm_source=news"))
    tab.wait_for_function("window.client")
    tab.wait_for_timeout(50)
    tab.evaluate("client.flush()")
    tab.wait_for_function(f"{WAITING} === 0")

    assert names(door) == [None, "Begun"]
    assert [event["context"]["consent"]["categoryPreferences"] for event in door.events()] == [{"analytics": True}] * 2


@pytest.mark.parametrize("is_module_first", [True, False])
def test_snippet_and_module_with_one_key_are_one_client(
    tab: Page, site: Site, head: Head, door: ScriptedDoor, running_collect: Process, key: str, is_module_first: bool
) -> None:
    other = module(door, running_collect, key, "")
    site.head = head.replace("<script async", "<script defer") if is_module_first else head
    site.head = other + site.head if is_module_first else site.head + other
    started(tab, site.url("/"))
    tab.wait_for_function("window.client")

    tab.evaluate("history.pushState({}, '', '/next')")
    tab.wait_for_timeout(100)
    delivered(tab)

    assert tab.evaluate("client === tributary.client")
    assert pages(door) == ["/", "/next"]


@pytest.mark.parametrize(
    "listening",
    ["document.addEventListener('visibilitychange', said)", "addEventListener('pagehide', said)"],
    ids=["hidden", "left"],
)
def test_event_of_a_later_listener_is_sent_as_the_tab_closes(
    tab: Page, context: BrowserContext, site: Site, head: Head, door: ScriptedDoor, listening: str
) -> None:
    site.head = head
    started(tab, site.url("/"))
    delivered(tab)
    tab.evaluate(f"() => {{ const said = () => tributary('track', 'Last words'); {listening} }}")

    tab.close(run_before_unload=True)

    door.wait(2)
    assert names(door) == [None, "Last words"]


CLEARED = "<script>history.replaceState({}, '', '/clean')</script>"


def test_first_page_view_that_a_program_makes_has_the_source_as_well(
    tab: Page, site: Site, head: Head, door: ScriptedDoor
) -> None:
    site.head = CLEARED + head.replace("data-write-key", 'data-pages="off" data-write-key')
    started(tab, site.url("/landing?token=secret&utm_source=news"))

    tab.evaluate("tributary('track', 'Before'); tributary('page', 'First'); tributary('page', 'Second')")
    delivered(tab)

    assert pages(door) == ["/clean?utm_source=news", "/clean"]


def test_mark_is_taken_that_a_program_cleared_away_before_the_script_came(
    tab: Page, site: Site, head: Head, door: ScriptedDoor
) -> None:
    tab.goto(site.url("/", "127.0.0.1"))
    site.head = CLEARED + head.replace("data-write-key", 'data-domains="127.0.0.1" data-write-key')

    tab.evaluate(MARKED, [site.url("/there"), "chosen"])
    tab.wait_for_url("**/clean")
    tab.wait_for_function(f"window.tributary?.client && {WAITING} === 0")

    (event,) = door.wait(1)[0].batch
    assert event["anonymousId"] == "chosen"
    assert "_tbl" not in str(event)


SHADOW = """place => {
    const box = document.body.appendChild(document.createElement("div"));
    box.attachShadow({ mode: "open" }).innerHTML = `<a href="${place}"><b id="over">go</b></a>`;
}"""
DRAWING = """place => document.body.insertAdjacentHTML("beforeend",
    `<svg width="50" height="50"><a href="${place}"><rect id="over" width="50" height="50"/></a></svg>`)"""


@pytest.mark.parametrize("drawn", [SHADOW, DRAWING], ids=["shadow", "drawing"])
def test_visitor_stays_one_person_by_links_that_are_hidden_or_drawn(
    tab: Page, site: Site, head: Head, door: ScriptedDoor, drawn: str
) -> None:
    site.head = head.replace("data-write-key", 'data-domains="localhost, 127.0.0.1" data-write-key')
    started(tab, site.url("/here"))
    delivered(tab)
    tab.evaluate(drawn, site.url("/there", "127.0.0.1"))

    tab.click("#over")

    expect(tab).to_have_url(site.url("/there", "127.0.0.1"))
    door.wait(2)
    assert len({event["anonymousId"] for event in door.events()}) == 1


def test_app_that_answers_to_navigations_counts_each_page_once(
    tab: Page, site: Site, head: Head, door: ScriptedDoor
) -> None:
    """It never calls `pushState`, and had no page view after the first."""
    site.head = head + "<script>navigation.addEventListener('navigate', e => e.canIntercept && e.intercept())</script>"
    started(tab, site.url("/one"))

    for call in (
        "navigation.navigate('/two').finished",
        "navigation.navigate('/two?a=1', {history: 'replace'}).finished",
        "navigation.navigate('/two?a=1#part').finished",
        "history.pushState({}, '', '/three')",
        "history.replaceState({}, '', '/three?a=1')",
        "history.replaceState({}, '', '/four')",
        "navigation.navigate('/five', {history: 'replace'}).finished",
        "navigation.back().finished",
    ):
        tab.evaluate(f"Promise.resolve({call}).then(() => new Promise(done => setTimeout(done, 20)))")
    delivered(tab)

    assert pages(door) == ["/one", "/two", "/three", "/four", "/five", "/two?a=1#part"]
