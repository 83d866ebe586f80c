"""Pages of events and quality while ClickHouse is stopped, or hangs: what waits on the log is found (R9, R12)."""

import socket
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from queue import LifoQueue
from typing import Any

import pytest

from apps.shared import clickhouse as store
from tests.factories.company import Company
from tests.reports.views import test_events as events
from tests.reports.views.test_events import ORDER, Door, ask, stages

pytestmark = pytest.mark.stores
door = events.door


class Relay:
    """Passes bytes between clients and the real store until it hangs; it still takes connections then."""

    def __init__(self, target: tuple[str, int]) -> None:
        self._target, self._hangs = target, threading.Event()
        self._server = socket.create_server(("127.0.0.1", 0))
        self.port = self._server.getsockname()[1]
        threading.Thread(target=self._take, daemon=True).start()

    def hang(self) -> None:
        self._hangs.set()

    def close(self) -> None:
        self._server.close()

    def _take(self) -> None:
        with suppress(OSError):
            while True:
                client, _address = self._server.accept()
                store_side = socket.create_connection(self._target)
                for source, sink in ((client, store_side), (store_side, client)):
                    threading.Thread(target=self._pass, args=(source, sink), daemon=True).start()

    def _pass(self, source: socket.socket, sink: socket.socket) -> None:
        with suppress(OSError):
            while received := source.recv(65_536):
                if self._hangs.is_set():
                    threading.Event().wait(60)
                sink.sendall(received)


@pytest.fixture
def away(monkeypatch: pytest.MonkeyPatch, settings: Any) -> Iterator[Callable[[str], None]]:
    """Take the store away: stopped (its port is closed), or hanging (it takes connections and says nothing)."""
    with ExitStack() as stack:

        def call(how: str) -> None:
            server = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
            monkeypatch.setitem(settings.DATABASES["clickhouse"], "HOST", "127.0.0.1")
            monkeypatch.setitem(settings.DATABASES["clickhouse"], "PORT", server.getsockname()[1])
            monkeypatch.setattr(store, "_idle", defaultdict(LifoQueue))
            monkeypatch.setattr(store, "_GREETING", 0.3)
            if how == "stopped":
                server.close()

        yield call


@pytest.mark.parametrize("how", ["stopped", "hanging"])
def test_event_on_the_log_is_found_while_the_store_is_away(
    company: Company, door: Door, away: Callable[[str], None], how: str
) -> None:
    door.send(ORDER)
    away(how)
    began = time.monotonic()

    html = ask(company, company.ada, "?q=order-1")
    of_person = ask(company, company.ada, "?q=customer-7")
    unknown = ask(company, company.ada, "?message_id=order-9")

    assert stages(html) == ["received", "logged", "stored"]
    assert "The store of events does not answer" in html
    assert "order-1" in of_person
    assert "No message with this id was received" not in unknown
    assert time.monotonic() - began < 15


@pytest.mark.parametrize("how", ["stopped", "hanging"])
def test_live_page_shows_what_waits_while_the_store_is_away_and_goes_on_after(
    company: Company, door: Door, away: Callable[[str], None], settings: Any, how: str
) -> None:
    door.send(ORDER)
    real, ada, part = (
        dict(settings.DATABASES["clickhouse"]),
        company.client_of(company.ada),
        {"HX-Target": "live_counters"},
    )
    away(how)
    began = time.monotonic()

    answer = ada.get("/o/fernweh/p/shop/live/")
    asked_again = ada.get("/o/fernweh/p/shop/live/", headers={"HX-Request": "true", **part}).content.decode()
    of_nobody = ada.get("/o/fernweh/p/shop/live/?q=customer-8").content.decode()

    assert answer.status_code == 200
    for html in (answer.content.decode(), asked_again):
        assert "The store of events does not answer" in html
        assert ("order-1" in html, "Order Completed" in html) == (True, True)
    assert "Nothing waits" in of_nobody
    assert time.monotonic() - began < 15

    settings.DATABASES["clickhouse"].update(real)
    back = ada.get("/o/fernweh/p/shop/live/", headers={"HX-Request": "true", **part}).content.decode()
    assert ("does not answer" in back, "Events in the last minute" in back) == (False, True)


def test_program_finds_what_waits_and_hears_that_the_rest_cannot_be_known(
    company: Company, door: Door, away: Callable[[str], None]
) -> None:
    door.send(ORDER)
    away("stopped")
    ada = company.client_of(company.ada)
    ada.raise_request_exception = False  # a 503 is an answer
    root = f"/api/v1/properties/{company.shop.pk}/events"

    assert ada.get(f"{root}/order-1/").json()["state"] == "waiting"
    assert ada.get(f"{root}/order-9/").status_code == 503


def test_store_that_hangs_after_it_has_answered_is_not_waited_for_longer_than_for_a_greeting(
    company: Company, door: Door, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    """A connection of the pool, to a server that stops to answer: its queries may take longer than that."""
    real = settings.DATABASES["clickhouse"]
    relay = Relay((real["HOST"], int(real["PORT"])))
    monkeypatch.setitem(real, "HOST", "127.0.0.1")
    monkeypatch.setitem(real, "PORT", relay.port)
    monkeypatch.setattr(store, "_idle", defaultdict(LifoQueue))
    monkeypatch.setattr(store, "_GREETING", 0.3)
    door.send(ORDER)
    assert "does not answer" not in ask(company, company.ada, "?q=order-1")
    relay.hang()
    began = time.monotonic()

    html = ask(company, company.ada, "?q=order-1")

    assert stages(html) == ["received", "logged", "stored"]
    assert time.monotonic() - began < 12
    relay.close()


@pytest.mark.parametrize("page", ["", "quarantine/", "schemas/", "quarantine/item/?id=x"])
def test_page_of_quality_says_that_the_store_is_away(
    company: Company, clickhouse: None, valkey: None, away: Callable[[str], None], page: str
) -> None:
    away("stopped")

    answer = company.client_of(company.ada).get(f"/o/fernweh/p/shop/quality/{page}")

    assert answer.status_code == 503
    assert "The figures cannot be reached" in answer.content.decode()
