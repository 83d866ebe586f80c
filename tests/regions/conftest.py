"""Two regions with stores of their own: eu has those of every test, us a second ClickHouse, event log and Valkey."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import redis
from django.conf import settings as project
from django.core.cache import caches
from django.test import Client

from apps.ingestion import residency, wiring
from apps.orgs import services
from apps.orgs.models import Property
from apps.shared import regions
from apps.shared.local import stores as local_stores
from apps.shared.local import valkey
from apps.shared.local.layout import Layout, Ports
from apps.shared.local.service import Running
from config.regions import Region, alias
from tests import corners, plugin
from tests.factories.company import Company, make_company

COLLECT = {"eu": "https://in.eu.example.org", "us": "https://in.us.example.org"}
WEB = {"eu": "https://eu.example.org", "us": "https://us.example.org"}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep these tests in one worker, so that the second set of stores is started once."""
    for item in items:
        if item.path.is_relative_to(Path(__file__).parent):
            item.add_marker(pytest.mark.xdist_group("regions"))


@pytest.fixture(scope="session")
def far(stores: Layout) -> Iterator[Layout]:
    """The stores of us, running: servers and folders of their own."""
    folder = Path(tempfile.mkdtemp(prefix="tributary-far-"))
    layout = Layout(folder, Ports.free(), stores.secrets)
    plugin.TEMPLATE.copy_to(folder, ("clickhouse",))
    services_of_far = [
        valkey.cache_service(layout), valkey.event_log_service(layout), local_stores.clickhouse_service(layout)
    ]  # fmt: skip
    running = [Running(service, layout.logs / f"{service.name}.log") for service in services_of_far]
    for one in running:
        one.wait_until_ready()
    yield layout
    for one in running:
        one.stop()
    shutil.rmtree(folder, ignore_errors=True)


@dataclass(frozen=True)
class World:
    """A company with a property in each region, and a look into each region's stores past all of the product's code."""

    company: Company
    eu: Property
    us: Property
    layouts: dict[str, Layout]
    databases: dict[str, str]
    urls: dict[str, dict[str, str]]

    def key_of(self, region: str) -> str:
        """Return the write key of a region's property."""
        return (self.eu if region == "eu" else self.us).streams.get().write_key

    def rows(self, region: str, sql: str) -> list[tuple[Any, ...]]:
        """Ask the ClickHouse of a region."""
        with corners.client(self.layouts[region], self.databases[region]) as store:
            return store.execute(sql)  # type: ignore[no-any-return]

    def properties_in(self, region: str, table: str) -> set[int]:
        """Return the properties that have rows in a table of a region."""
        return {one for (one,) in self.rows(region, f"SELECT DISTINCT property_id FROM {table}")}

    def valkey(self, region: str, store: str) -> "redis.Redis":
        """Return a connection to the log or the cache of a region."""
        return redis.Redis.from_url(self.urls[region][store].replace("valkey://", "redis://"))

    def keys(self, region: str) -> list[str]:
        """Return the names of everything in the cache of a region."""
        with self.valkey(region, "REDIS_URL") as client:
            return sorted(key.decode() for key in client.keys("*"))

    def logged(self, region: str) -> int:
        """Return how many deliveries are on the log of a region."""
        with self.valkey(region, "EVENT_LOG_URL") as client:
            return int(client.xlen("events"))


@pytest.fixture
def urls(far: Layout) -> dict[str, dict[str, str]]:
    """The three addresses of each region's stores."""
    names = ("CLICKHOUSE_URL", "EVENT_LOG_URL", "REDIS_URL")
    theirs = far.environment()
    return {"eu": {name: os.environ[name] for name in names}, "us": {name: theirs[name] for name in names}}


@pytest.fixture
def world(
    stores: Layout,
    far: Layout,
    urls: dict[str, dict[str, str]],
    settings: Any,
    monkeypatch: pytest.MonkeyPatch,
    db: None,
    clickhouse: None,
    valkey: None,
) -> Iterator[World]:
    """Begin as every installation does, then declare two regions."""
    company = make_company()
    databases = {"eu": plugin.corner(), "us": corners.FACTS}
    _declare(settings, monkeypatch, urls, {"eu": stores, "us": far}, databases)
    services.assign_region(region="eu", property_ids=[company.shop.pk, company.theirs.pk])
    company.shop.refresh_from_db()
    for name in ("eu", "us"):
        residency.claim(name)
    us = services.create_property(
        organization=company.organization, name="Boutique", slug="boutique", time_zone="America/New_York",
        currency="USD", made_by=company.ada, region="us",
    )  # fmt: skip
    yield World(company, company.shop, us, {"eu": stores, "us": far}, databases, urls)
    for name, layout in {"eu": stores, "us": far}.items():
        with corners.client(layout, databases[name]) as store:
            store.execute("ALTER TABLE events MODIFY COMMENT ''")
    corners.empty_facts(far, corners.FACTS)
    for name in ("EVENT_LOG_URL", "REDIS_URL"):
        with redis.Redis.from_url(urls["us"][name].replace("valkey://", "redis://")) as client:
            client.flushdb()
    _forget()


def _declare(
    settings: Any,
    monkeypatch: pytest.MonkeyPatch,
    urls: dict[str, dict[str, str]],
    layouts: dict[str, Layout],
    databases: dict[str, str],
) -> None:
    _forget()
    for name, layout in layouts.items():
        place = {
            **project.DATABASES["clickhouse"], "HOST": "127.0.0.1", "PORT": layout.ports.clickhouse,
            "NAME": databases[name],
        }  # fmt: skip
        monkeypatch.setitem(project.DATABASES, alias(name), place)
        url = urls[name]["REDIS_URL"]
        monkeypatch.setitem(caches.settings, name, {**caches.settings["default"], "LOCATION": url})
        layer = project.CHANNEL_LAYERS["default"]
        monkeypatch.setitem(project.CHANNEL_LAYERS, name, {**layer, "CONFIG": {**layer["CONFIG"], "hosts": [url]}})
    settings.FACT_DATABASES = {alias(name): {} for name in layouts}
    settings.REGIONS = {
        name: Region(
            {"eu": "European Union", "us": "United States"}[name], COLLECT[name], WEB[name],
            urls[name]["EVENT_LOG_URL"], urls[name]["REDIS_URL"], alias(name),
        )
        for name in layouts
    }  # fmt: skip
    settings.REGION = ""


def _forget() -> None:
    regions.forget()
    for lookup in (wiring.stream_of(), wiring.link_of(), wiring.property_of()):
        lookup.forget()
    for made in (wiring.event_log, wiring.event_store, wiring.buckets, wiring.marks, wiring.kept_answers):
        made.cache_clear()


@pytest.fixture
def door(world: World, settings: Any) -> Client:
    """A client of the `collect` process's addresses, with its slim middleware, in a process that serves both."""
    settings.ROOT_URLCONF = "config.urls_collect"
    settings.MIDDLEWARE = ["apps.shared.middleware.RequestContextMiddleware"]
    return Client(raise_request_exception=False)
