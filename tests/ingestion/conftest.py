"""The door in this process, and running for real."""

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connections
from django.test import Client
from pytest_django import DjangoDbBlocker

from apps.ingestion import wiring
from apps.ingestion.domain import deliveries
from apps.orgs.models import Organization, User
from tests.factories.company import Company, make_company
from tests.fakes.event_log import MemoryLog
from tests.ingestion.processes import Process, collect, writer


@pytest.fixture
def company(db: None) -> Company:
    """Ada, Grace and Mallory with a property on each side."""
    return make_company()


@pytest.fixture
def log(monkeypatch: pytest.MonkeyPatch) -> MemoryLog:
    """A log in memory behind the door."""
    memory = MemoryLog()
    monkeypatch.setattr(wiring, "event_log", lambda *_: memory)
    return memory


@pytest.fixture
def door(settings: Any, log: MemoryLog) -> Iterator[Client]:
    """A client of the `collect` process's addresses, with its slim middleware."""
    settings.ROOT_URLCONF = "config.urls_collect"
    settings.MIDDLEWARE = ["apps.shared.middleware.RequestContextMiddleware"]
    wiring.stream_of().forget()
    wiring.link_of().forget()
    yield Client(raise_request_exception=False)
    wiring.stream_of().forget()
    wiring.link_of().forget()


@pytest.fixture
def key(company: Company) -> str:
    """The write key of Ada's web stream."""
    return company.shop.streams.get().write_key


@pytest.fixture(scope="module")
def living_company(stores: Any, django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Company]:
    """A company that other processes see: committed, and deleted afterwards."""
    with django_db_blocker.unblock():
        made = make_company()
        yield made
        Organization.objects.filter(pk__in=[made.organization.pk, made.theirs.organization_id]).delete()
        User.objects.filter(pk__in=[made.ada.pk, made.grace.pk, made.mallory.pk]).delete()
        connections["default"].close()


@pytest.fixture(scope="module")
def running_collect(living_company: Company) -> Iterator[Process]:
    """A real `collect` with one worker on the test stores."""
    with collect(dict(os.environ)) as process:
        yield process


@pytest.fixture
def running_writer(living_company: Company, clickhouse: None, valkey: None) -> Iterator[Process]:
    """A real writer on the test stores."""
    with writer(dict(os.environ)) as process:
        yield process


@pytest.fixture
def run(company: Company, log: MemoryLog, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Any:
    """Run the command in a folder of its own and return the events on the log."""
    remembered: dict[str, Any] = {}
    monkeypatch.setattr(wiring, "event_log", lambda *_: log)
    monkeypatch.setattr(log, "lag", lambda: 0, raising=False)
    monkeypatch.setattr("apps.ingestion.management.commands.import_events.cache", _Cache(remembered))
    monkeypatch.chdir(tmp_path)

    def call(file: Path, *options: str) -> list[dict[str, Any]]:
        log.entries.clear()
        call_command("import_events", str(file), "--property", "fernweh/shop", *options)
        found = [item for entry in log.entries.values() for item in deliveries.decode(entry.body).items]
        return [{"id": item.message_id, "kind": item.kind, **json.loads(item.payload)} for item in found]

    return call


class _Cache(dict[str, Any]):
    def set(self, key: str, value: Any, _seconds: int) -> None:
        self[key] = value

    def delete(self, key: str) -> None:
        self.pop(key, None)
