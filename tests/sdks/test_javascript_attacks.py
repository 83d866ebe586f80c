"""The browser SDK against spoilt storage, marks of strangers, failing listeners, and consent that is missing (R8)."""

import threading
import time
from collections.abc import Iterator

import pytest
from playwright.sync_api import BrowserContext, Page

from tests.sdks.conftest import WAITING, Site, Snippet
from tests.sdks.scripted import Answer, Asked, ScriptedDoor

pytestmark = [pytest.mark.stores, pytest.mark.browser, pytest.mark.xdist_group("sdk-browser")]

CORS = {"Access-Control-Allow-Origin": "*", "Access-Control-Expose-Headers": "Retry-After"}


@pytest.fixture
def door() -> Iterator[ScriptedDoor]:
    """A door that accepts everything until it is told otherwise."""
    one = ScriptedDoor()
    accept = one.usual
    one.usual = lambda asked: accept(asked)._replace(headers=CORS)
    yield one
    one.close()


Head = str


@pytest.fixture
def head(snippet: Snippet, door: ScriptedDoor) -> Head:
    """The snippet with the door of these tests; marks and options can be put in."""
    return snippet(host=f"http://127.0.0.1:{door.port}")


def started(tab: Page, address: str) -> None:
    tab.goto(address)
    tab.wait_for_function("window.tributary?.client")


def names(door: ScriptedDoor) -> list[str | None]:
    return [event.get("event") for event in door.events()]


def test_page_that_is_left_sends_nothing_before_consent(tab: Page, site: Site, head: Head, door: ScriptedDoor) -> None:
    """R8: events of a time when no consent was asked for wait for it, also when the page goes."""
    door.usual = lambda _: Answer(503, "", CORS)
    site.head = head
    started(tab, site.url("/"))
    tab.wait_for_function(f"{WAITING} === 1")
    door.wait(1)
    tab.goto("about:blank")
    tab.wait_for_timeout(1_000)  # what a page sends as it goes is on its way after it has gone
    asked = len(door.asked)

    site.head = head.replace("data-write-key", 'data-consent="required" data-write-key')
    started(tab, site.url("/"))
    tab.evaluate("document.dispatchEvent(new Event('visibilitychange')); dispatchEvent(new Event('pagehide'))")
    tab.goto("about:blank")
    tab.wait_for_timeout(1_000)

    assert len(door.asked) == asked


@pytest.mark.parametrize(
    "spoilt", ["{broken", "5", "null", '{"a":1},{"messageId":"m"}', '{"messageId":"' + "m" * 40_000]
)
def test_spoilt_entry_holds_up_no_event(
    tab: Page, context: BrowserContext, site: Site, head: Head, door: ScriptedDoor, key: str, spoilt: str
) -> None:
    site.head = head
    context.add_init_script(f"localStorage.setItem('tributary.q.{key}.000000000.000000.x', {spoilt!r})")

    started(tab, site.url("/"))
    tab.evaluate("tributary('track', 'Seen')")

    tab.wait_for_function(f"{WAITING} === 0", timeout=10_000)
    assert names(door)[-1] == "Seen"


def test_listener_and_arguments_that_throw_stop_nothing(
    context: BrowserContext, site: Site, head: Head, door: ScriptedDoor
) -> None:
    site.head = head.replace("data-write-key", 'data-consent="required" data-write-key')
    site.head += "<script>addEventListener('tributary:error', () => { throw new Error('the site itself') })</script>"
    tab = context.new_page()
    started(tab, site.url("/"))
    tab.evaluate("tributary.client.options.onError = () => { throw new Error('the site itself') }; 0")

    said = tab.evaluate("""() => {
        const round = {}; round.self = round;
        const reused = {n: 1};
        tributary("track", "Held", reused);
        reused.n = 2; // the next event's
        tributary("track", "Round", round);
        tributary("consent", "granted");
        tributary("track", "");
        tributary("track", Object.create(null));
        tributary("track", "After");
        return tributary("decorate", "http://[");
    }""")

    tab.wait_for_function(f"{WAITING} === 0", timeout=10_000)
    assert said == "http://["
    assert names(door) == [None, "Held", "After"]
    assert door.events()[1]["properties"] == {"n": 1}


def test_refusal_of_an_event_reaches_a_failing_listener_once(
    context: BrowserContext, site: Site, head: Head, door: ScriptedDoor
) -> None:
    """A listener that threw kept the batch in the queue, which was sent again twice a second."""
    door.usual = lambda _: Answer(400, '{"code": "x", "errors": [{"index": 0, "reason": "x"}]}', CORS)
    site.head = head
    tab = context.new_page()
    tab.goto("about:blank")
    tab.add_init_script("addEventListener('tributary:error', () => { throw new Error('the site itself') })")
    tab.add_init_script(
        "const real = dispatchEvent.bind(window);"
        "window.dispatchEvent = (event) => {"
        "  if (event.type === 'tributary:error') throw new Error('x'); return real(event) }"
    )

    started(tab, site.url("/"))
    door.wait(1)
    tab.wait_for_timeout(2_000)

    assert len(door.asked) == 1


