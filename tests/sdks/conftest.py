"""A shop's own website beside a real door, and what arrives there."""

import os
import threading
import urllib.request
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from django.template.loader import get_template
from playwright.sync_api import Browser, BrowserContext, BrowserType, Page, sync_playwright

from apps.orgs.models import Stream
from apps.shared import clickhouse as facts
from tests import corners, plugin
from tests.conftest import CHROMIUM
from tests.factories.company import Company
from tests.ingestion.conftest import living_company, running_collect  # noqa: F401  fixtures
from tests.ingestion.processes import Process, wait_until, writer
from tests.sdks import built
from tests.sdks.apps import app, program, sdk  # noqa: F401  fixtures

# Headless Chromium says that it is one, and the door counts no robot.
AGENT = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36"


class Site:
    """Pages of a customer: every address answers with the same page, whose head and headers a test chooses."""

    def __init__(self) -> None:
        self.head, self.headers = "", dict[str, str]()
        site = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                page = f"<!doctype html><title>Shop</title>{site.head}<body><h1>Shop</h1>".encode()
                self.send_response(200)
                self.send_header("Content-Type", "text/html; charset=utf-8")
                for name, value in site.headers.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(page)

            def log_message(self, *_: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def url(self, path: str = "/", host: str = "localhost") -> str:
        """Return an address of this site; `127.0.0.1` is another site to a browser."""
        return f"http://{host}:{self.port}{path}"


@pytest.fixture(scope="session")
def _built() -> str:
    return built.complaint()


@pytest.fixture(scope="module")
def _server(_built: str) -> Iterator[Site]:
    if _built:
        pytest.fail(_built, pytrace=False)  # else every test would wait for events that an old build never sends
    one = Site()
    yield one
    one.server.shutdown()


@pytest.fixture
def site(_server: Site) -> Site:
    """One website, with nothing that another test has put into it."""
    _server.head, _server.headers = "", {}
    return _server


Snippet = Callable[..., str]


@pytest.fixture
def snippet(running_collect: Process, key: str) -> Snippet:  # noqa: F811
    """The snippet of the settings page that a customer puts into a page, with options as data attributes."""

    def made(**options: str) -> str:
        said = "".join(f' data-{name}="{value}"' for name, value in options.items())
        host = f"http://127.0.0.1:{running_collect.port}"
        snippet = get_template("orgs/snippets/page.txt").render({"host": host, "key": key})
        return snippet.replace(f'data-write-key="{key}"', f'data-write-key="{key}"{said}')

    return made


WAITING = "Object.keys(localStorage).filter(key => key.startsWith('tributary.q.')).length"


def sent(tab: Page) -> None:
    """Wait until nothing waits in the visitor's browser."""
    tab.wait_for_function(f"{WAITING} === 0", timeout=20_000)


@pytest.fixture(scope="module")
def chromium() -> Iterator[BrowserType]:
    """What starts Chromium, for one module: two at once do not get on."""
    if not CHROMIUM:
        pytest.skip("Chromium is not installed: apt-get install chromium")
    with sync_playwright() as playwright:
        yield playwright.chromium


@pytest.fixture(scope="module")
def browser(chromium: BrowserType) -> Iterator[Browser]:
    """Chromium, for one module. Its frames of other origins may start before a context has told them who they are."""
    arguments = ["--no-sandbox", "--disable-gpu", f"--user-agent={AGENT}"]
    one = chromium.launch(executable_path=CHROMIUM, args=arguments)
    yield one
    one.close()


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """A visitor whom nobody has seen."""
    one = browser.new_context(locale="en-GB", user_agent=AGENT)
    yield one
    one.close()


@pytest.fixture
def tab(context: BrowserContext) -> Page:
    """A tab of that visitor, which complains loudly about errors in the page."""
    page = context.new_page()
    page.on("pageerror", lambda error: pytest.fail(f"The page broke: {error}"))
    return page


@pytest.fixture(scope="module")
def module_writer(living_company: Company) -> Iterator[Process]:  # noqa: F811
    """One writer for all tests of a module; each test has a stream of its own to tell its events by."""
    with writer(dict(os.environ)) as process:
        yield process


@pytest.fixture
def stream(living_company: Company, request: pytest.FixtureRequest, clickhouse: None) -> Iterator[Stream]:  # noqa: F811
    """A stream of Ada's shop for one test: of the app's kind, or what the test's module says, or a web stream."""
    kind = request.getfixturevalue("sdk") if "sdk" in request.fixturenames else None
    kind = kind or getattr(request.module, "STREAM_KIND", "web")
    row = Stream.objects.create(property=living_company.shop, kind=kind, name=request.node.name[:100])
    yield row
    row.delete()


@pytest.fixture
def key(stream: Stream) -> str:
    """The write key of this test's stream."""
    return stream.write_key


class Arrived:
    """What came in by one stream and was stored."""

    def __init__(self, stream: Stream, writer: Process) -> None:
        self.stream, self.writer = stream, writer

    def rows(self, columns: str = "kind, name", order: str = "occurred_at, kind") -> list[tuple[Any, ...]]:
        """Return *columns* of every stored event."""
        sql = f"""
            SELECT {columns} FROM events
            WHERE property_id = {{property_id:UInt64}} AND stream_id = {{stream:UInt64}} ORDER BY {order}
        """
        return facts.select(sql, lambda *row: row, property_id=self.stream.property_id, stream=self.stream.pk)

    def wait(self, count: int, seconds: float = 30) -> None:
        """Wait until *count* events are stored, and no more."""
        wait_until(lambda: len(self.rows()) >= count, seconds, self._told)
        assert len(self.rows()) == count, self.rows()

    def _told(self) -> str:
        """Say what is known when events are missing: whether the store has them, has them elsewhere, or never had."""
        streams = "SELECT property_id, stream_id, count() FROM events GROUP BY ALL"
        parts = "SELECT name, rows FROM system.parts WHERE database = currentDatabase() AND table = 'events' AND active"
        with corners.client(plugin.layout(), plugin.corner()) as store:
            found = f"{store.execute(streams)} {store.execute(parts)}"
        return f"{self.writer.said()[-1500:]} {found} {self.stream.pk} {self.rows()}"


@pytest.fixture
def arrived(stream: Stream, module_writer: Process) -> Arrived:
    """The events of this test's stream."""
    return Arrived(stream, module_writer)


def answers(process: Process) -> None:
    """Wait until a door that was started again answers."""
    url = f"http://127.0.0.1:{process.port}/health"

    def is_up() -> bool:
        try:
            return bool(urllib.request.urlopen(url, timeout=5).status == 200)
        except OSError:
            return False

    wait_until(is_up, 30, process.said)
