"""The browser SDK in programs that give it anything: ids that are none, hostile values, calls at any time, hurry."""

# ruff: noqa: F811  the fixtures of another file

from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page

from tests.ingestion.processes import Process
from tests.sdks.conftest import WAITING, Arrived, Site, Snippet, sent
from tests.sdks.scripted import ScriptedDoor
from tests.sdks.test_javascript_attacks import Head, door, head, names, started  # noqa: F401  fixtures

pytestmark = [pytest.mark.stores, pytest.mark.browser, pytest.mark.xdist_group("sdk-browser")]

TOLD = "<script>window.told = []; addEventListener('tributary:error', e => told.push(e.detail.reason))</script>"


def delivered(tab: Page) -> None:
    tab.evaluate("tributary('flush')")
    tab.wait_for_function(f"{WAITING} === 0", timeout=20_000)


def calls(door: ScriptedDoor) -> list[dict[str, Any]]:
    """Return the events of the door but the page view."""
    return [event for event in door.events() if event["type"] != "page"]


@pytest.mark.parametrize(("given", "sent_id"), [("1001", "1001"), ("null", ""), ("undefined", ""), ("''", "")])
def test_id_of_an_order_is_a_number_or_missing_and_the_order_arrives(
    tab: Page, site: Site, head: Head, door: ScriptedDoor, given: str, sent_id: str
) -> None:
    """R9: an event whose id was no text went out of the queue without a word."""
    site.head = head
    started(tab, site.url("/"))

    tab.evaluate(f"tributary('track', 'Order Completed', {{n: 1}}, {{messageId: {given}, timestamp: null}})")
    delivered(tab)

    (event,) = calls(door)
    assert event["messageId"] == sent_id or (len(event["messageId"]) == 36 and not sent_id)
    assert event["timestamp"]


@pytest.mark.parametrize(
    ("said", "user"),
    [("{plan: 'pro'}", None), ("42", "42"), ("null, {plan: 'pro'}", None), ("Symbol('x')", None), ("true", None)],
    ids=["traits alone", "number", "no id", "symbol", "flag"],
)
def test_person_is_nobody_else_whatever_identify_is_given(
    tab: Page, site: Site, head: Head, door: ScriptedDoor, said: str, user: str | None
) -> None:
    """Traits in the place of the id, as Segment takes them, made everybody the one person `[object Object]`."""
    site.head = head
    started(tab, site.url("/"))

    tab.evaluate(f"tributary('identify', {said}); tributary('track', 'Bought')")
    delivered(tab)

    assert {event.get("userId") for event in calls(door)} == {user}
    plans = {event["traits"]["plan"] for event in calls(door) if "traits" in event}
    assert plans == ({"pro"} if "pro" in said else set())


def test_hostile_values_throw_nothing_and_are_told(tab: Page, site: Site, head: Head, door: ScriptedDoor) -> None:
    site.head = TOLD + head
    started(tab, site.url("/"))

    tab.evaluate("""() => {
        const trap = { get x() { throw new Error("trap") } };
        tributary("track", "Trap", trap);
        tributary("track", "Trap", {}, trap);
        tributary("track", "Big", { n: 1n });
        tributary("track", "Window", { window });
        tributary("track", "Nobody", {}, { userId: {} });
        tributary("identify", { toString() { throw new Error("trap") } });
        tributary("track", "Proto", JSON.parse('{"__proto__": {"a": 1}, "constructor": 2}'), "no object");
    }""")
    delivered(tab)

    assert tab.evaluate("told") == ["not_json"] * 4 + ["wrong_type"]
    assert [(event["type"], event.get("properties")) for event in calls(door)] == [
        ("identify", None),
        ("track", {"__proto__": {"a": 1}, "constructor": 2}),
    ]


def test_ready_that_throws_costs_no_later_call_and_stops_no_clock(
    context: BrowserContext, site: Site, head: Head, door: ScriptedDoor
) -> None:
    """A program's own mistake cost its early calls, and kept every later event at the time of the mistake."""
    site.head = head + "<script>tributary('ready', () => { throw new Error('its own') });"
    site.head += "tributary('track', 'Early')</script>"
    tab = context.new_page()
    started(tab, site.url("/"))
    tab.wait_for_timeout(50)

    now = tab.evaluate("tributary('track', 'Late'), new Date().toISOString()")
    delivered(tab)

    assert sorted(map(str, names(door))) == ["Early", "Late", "None"]
    late = next(event for event in door.events() if event.get("event") == "Late")
    assert late["timestamp"][:22] >= now[:19]


