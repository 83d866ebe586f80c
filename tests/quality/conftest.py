"""A property whose events go the whole way: the door, a log, the writer, the real store."""

import json
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client, override_settings
from django.utils import timezone

from apps.ingestion import wiring
from apps.ingestion.domain import inspections
from apps.ingestion.services import Writer, load_seen_ids
from apps.quality import queries, services
from apps.quality import wiring as quality
from apps.quality.models import Expectation
from apps.quality.queries import Item, Selection
from apps.shared import clickhouse as store
from tests.factories.company import Company, make_company
from tests.fakes.event_log import MemoryLog

MIDDLEWARE = ["apps.shared.middleware.RequestContextMiddleware"]
Send = Callable[..., list[dict[str, Any]]]


@pytest.fixture
def company(db: None, clickhouse: None, valkey: None) -> Company:
    """Ada, Grace and Mallory with a property on each side."""
    return make_company()


@pytest.fixture
def log(monkeypatch: pytest.MonkeyPatch) -> MemoryLog:
    """A log in memory behind the door."""
    memory = MemoryLog()
    monkeypatch.setattr(wiring, "event_log", lambda *_: memory)
    return memory


@pytest.fixture
def fresh(company: Company) -> Iterator[None]:
    """Forget what processes remember of settings."""

    def forget() -> None:
        for lookup in (wiring.stream_of(), wiring.property_of(), wiring.consent_rules_of(), quality.inspection()):
            lookup.forget()

    forget()
    yield
    forget()


@pytest.fixture
def send(company: Company, log: MemoryLog, fresh: None) -> Send:
    """Send events to the door of `collect`, as a batch, and return the answers."""
    stream = company.shop.streams.get()

    def call(*events: dict[str, Any]) -> list[dict[str, Any]]:
        with override_settings(ROOT_URLCONF="config.urls_collect", MIDDLEWARE=MIDDLEWARE):
            whole = [{"type": "track", "event": "Order", "userId": "ann", **one} for one in events]
            body = {"batch": whole, "writeKey": stream.write_key}
            text = json.dumps(body, separators=(",", ":"))  # with escaped letters, as many programs send them
            answer = Client().post("/v1/batch", text, content_type="application/json")
        assert answer.status_code in (200, 207, 422), answer.content
        return list(answer.json().get("results", ()))

    return call


@pytest.fixture
def write(log: MemoryLog, company: Company, fresh: None) -> Callable[[], None]:
    """Run a writer until the log is empty, with whatever is expected now."""

    def call() -> None:
        quality.inspection().forget()
        target = wiring.event_store()
        writer = Writer(
            log=log,
            store=target,
            seen=load_seen_ids(target),
            rules_of=wiring.rules_of,
            clock=lambda: time.time_ns() // 1_000_000,
            tell=lambda _news: None,
            inspection=inspections.registered(),
        )
        while entries := log.read(most=100, wait=0):
            writer.write(entries)

    return call


@pytest.fixture
def expect(company: Company) -> Callable[..., Expectation]:
    """Make an expectation of Ada's property."""

    def call(kind: str, field: str = "", severity: str = "quarantine", **values: Any) -> Expectation:
        given = {"name": f"{kind} {field}".strip(), "event": "*", "parameters": {}, **values}
        return services.create_expectation(
            property_id=company.shop.pk, made_by=company.ada, kind=kind, field=field, severity=severity, **given
        )

    return call


def everything(**values: Any) -> Selection:
    """Return a selection of all that was kept back in the last day."""
    now = timezone.now()
    return Selection(now - timedelta(days=1), now + timedelta(days=1), **values)


@pytest.fixture
def kept(company: Company) -> Callable[..., dict[str, Item]]:
    """Return what is in quarantine by id."""
    return lambda **values: {one.message_id: one for one in queries.found(company.shop.pk, everything(**values))}


@pytest.fixture
def stored(company: Company) -> Callable[[], dict[str, tuple[Any, ...]]]:
    """Return what is stored by id: properties, flags, repairs."""
    sql = "SELECT message_id, properties, flags, repairs FROM events WHERE property_id = {property_id:UInt64}"
    return lambda: {row[0]: row[1:] for row in store.select(sql, lambda *row: row, property_id=company.shop.pk)}
