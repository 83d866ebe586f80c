"""The dashboard in a browser: an event goes in, the figures move; by keyboard, without JavaScript, in both themes."""

import base64
import json
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.house import House

SHOP = "/o/fernweh/p/shop/"
PAGES = (
    "", "methods/", "what-if/?method=linear&rule_channel=", "conversions/", "unattributed/", "live/", "events/",
    "settings/",
)  # fmt: skip
AXE = Path("node_modules/axe-core/axe.min.js")
COLLECTING = ("collection/", "links/", "links/new/", "links/names/", "links/apps/")


@pytest.fixture(scope="module")
def shop(house: House) -> House:
    """A house with a small demo in it."""
    house.manage("load_demo", "--persons", "1500", "--folder", str(house.layout.folder))
    return house


def login_of(house: House) -> tuple[str, str]:
    """Return the address and the password of the demo's owner."""
    email, password = (house.layout.folder / "demo-login.txt").read_text(encoding="utf-8").split()
    return email, password


def sign_in(page: Page, house: House) -> None:
    """Sign Ada in."""
    email, password = login_of(house)
    page.goto("/accounts/login/")
    page.fill("input[name=login]", email)
    page.fill("input[name=password]", password)
    page.keyboard.press("Enter")
    page.wait_for_url("**/o/**")


def send(house: House, key: str, message_id: str, **body: object) -> None:
    """Send one event to the door."""
    event = {"event": "Order Completed", "messageId": message_id, "anonymousId": "browser-1", **body}
    request = urllib.request.Request(
        f"{house.collect}/v1/track",
        data=json.dumps(event).encode(),
        headers={
            "Content-Type": "application/json",
            "Authorization": "Basic " + base64.b64encode(f"{key}:".encode()).decode(),
        },
    )
    with urllib.request.urlopen(request, timeout=10) as answer:
        assert answer.status == 200


def write_key(page: Page) -> str:
    """Return the write key that the settings show first."""
    page.goto(SHOP + "settings/")
    return page.locator("code[id^=key-]").first.inner_text()


@pytest.fixture
def ada(page: Page, shop: House) -> Iterator[Page]:
    """A page in which Ada is signed in; a script that fails fails the test."""
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(str(error)))
    sign_in(page, shop)
    yield page
    assert problems == []


def test_method_switch_swaps_the_figures_in_place(ada: Page) -> None:
    ada.goto(SHOP)
    ada.evaluate("window.isSamePage = true")

    ada.get_by_role("link", name="Linear", exact=True).click()

    expect(ada.locator(".segmented__item[aria-current]")).to_have_text("Linear")
    assert ada.evaluate("window.isSamePage")
    assert "method=linear" in ada.url
    expect(ada.locator("#over_time canvas")).to_be_visible()
    expect(ada.locator("#main_nav a[href*='method=linear']").first).to_be_attached()


def test_date_range_changes_and_going_back_returns(ada: Page) -> None:
    ada.goto(SHOP)

    ada.locator("details.date-range > summary").click()
    ada.get_by_role("link", name="Last 7 days").click()
    ada.wait_for_url("**preset=last_7_days**")
    ada.go_back()

    expect(ada.get_by_role("heading", level=1)).to_have_text("Overview")
    assert "preset" not in ada.url


def test_click_on_a_channel_filters_and_its_chip_takes_it_back(ada: Page) -> None:
    ada.goto(SHOP)

    ada.locator("tbody a", has_text="Email").click()
    expect(ada.locator(".chip")).to_contain_text("Email")
    ada.locator(".chip__remove").click()

    expect(ada.locator(".chip")).to_have_count(0)


def test_pages_are_reached_by_keys_alone(ada: Page) -> None:
    ada.goto(SHOP)

    ada.keyboard.press("g")
    ada.keyboard.press("m")
    ada.wait_for_url("**/methods/**")
    ada.keyboard.press("g")
    ada.keyboard.press("c")
    ada.wait_for_url("**/conversions/**")
    ada.keyboard.press("g")
    ada.keyboard.press("h")
    expect(ada.locator("#rules")).to_be_visible()  # part of a page, and folded up otherwise
    ada.goto(SHOP + "conversions/")
    ada.keyboard.press("/")

    expect(ada.locator("[data-search]")).to_be_focused()


