"""Stores, browser and the running house, for every test. `tests/plugin.py` has named the stores before this."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis
from django.db import connections
from django.utils import timezone, translation
from pytest_django import DjangoDbBlocker

from apps.shared.local.layout import Layout
from tests import corners, keeper, plugin

CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser") or ""
TESTS = Path(__file__).parent


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """Name a test by its argument, not by bytes: gzip and zip write the clock, so each worker had names of its own."""
    return argname if isinstance(val, bytes) else None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark tests by what they use; those that start the whole house share one worker, for two would not fit."""
    for item in items:
        fixtures = getattr(item, "fixturenames", ())
        for fixture, mark in (("stores", "stores"), ("clickhouse", "clickhouse"), ("page", "browser")):
            if fixture in fixtures:
                item.add_marker(getattr(pytest.mark, mark))
        if item.path.is_relative_to(TESTS / "e2e"):
            item.add_marker(pytest.mark.e2e)
            item.add_marker(pytest.mark.xdist_group("house"))
        if "page" in fixtures and not CHROMIUM:
            item.add_marker(pytest.mark.skip(reason="Chromium is not installed: apt-get install chromium"))


@pytest.fixture(autouse=True)
def _own_language_and_clock() -> Iterator[None]:
    """Leave no language or time zone behind: a request keeps those of its reader in the thread until the next one."""
    yield
    translation.deactivate()
    timezone.deactivate()


@pytest.fixture(scope="session")
def stores() -> Layout:
    """PostgreSQL, ClickHouse and both Valkeys, running, with this process's own databases in them."""
    layout = plugin.layout()
    keeper.ask_for_stores(layout.folder)
    corners.clone(layout, plugin.corner())
    return layout


@pytest.fixture(scope="session")
def django_db_setup(stores: Layout) -> None:
    """Use the cloned databases as they are, instead of migrating new ones."""


@pytest.fixture
def valkey(stores: Layout) -> Iterator[None]:
    """Leave the cache and the event log empty behind a test, and find them so: a running door may have left entries."""
    _empty_valkey()
    yield
    _empty_valkey()


def _empty_valkey() -> None:
    for variable in ("REDIS_URL", "EVENT_LOG_URL"):
        address = os.environ[variable].partition("://")[2]
        with redis.Redis.from_url(f"redis://{address}") as client:
            client.flushdb()


@pytest.fixture
def clickhouse(stores: Layout, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """Allow ClickHouse, also through the ORM, and leave its tables empty behind a test."""
    connection = connections["clickhouse"]
    blocked = {name: value for name, value in vars(connection).items() if hasattr(value, "wrapped")}
    with django_db_blocker.unblock():
        for name, failure in blocked.items():
            setattr(connection, name, failure.wrapped)
        yield
        for name, failure in blocked.items():
            setattr(connection, name, failure)
        corners.empty_facts(stores, plugin.corner())