def test_event_during_a_request_does_not_shorten_the_pause_after_it(
    tab: Page, site: Site, head: Head, door: ScriptedDoor
) -> None:
    goes_on = threading.Event()

    def limit(_: Asked) -> Answer:
        goes_on.wait(20)
        return Answer(429, '{"code": "too_many_requests"}', {"Retry-After": "3", **CORS})

    accept, door.usual = door.usual, limit
    site.head = head
    started(tab, site.url("/"))
    door.wait(1)
    tab.evaluate("tributary('track', 'Meanwhile')")
    door.usual, answered_at = accept, time.monotonic()
    goes_on.set()

    assert door.wait(2)[1].at - answered_at >= 3


LEAVES = "dispatchEvent(new Event('pagehide'))"


@pytest.mark.parametrize(
    "then", ["tributary('track', 'Other')", f"tributary('track', 'Other'); {LEAVES}", "location.reload()"]
)
def test_pause_that_the_door_asks_for_holds_in_every_tab(
    tab: Page, context: BrowserContext, site: Site, head: Head, door: ScriptedDoor, then: str
) -> None:
    """Each tab asked for itself: a visitor with ten tabs came ten times to a door that had too much to do."""
    site.head = head
    other = context.new_page()
    started(tab, site.url("/"))
    started(other, site.url("/"))
    for page in (tab, other):
        page.wait_for_function(f"{WAITING} === 0")
    before = len(door.asked)
    door.script = [Answer(429, '{"code": "too_many_requests"}', {"Retry-After": "4", **CORS})]

    tab.evaluate("tributary('track', 'First')")
    limited_at = door.wait(before + 1)[-1].at
    tab.wait_for_function("Object.keys(localStorage).some(key => key.startsWith('tributary.p.'))")
    other.evaluate(then)

    assert door.wait(before + 2)[before + 1].at - limited_at >= 4
    other.wait_for_function(f"{WAITING} === 0")
    later = [event.get("event") for asked in door.asked[before + 1 :] for event in asked.batch]
    assert "First" in later  # what a tab does not see gone yet it sends once more, and the door counts it once
    assert other.evaluate("Object.keys(localStorage).filter(key => key.startsWith('tributary.p.'))") == []


def test_pause_is_kept_neither_for_ever_nor_after_a_refusal(
    tab: Page, context: BrowserContext, site: Site, head: Head, door: ScriptedDoor, key: str
) -> None:
    """R8; and a clock that is set back makes no pause of years."""
    context.add_init_script(f"localStorage.setItem('tributary.p.{key}', String(Date.now() + 4e7))")
    site.head = head
    started(tab, site.url("/"))
    door.wait(1)
    tab.evaluate(f"localStorage.setItem('tributary.p.{key}', String(Date.now() + 4e5)); tributary('consent', 'denied')")

    assert tab.evaluate("Object.keys(localStorage)") == ["tributary.consent"]


MARKED = """async ([url, id]) => {
    const hash = (text, basis) => {
        for (const byte of new TextEncoder().encode(text)) basis = Math.imul(basis ^ byte, 0x01000193);
        return (basis >>> 0).toString(16).padStart(8, "0");
    };
    const time = Math.floor(Date.now() / 1000).toString(36), text = `${time}.${id}.${navigator.userAgent}`;
    const check = hash(text, 0x811c9dc5) + hash(text, 0x01000193);
    location.href = `${url}?_tbl=${encodeURIComponent(`1.${time}.${id}.${check}`)}`;
}"""


@pytest.mark.parametrize(
    ("domains", "id_", "is_taken"),
    [
        ("127.0.0.1", "chosen", True),
        ("shop.example", "chosen", False),
        ("", "chosen", False),
        ("127.0.0.1", "x" * 600, False),
    ],
    ids=["own domain", "somebody else's", "no domains", "too long"],
)
def test_mark_of_a_stranger_makes_nobody_somebody_else(
    tab: Page, site: Site, head: Head, door: ScriptedDoor, domains: str, id_: str, is_taken: bool
) -> None:
    """A page of anybody may make a mark for its visitors and send them here: all of them would be one person."""
    tab.goto(site.url("/", "127.0.0.1"))
    site.head = head.replace("data-write-key", f'data-domains="{domains}" data-write-key')

    tab.evaluate(MARKED, [site.url("/there"), id_])
    tab.wait_for_url("**/there")
    tab.wait_for_function(f"window.tributary?.client && {WAITING} === 0")

    (event,) = door.wait(1)[0].batch
    assert (event["anonymousId"] == id_) is is_taken


def test_id_that_another_script_has_spoilt_is_replaced(
    tab: Page, context: BrowserContext, site: Site, head: Head, door: ScriptedDoor
) -> None:
    context.add_init_script(f"localStorage.setItem('tributary.id', {'x' * 600!r})")
    site.head = head

    started(tab, site.url("/"))

    assert len(door.wait(1)[0].batch[0]["anonymousId"]) == 36