def test_program_that_kept_the_first_part_of_the_snippet_is_heard(
    tab: Page, site: Site, head: Head, door: ScriptedDoor
) -> None:
    site.head = head + "<script>window.kept = window.tributary</script>"
    started(tab, site.url("/"))

    tab.evaluate("kept('track', 'By the old name')")
    delivered(tab)

    assert [event["event"] for event in calls(door)] == ["By the old name"]


def test_address_that_leads_on_at_once_is_a_page_of_its_own(
    tab: Page, site: Site, head: Head, door: ScriptedDoor
) -> None:
    """Both views had the second address, so a login page counted twice and the page before it never."""
    site.head = head
    started(tab, site.url("/start"))

    tab.evaluate("history.pushState({}, '', '/account'); history.replaceState({}, '', '/login')")
    delivered(tab)

    pages = [event["context"]["page"] for event in door.events()]
    assert [(page["url"], page["path"], page["referrer"]) for page in pages] == [
        (site.url("/start"), "/start", ""),
        (site.url("/account"), "/account", site.url("/start")),
        (site.url("/login"), "/login", site.url("/account")),
    ]


def test_module_that_begins_twice_counts_a_page_once(
    tab: Page, site: Site, door: ScriptedDoor, running_collect: Process, key: str
) -> None:
    options = f"{{host: 'http://127.0.0.1:{door.port}', writeKey: '{key}'}}"
    site.head = f"""<script type="module">
        import {{ init }} from "http://127.0.0.1:{running_collect.port}/sdk/tributary.mjs";
        window.client = init({options}); window.same = init({options}) === client;</script>"""
    tab.goto(site.url("/"))
    tab.wait_for_function("window.client")

    tab.evaluate("client.flush()")
    tab.wait_for_function(f"{WAITING} === 0")

    assert tab.evaluate("same")
    assert [event["type"] for event in door.events()] == ["page"]


def test_marks_leave_the_rest_of_an_address_as_it_is(tab: Page, site: Site, head: Head, door: ScriptedDoor) -> None:
    """A signed address is another one when a blank in it is written differently."""
    site.head = head
    started(tab, site.url("/?q=a%20b&flag&_tbl=1.2.3&x_tbl=~#part"))

    marked = tab.evaluate("tributary('decorate', 'https://b.example/?sig=a%20b~&flag#part')")

    assert tab.evaluate("location.href") == site.url("/?q=a%20b&flag&x_tbl=~#part")
    assert marked.startswith("https://b.example/?sig=a%20b~&flag&_tbl=1.")
    assert marked.endswith("#part")
    assert tab.evaluate("tributary('decorate', 'mailto:ann@shop.example')") == "mailto:ann@shop.example"


def test_logout_before_the_agreement_ends_the_person(tab: Page, site: Site, head: Head, door: ScriptedDoor) -> None:
    site.head = head.replace("data-write-key", 'data-consent="required" data-write-key')
    started(tab, site.url("/"))

    tab.evaluate("tributary('identify', 'ann'); tributary('reset'); tributary('track', 'Next')")
    tab.evaluate("tributary('consent', 'granted')")
    delivered(tab)

    before, after = calls(door)
    assert (before["userId"], after.get("userId")) == ("ann", None)
    assert before["anonymousId"] != after["anonymousId"]


@pytest.mark.clickhouse
def test_text_that_was_cut_within_a_character_holds_up_no_event(
    tab: Page, site: Site, snippet: Snippet, arrived: Arrived
) -> None:
    """Half an emoji is in no UTF-8: the door refused the request as a whole, and the browser sent it for ever."""
    site.head = f"<title>{'t' * 511}\N{SLIGHTLY SMILING FACE}</title>" + snippet()
    site.head += "<script>document.title = document.querySelectorAll('title')[1].textContent</script>"
    tab.goto(site.url("/?utm_source=%00news&utm_medium=%FF"))
    tab.wait_for_function("window.tributary?.client")

    tab.evaluate("tributary('track', 'Cut', {text: '\\ud83d', kept: '\\\\ud83d'})")
    sent(tab)

    arrived.wait(2)
    assert set(arrived.rows("source")) == {("news",)}
    rows = arrived.rows("JSONExtractString(properties, 'text'), JSONExtractString(properties, 'kept')", "kind")
    assert rows[1] == ("\ufffd", "\\ud83d")


@pytest.mark.clickhouse
def test_consent_with_more_than_words_is_heard_and_stored(
    tab: Page, site: Site, snippet: Snippet, arrived: Arrived
) -> None:
    """What a platform keeps beside its categories made the door refuse every event."""
    site.head = snippet(consent="required")
    tab.goto(site.url("/"))
    tab.wait_for_function("window.tributary?.client")

    tab.evaluate("tributary('consent', {analytics: true, vendors: {a: true}, asked: ['b'], version: 2})")
    sent(tab)

    arrived.wait(1)
