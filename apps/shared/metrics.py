"""Every counter and timing of the product, in one place, so that a dashboard can rely on their names."""

import os
from pathlib import Path

from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client import generate_latest as exposition
from prometheus_client.multiprocess import MultiProcessCollector

_FAST = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)

events_processed = Counter("events_processed", "Events that reached their end, by that end.", ["outcome"])
events_dropped = Counter("events_dropped", "Events that were not stored, by reason.", ["reason"])
inspections_failed = Counter("inspections_failed", "Events that were stored unseen because a rule broke.")
events_flagged = Counter("events_flagged", "Events that were stored though they fail an expectation.")
events_repaired = Counter("events_repaired", "Events that were stored after a repair as they came.")
events_released = Counter("events_released", "Events that left quarantine, by how.", ["how"])
api_latency = Histogram("api_latency", "Seconds to answer a request.", ["route", "method", "status"], buckets=_FAST)
stage_seconds = Histogram("stage_seconds", "Seconds of one stage of the way of the data.", ["stage"], buckets=_FAST)
clickhouse_seconds = Histogram("clickhouse_seconds", "Seconds of a query to ClickHouse.", buckets=_FAST)
event_log_lag = Gauge(
    "event_log_lag",
    "Events on the log that the writer has not stored yet.",
    ["region"],  # empty where there is only one
    multiprocess_mode="mostrecent",
)


def latest() -> tuple[bytes, str]:
    """Return the figures of this machine and their content type.

    When several processes share a metrics folder (PROMETHEUS_MULTIPROC_DIR), the figures of all of them are added up.
    """
    folder = os.environ.get("PROMETHEUS_MULTIPROC_DIR")
    if not folder:
        return exposition(REGISTRY), CONTENT_TYPE_LATEST
    Path(folder).mkdir(parents=True, exist_ok=True)
    registry = CollectorRegistry()
    MultiProcessCollector(registry, path=folder)
    return exposition(registry), CONTENT_TYPE_LATEST
