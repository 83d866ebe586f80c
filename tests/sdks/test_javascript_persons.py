"""The browser SDK and what a person said or did elsewhere: on another subdomain, in another tab, before or after."""

# ruff: noqa: F811  the fixtures of another file

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from tests.sdks.conftest import AGENT, WAITING, Site
from tests.sdks.scripted import Answer, ScriptedDoor
from tests.sdks.test_javascript_attacks import CORS, Head, door, head, names, started  # noqa: F401  fixtures
from tests.sdks.test_javascript_programs import calls, delivered
from tests.sdks.test_javascript_tabs import house  # noqa: F401  a fixture

pytestmark = [pytest.mark.stores, pytest.mark.browser, pytest.mark.xdist_group("sdk-browser")]

NOTHING_SAID = [
    "{ad_personalization: 'denied'}",
    "{functionality_storage: 'granted'}",
    "{functional: true}",
    "{}",
    "null",
    "'unknown'",
    "'default'",
]


def asking(head: Head) -> Head:
    """Return a snippet that waits for an agreement."""
    return head.replace("data-write-key", 'data-consent="required" data-write-key')


@pytest.mark.parametrize("word", NOTHING_SAID)
@pytest.mark.parametrize("is_required", [False, True])
def test_refusal_stands_when_a_later_word_means_nothing_for_measuring(
    tab: Page, site: Site, head: Head, door: ScriptedDoor, is_required: bool, word: str
) -> None:
    """Such a word was stored in the place of the refusal, and the person measured again."""
    site.head = asking(head) if is_required else head
    started(tab, site.url("/"))
    tab.evaluate("tributary('consent', true)")
    delivered(tab)

    tab.evaluate("tributary('consent', {analytics_storage: 'denied', ad_storage: 'denied'})")
    tab.evaluate(f"tributary('consent', {word}); tributary('track', 'After')")
    tab.reload()
    tab.wait_for_function("window.tributary?.client")
    tab.evaluate("tributary('track', 'After')")
    tab.wait_for_timeout(700)

    assert names(door) == [None]
    assert "tributary_consent" in tab.evaluate("document.cookie")
    assert "tributary_id" not in tab.evaluate("document.cookie")
    tab.evaluate("tributary('consent', {analytics_storage: 'granted'}); tributary('track', 'Agreed')")
    delivered(tab)
    assert names(door) == [None, "Agreed"]


@pytest.mark.parametrize("word", NOTHING_SAID)
def test_agreement_stands_as_well_where_one_is_required(
    tab: Page, site: Site, head: Head, door: ScriptedDoor, word: str
) -> None:
    site.head = asking(head)
    started(tab, site.url("/"))
    tab.evaluate(f"tributary('consent', {{analytics: true}}); tributary('consent', {word})")
    delivered(tab)

    tab.reload()
    tab.wait_for_function("window.tributary?.client")
    delivered(tab)

    heard = [event["context"]["consent"]["categoryPreferences"] for event in door.events()]
    assert [one["analytics"] for one in heard] == [True, True]
    assert (heard[1].get("ad_personalization") == "denied") is ("ad_personalization" in word)


@pytest.fixture
def visitor(house: Browser) -> Iterator[BrowserContext]:
    """A visitor of a shop with subdomains."""
    one = house.new_context(user_agent=AGENT)
    yield one
    one.close()


def opened(visitor: BrowserContext, site: Site, name: str) -> Page:
    """Return a page of the subdomain *name*, whose page view was delivered."""
    tab = visitor.new_page()
    started(tab, site.url("/", f"{name}.shop.example"))
    delivered(tab)
    return tab


def last(tab: Page, door: ScriptedDoor, event: str) -> dict[str, Any]:
    """Return what is sent when *tab* tracks *event*."""
    tab.evaluate(f"tributary('track', '{event}')")
    delivered(tab)
    return next(one for one in door.events() if one.get("event") == event)


AGREES_LATER = "tributary('consent', 'denied'); tributary('consent', 'granted')"
IS_BACK = "tributary('optOut'); tributary('optIn')"


@pytest.mark.parametrize("over", ["tributary('reset')", AGREES_LATER, IS_BACK], ids=["reset", "refusal", "opt-out"])
@pytest.mark.parametrize("is_seen", [True, False])
def test_person_who_is_forgotten_on_a_subdomain_is_on_all(
    visitor: BrowserContext, site: Site, head: Head, door: ScriptedDoor, over: str, is_seen: bool
) -> None:
    """A subdomain gave its own id back to all, or sent the new one with the user of before."""
    site.head = head
    app, www = opened(visitor, site, "app"), opened(visitor, site, "www")
    app.evaluate("tributary('identify', 'old')")
    www.evaluate("tributary('identify', 'old')")
    before = last(app, door, "Before")
    assert before["userId"] == "old"

    www.evaluate(over)
    guest = last(www, door, "Guest") if is_seen else None
    app.reload()
    app.wait_for_function("window.tributary?.client")
    there = last(app, door, "There")
    www.evaluate("tributary('identify', 'new')")
    new = last(www, door, "New")

    assert (there.get("userId"), new["userId"]) == (None, "new")
    assert there["anonymousId"] == new["anonymousId"] != before["anonymousId"]
    assert there["context"]["session"]["id"] != before["context"]["session"]["id"]
    assert guest is None or guest["anonymousId"] == new["anonymousId"]


