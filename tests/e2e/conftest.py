"""The running product and a browser in front of it."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from tests import plugin
from tests.conftest import CHROMIUM
from tests.house import House

_QUIET = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
)  # fmt: skip


@pytest.fixture(scope="session")
def house() -> Iterator[House]:
    """Every process and store of the product, without demo data; shared by the run's tests."""
    folder = Path(tempfile.mkdtemp(prefix="tributary-house-"))
    one = House(folder, plugin.TEMPLATE)
    try:
        one.start()
        yield one
    finally:
        one.stop()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium, for one module: the event loop that it leaves running would be in the way of asynchronous tests."""
    with sync_playwright() as playwright:
        one = playwright.chromium.launch(executable_path=CHROMIUM, args=list(_QUIET))
        yield one
        one.close()


@pytest.fixture
def page(browser: Browser, house: House) -> Iterator[Page]:
    """A page of a fresh browser whose addresses are relative to the running product."""
    context = browser.new_context(base_url=house.web)
    yield context.new_page()
    context.close()
