"""Alive, ready and the figures: what a balancer and Prometheus read."""

import time
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from apps.shared import metrics
from apps.shared.health import stores as health_stores

pytestmark = pytest.mark.urls("apps.shared.health.urls")


def refuse() -> None:
    raise ConnectionRefusedError("connection refused")


@pytest.fixture
def with_stores(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    def replace(**asks: Callable[[], None]) -> None:
        well = dict.fromkeys(health_stores.STORES, lambda: None)
        monkeypatch.setattr(health_stores, "STORES", {**well, **asks})

    return replace


def test_alive_answers_without_any_store(client: Client, with_stores: Callable[..., None]) -> None:
    with_stores(postgresql=refuse, clickhouse=refuse, cache=refuse, event_log=refuse)

    body = client.get("/health").json()

    assert body["status"] == "alive"


def test_real_stores_are_ready(client: Client, stores: object, transactional_db: None, clickhouse: None) -> None:
    response = client.get("/ready")

    body = response.json()
    assert (response.status_code, body["status"], body["failing"]) == (200, "ready", [])
    assert list(body["stores"]) == ["postgresql", "clickhouse", "cache", "event_log"]


def test_failing_store_is_named_with_its_words(client: Client, with_stores: Callable[..., None]) -> None:
    with_stores(clickhouse=refuse)

    response = client.get("/ready")

    body = response.json()
    assert (response.status_code, body["status"], body["failing"]) == (503, "not ready", ["clickhouse"])
    assert body["stores"]["clickhouse"]["error"] == "ConnectionRefusedError: connection refused"


def test_silent_store_is_not_waited_for(
    client: Client, with_stores: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(health_stores, "PATIENCE_SECONDS", 0.1)
    with_stores(cache=lambda: time.sleep(1))
    began = time.monotonic()

    body = client.get("/ready").json()

    assert body["failing"] == ["cache"]
    assert body["stores"]["cache"]["error"] == "no answer in 0.1 s"
    assert time.monotonic() - began < 0.9


def test_door_of_events_is_ready_without_clickhouse(
    client: Client, with_stores: Callable[..., None], settings: Any
) -> None:
    settings.PROCESS = "collect"
    with_stores(clickhouse=refuse, cache=refuse)

    response = client.get("/ready")

    assert (response.status_code, response.json()["failing"]) == (200, [])


def test_door_of_events_is_not_ready_without_its_log(
    client: Client, with_stores: Callable[..., None], settings: Any
) -> None:
    settings.PROCESS = "collect"
    with_stores(event_log=refuse)

    response = client.get("/ready")

    assert (response.status_code, response.json()["failing"]) == (503, ["event_log"])


def test_figures_have_the_promised_names(client: Client) -> None:
    metrics.events_processed.labels("stored").inc(3)
    metrics.events_dropped.labels("bot").inc()
    client.get("/health")

    text = client.get("/metrics").content.decode()

    assert 'events_processed_total{outcome="stored"}' in text
    assert 'events_dropped_total{reason="bot"}' in text
    assert 'api_latency_count{method="GET",route="health",status="200"}' in text
