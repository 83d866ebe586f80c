"""A page on a phone: drawn by the product, laid out by Chromium 390 px wide."""

from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

from django.contrib.staticfiles.handlers import StaticFilesHandler
from django.test.testcases import LiveServerThread
from playwright.sync_api import Page, Route, sync_playwright

from tests.conftest import CHROMIUM
from tests.shared.views.test_accessibility import QUIET

WIDTH = 390


@contextmanager
def phone(html: str) -> Iterator[Page]:
    """Give the page of *html*; styles and scripts come from a server, everything else is refused."""
    server = LiveServerThread("127.0.0.1", StaticFilesHandler)
    server.daemon = True
    server.start()
    server.is_ready.wait(10)
    try:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
            page = browser.new_context(viewport={"width": WIDTH, "height": 800}).new_page()
            page.route("**/*", lambda route: _answer(route, html))
            page.goto(f"http://127.0.0.1:{server.port}/page-under-test/", wait_until="load")
            yield page
            browser.close()
    finally:
        server.terminate()


def _answer(route: Route, html: str) -> None:
    path = urlsplit(route.request.url).path
    if path == "/page-under-test/":
        route.fulfill(body=html, content_type="text/html; charset=utf-8")
    elif path.startswith("/static/"):
        route.continue_()
    else:
        route.abort()


def beyond_the_edge(page: Page, selector: str) -> list[str]:
    """Return the texts of what *selector* finds that are not wholly on the screen, and how far the page scrolls."""
    return page.evaluate(  # type: ignore[no-any-return]
        """(selector) => {
          const width = document.documentElement.clientWidth;
          const whole = document.documentElement.scrollWidth;
          const wide = whole > width ? [`the page has ${whole} px`] : [];
          const out = [...document.querySelectorAll(selector)].filter((one) => {
            const { left, right, width: own } = one.getBoundingClientRect();
            return own > 0 && (left < 0 || right > width);
          });
          return wide.concat(out.map((one) => one.textContent.trim().slice(0, 60)));
        }""",
        selector,
    )
