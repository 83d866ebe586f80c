"""A browser looks at the pages anyone can open: WCAG 2.2 AA by axe-core, the content policy, the keyboard."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal

import pytest
from django.contrib.staticfiles.handlers import StaticFilesHandler
from django.test.testcases import LiveServerThread
from django.utils import timezone
from playwright.sync_api import Browser, Page, sync_playwright

from apps.ingestion import services
from tests.conftest import CHROMIUM
from tests.factories.company import make_company

AXE = Path("node_modules/axe-core/axe.min.js")
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """The pages that need no store, served from a thread."""
    server = LiveServerThread("127.0.0.1", StaticFilesHandler)
    server.daemon = True
    server.start()
    server.is_ready.wait(10)
    assert server.error is None
    yield f"http://127.0.0.1:{server.port}"
    server.terminate()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium without a window."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield browser
        browser.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """One page; whatever the console complains of ends up in `complaints`."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    yield context.new_page()
    context.close()


def complaints_of(page: Page) -> list[str]:
    """Return a list that grows with every error in the page."""
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    return complaints


def violations(page: Page) -> list[tuple[str, list[Any]]]:
    """Return what axe-core finds; it is evaluated from outside, so the page's policy stays in force."""
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate("rules => axe.run(document, {runOnly: rules})", RULES)["violations"]
    return [(one["id"], [node["target"] for node in one["nodes"]]) for one in found]


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("path", ["/design/", "/accounts/login/", "/accounts/password/reset/", "/no-such-page/"])
def test_page_in_a_theme_has_no_violation(page: Page, address: str, path: str, theme: Literal["light", "dark"]) -> None:
    page.emulate_media(color_scheme=theme)
    page.goto(address + path, wait_until="load")
    page.wait_for_timeout(400)

    assert violations(page) == []


@pytest.mark.parametrize("width", [390, 1280])
def test_gallery_breaks_no_policy_and_fits_its_width(page: Page, address: str, width: int) -> None:
    complaints = complaints_of(page)
    page.set_viewport_size({"width": width, "height": 900})

    page.goto(f"{address}/design/", wait_until="load")
    page.wait_for_selector("#trend canvas")

    assert complaints == []
    assert page.evaluate("document.documentElement.scrollWidth") == width


@pytest.mark.django_db
def test_long_names_and_addresses_of_a_link_fit_a_phone(page: Page, address: str) -> None:
    company, long = make_company(), f"https://shop.example/{'path' * 60}?a={'b' * 300}"
    link = services.create_link(
        property_id=company.shop.pk, made_by=company.ada, name="N" * 110, destination=long, ios_destination=long,
        source="s" * 100, deep_link=f"shop://{'x' * 150}", campaign="c" * 110,
    )  # fmt: skip
    about = {"property_id": company.shop.pk, "link_id": link.pk, "made_by": company.ada}
    services.change_link(**about, now=timezone.now(), destination=f"{long}&c=1", name="M" * 110)
    html = company.client_of(company.ada).get(f"/o/fernweh/p/shop/links/{link.pk}/").content.decode()
    page.route(f"{address}/long", lambda route: route.fulfill(body=html, content_type="text/html"))
    page.set_viewport_size({"width": 320, "height": 900})

    page.goto(f"{address}/long", wait_until="load")

    assert page.evaluate("document.documentElement.scrollWidth") == 320


def test_theme_changed_by_key_is_there_after_reload(page: Page, address: str) -> None:
    page.emulate_media(color_scheme="light")
    page.goto(f"{address}/design/", wait_until="load")

    page.keyboard.press("t")
    page.reload(wait_until="commit")

    assert page.locator("html").get_attribute("data-theme") == "dark"


def test_question_mark_opens_the_keys_and_escape_closes_them(page: Page, address: str) -> None:
    page.goto(f"{address}/design/", wait_until="load")

    page.keyboard.press("?")
    is_open = page.locator("#shortcuts").is_visible()
    page.keyboard.press("Escape")

    assert is_open
    assert page.locator("#shortcuts").is_hidden()


def test_dialog_without_script_opens_by_its_link(browser: Browser, address: str) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{address}/design/")

    page.click("text=Open the dialog")

    assert page.locator("#sample-dialog").is_visible()
    context.close()


def test_chart_is_drawn_again_for_the_other_theme(page: Page, address: str) -> None:
    page.emulate_media(color_scheme="light")
    page.goto(f"{address}/design/", wait_until="load")
    page.wait_for_selector("#trend canvas")
    page.wait_for_timeout(600)
    before = page.locator("#trend canvas").first.evaluate("canvas => canvas.toDataURL()")

    page.keyboard.press("t")
    page.wait_for_timeout(600)

    assert page.locator("#trend canvas").first.evaluate("canvas => canvas.toDataURL()") != before