def test_tab_that_is_open_on_another_subdomain_hears_of_a_logout_too(
    visitor: BrowserContext, site: Site, head: Head, door: ScriptedDoor
) -> None:
    site.head = head
    app, www = opened(visitor, site, "app"), opened(visitor, site, "www")
    app.evaluate("tributary('identify', 'old')")

    www.evaluate("tributary('reset')")

    assert last(app, door, "Guest").get("userId") is None
    app.evaluate("tributary('identify', 'new')")
    assert last(app, door, "New")["userId"] == "new"


@pytest.mark.parametrize("over", ["tributary('reset')", IS_BACK], ids=["reset", "opt-out"])
def test_logout_before_an_agreement_leaves_other_subdomains_no_old_id(
    visitor: BrowserContext, site: Site, head: Head, door: ScriptedDoor, over: str
) -> None:
    site.head = head
    app = opened(visitor, site, "app")
    app.evaluate("tributary('identify', 'old')")
    before = last(app, door, "Before")
    site.head = asking(head)
    www = visitor.new_page()
    started(www, site.url("/", "www.shop.example"))

    www.evaluate(over)

    assert before["anonymousId"] not in www.evaluate("document.cookie")
    after = last(app, door, "After")
    assert after.get("userId") is None
    assert after["anonymousId"] != before["anonymousId"]


def test_logout_of_nobody_before_an_agreement_keeps_nothing(
    tab: Page, site: Site, head: Head, door: ScriptedDoor
) -> None:
    site.head = asking(head)
    started(tab, site.url("/"))

    tab.evaluate("tributary('reset'); tributary('optIn')")

    assert tab.evaluate("[localStorage.length, document.cookie]") == [0, ""]


def test_id_outlives_a_cookie_that_the_browser_deletes(
    visitor: BrowserContext, site: Site, head: Head, door: ScriptedDoor
) -> None:
    """Safari keeps cookies of scripts for a week."""
    site.head = head
    app = opened(visitor, site, "app")
    app.evaluate("tributary('identify', 'ann')")
    before = last(app, door, "Before")
    visitor.clear_cookies()

    app.reload()
    app.wait_for_function("window.tributary?.client")
    after = last(app, door, "After")

    assert (after["anonymousId"], after["userId"]) == (before["anonymousId"], "ann")
    assert before["anonymousId"] in app.evaluate("document.cookie")


NO_COOKIES = "Object.defineProperty(document, 'cookie', {get: () => '', set() {}})"
NO_STORAGE = (
    "Object.defineProperty(window, 'localStorage', {get() { throw new DOMException('blocked', 'SecurityError') }})"
)


@pytest.mark.parametrize(("blocked", "user"), [(NO_COOKIES, "ann"), (NO_STORAGE, None)], ids=["cookies", "storage"])
def test_one_of_cookies_and_storage_is_enough_for_the_id_and_for_a_logout(
    tab: Page, context: BrowserContext, site: Site, head: Head, door: ScriptedDoor, blocked: str, user: str | None
) -> None:
    context.add_init_script(blocked)
    site.head = head
    started(tab, site.url("/"))
    tab.evaluate("tributary('identify', 'ann'); tributary('flush')")
    door.wait(1)
    first = tab.evaluate("tributary('id')")
    started(tab, site.url("/next"))
    tab.evaluate("tributary('track', 'Next'); tributary('flush').then(() => window.over = true)")
    tab.wait_for_function("window.over")

    tab.evaluate("tributary('reset')")
    second = tab.evaluate("tributary('id')")
    started(tab, site.url("/last"))

    (event,) = [one for one in door.events() if one.get("event") == "Next"]
    assert (event["anonymousId"], event.get("userId")) == (first, user)
    assert tab.evaluate("tributary('id')") == second != first


@pytest.mark.parametrize("look", ["", "tributary('track', 'Refused');"])
def test_what_is_held_is_dropped_when_the_person_refuses_on_another_subdomain(
    visitor: BrowserContext, site: Site, head: Head, door: ScriptedDoor, look: str
) -> None:
    """Events of before the refusal were sent with an agreement that came after it."""
    site.head = asking(head)
    app, www = visitor.new_page(), visitor.new_page()
    for tab, name in ((app, "app"), (www, "www")):
        started(tab, site.url("/", f"{name}.shop.example"))
        tab.evaluate("tributary('track', 'Held')")

    www.evaluate("tributary('consent', 'denied')")
    app.evaluate(f"{look} tributary('consent', 'granted'); tributary('track', 'Agreed')")
    delivered(app)

    assert names(door) == ["Agreed"]


def test_refusal_deletes_what_waits_under_every_write_key(
    tab: Page, site: Site, head: Head, door: ScriptedDoor, key: str
) -> None:
    door.usual = lambda _: Answer(503, "", CORS)
    site.head = head.replace(key, "another_key")
    started(tab, site.url("/"))
    tab.wait_for_function(f"{WAITING} === 1")
    site.head = head
    started(tab, site.url("/"))
    tab.wait_for_function(f"{WAITING} === 2")
    tab.evaluate("localStorage.setItem('tributary.p.another_key', String(Date.now() + 4e5))")

    tab.evaluate("tributary('consent', 'denied')")

    assert tab.evaluate("Object.keys(localStorage)") == ["tributary.consent"]


def test_order_of_a_person_is_theirs_after_the_id_of_another_subdomain_was_taken(
    visitor: BrowserContext, site: Site, head: Head, door: ScriptedDoor
) -> None:
    site.head = head
    app, www = opened(visitor, site, "app"), opened(visitor, site, "www")
    www.evaluate("tributary('reset'); tributary('identify', 'new')")

    app.evaluate("tributary('identify', 'new')")
    delivered(app)

    assert [event["userId"] for event in calls(door)] == ["new"]
    assert last(app, door, "Order")["userId"] == "new"