def test_event_that_is_sent_appears_live_within_two_seconds(ada: Page, shop: House) -> None:
    key = write_key(ada)
    ada.goto(SHOP + "live/")
    expect(ada.locator("[data-live-status]")).to_have_attribute("data-state", "open", timeout=10_000)

    took = []
    for _ in range(5):  # the quickest counts: other tests have the same processors
        message_id = f"live-{time.time_ns()}"
        since = time.monotonic()
        send(shop, key, message_id)
        row = ada.locator(f"tr[data-live-row] a[href*='{message_id}']")
        expect(row).to_be_visible(timeout=20_000)
        took.append(time.monotonic() - since)

    assert min(took) < 2, took
    expect(ada.locator("#live_rows tbody")).to_have_count(1)  # else the columns would not meet
    row.click()
    expect(ada.locator("#found")).to_contain_text("Taken by the writer")


def test_overview_takes_a_new_sale_in_without_being_reloaded(ada: Page, shop: House) -> None:
    key = write_key(ada)
    ada.goto(SHOP + "?preset=today&compare=none")
    expect(ada.locator("[data-live-status]")).to_have_attribute("data-state", "open", timeout=10_000)
    ada.evaluate("window.isSamePage = true")
    figure = ada.locator(".stat__value").first
    before = figure.inner_text() if figure.count() else ""

    send(shop, key, f"sale-{time.time_ns()}", properties={"order_id": str(time.time_ns()), "revenue": 12})

    expect(ada.locator(".stat__value").first).not_to_have_text(before, timeout=20_000)
    assert ada.evaluate("window.isSamePage")


def test_everything_works_without_javascript(browser: Browser, shop: House) -> None:
    context = browser.new_context(base_url=shop.web, java_script_enabled=False)
    page = context.new_page()
    sign_in(page, shop)

    page.goto(SHOP)
    page.get_by_role("link", name="First touch").click()
    assert "method=first_touch" in page.url
    page.locator("#click").select_option("168")
    page.get_by_role("button", name="Apply").click()
    assert "click=168" in page.url
    page.goto(SHOP + "conversions/")
    page.locator("tbody a").first.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Journey to")
    page.goto(SHOP + "live/")
    expect(page.locator("tr[data-live-row]").first).to_be_visible()
    context.close()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_page_passes_axe(browser: Browser, shop: House, theme: str) -> None:
    # The checker is a script from outside; the policy that refuses it is tested elsewhere.
    context = browser.new_context(base_url=shop.web, bypass_csp=True)
    context.add_cookies([{"name": "theme", "value": theme, "url": shop.web}])
    page = context.new_page()
    sign_in(page, shop)
    page.goto(SHOP + "conversions/")
    journey = page.locator("tbody a").first.get_attribute("href") or ""
    found = {}

    for address in (*PAGES, *COLLECTING, "?by=campaign"):
        page.goto(SHOP + address)
        found[address] = violations(page)
    page.goto(journey)
    found["journey"] = violations(page)
    context.close()

    assert {address: rules for address, rules in found.items() if rules} == {}


def violations(page: Page) -> list[str]:
    """Return the rules of axe-core that a page breaks."""
    page.evaluate(AXE.read_text(encoding="utf-8"))
    result = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    return [f"{one['id']}: {one['nodes'][0]['html'][:120]}" for one in result["violations"]]


@pytest.mark.parametrize("width", [390, 1440])
def test_no_page_is_wider_than_its_window(ada: Page, width: int) -> None:
    ada.set_viewport_size({"width": width, "height": 900})

    for address in PAGES:
        ada.goto(SHOP + address)
        assert ada.evaluate("document.documentElement.scrollWidth <= innerWidth"), address
