"""The live page stays quick for the one who looks at it while far more arrives than anybody reads."""

import base64
import json
import threading
import time
import urllib.request

from playwright.sync_api import Page, expect

from tests.e2e.test_dashboard import SHOP, ada, shop, write_key  # noqa: F401  fixtures
from tests.house import House

# Every message is full from forty events a second on: as many rows as at two thousand.
EACH, PAUSE = 150, 0.5
# How many milliseconds a task takes depends on what else the machine does, how much work it was given does not.
WATCH = """() => {
    window.at_once = [];
    window.looked_through = 0;
    const nodes = (records) => records.flatMap(({ addedNodes }) => [...addedNodes]);
    const rows = (records) => nodes(records).filter(({ tagName }) => tagName === "TR");
    new MutationObserver((records) => window.at_once.push(rows(records).length))
        .observe(document.querySelector("#live_rows tbody"), { childList: true });
    document.body.addEventListener("htmx:load", ({ target }) => window.looked_through += target.tagName === "TR");
}"""


def pour(house: House, key: str, until: threading.Event) -> None:
    """Send events until it is enough."""
    headers = {"Authorization": "Basic " + base64.b64encode(f"{key}:".encode()).decode()}
    headers["Content-Type"] = "application/json"
    while not until.is_set():
        events = [{"type": "track", "event": "Seen", "anonymousId": f"v{n}"} for n in range(EACH)]
        body = json.dumps({"batch": events}).encode()
        urllib.request.urlopen(urllib.request.Request(f"{house.collect}/v1/batch", body, headers), timeout=30).close()
        until.wait(PAUSE)


def test_page_that_is_full_of_arriving_events_never_stalls(ada: Page, shop: House) -> None:  # noqa: F811
    key, enough = write_key(ada), threading.Event()
    ada.goto(SHOP + "live/")
    expect(ada.locator("[data-live-status]")).to_have_attribute("data-state", "open", timeout=10_000)
    ada.wait_for_timeout(1_000)  # the page's own beginning is not what is measured
    ada.evaluate(WATCH)
    sender = threading.Thread(target=pour, args=(shop, key, enough))
    sender.start()
    try:
        expect(ada.locator("#live_sample")).not_to_be_empty(timeout=30_000)
        ada.locator("#live_rows a").first.evaluate("link => window.first = link.href")
        until = time.monotonic() + 6
        while time.monotonic() < until:
            ada.wait_for_timeout(200)
    finally:
        enough.set()
        sender.join()

    assert ada.locator("#live_rows tbody tr").count() == 100
    assert ada.locator("#live_rows a").first.evaluate("link => window.first !== link.href")
    at_once = ada.evaluate("at_once")
    assert sum(at_once) > 100
    assert max(at_once) <= 10
    assert ada.evaluate("looked_through") == 0

    ada.keyboard.press("p")
    expect(ada.locator("[data-live-status]").first).to_have_attribute("data-state", "paused")
    ada.keyboard.press("x")
    expect(ada.locator("#live_rows tbody tr")).to_have_count(0)
    expect(ada.locator("#live_said")).to_contain_text("New events:", timeout=15_000)
