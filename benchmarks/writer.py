"""How many events one writer moves from the log into ClickHouse.

`python -m benchmarks.writer --events 200000`, with the stores of the environment, an empty log and no other writer.
The events belong to no property that a page shows, and are deleted afterwards.
"""

import argparse
import json
import os
import random
import time
from collections.abc import Callable
from typing import NamedTuple

import django

from benchmarks import processor

_WARM = 20_000


class Found(NamedTuple):
    """What one run found: by the clock, in a second of the writer's processor time, and what the store used."""

    events: int
    per_second: int
    per_core_second: int
    clickhouse_us: float


def measure(events: int, *, clickhouse: Callable[[], float]) -> Found:
    """Fill the log and write it all; *clickhouse* is the store's clock of processor seconds."""
    from apps.ingestion import services, wiring
    from apps.ingestion.domain.events import Surroundings
    from apps.ingestion.management.commands.write_events import fill, spare_collector
    from apps.ingestion.services import Sender, Writer
    from benchmarks.collect import event

    property_id = 2**40
    about = Surroundings(property_id, 1, "web", "EUR", frozenset(), frozenset())
    door, log, store, rng = wiring.event_log(), wiring.event_log_reader(), wiring.event_store(), random.Random(2)
    if log.lag():
        raise SystemExit("The log is not empty: stop collect and let the writer finish first.")
    for _ in range((events + _WARM) // 100):
        batch = [json.dumps(event(rng)).encode() for _ in range(100)]
        sender = Sender(about, time.time_ns() // 1_000_000)
        services.accept(batch, kind="", sender=sender, batch_sent_at=None, largest=32_768, new_id=lambda: "", log=door)
    writer = Writer(
        log=log,
        store=store,
        seen=services.load_seen_ids(store),
        rules_of=lambda _delivery: about,
        clock=lambda: time.time_ns() // 1_000_000,
        tell=lambda _news: None,
    )
    spare_collector()
    try:
        warm = 0
        while warm < _WARM:  # tables of user agents are read, connections made
            warm += writer.write(log.read(most=100, wait=0.2)).stored
        beside, started, used, stored = clickhouse(), time.perf_counter(), time.process_time(), 0
        events -= warm - _WARM
        while stored < events:
            stored += writer.write(fill(log, most=50_000, wait=0.2)).stored
        seconds, used = time.perf_counter() - started, time.process_time() - used
        beside = clickhouse() - beside
    finally:
        services.delete_property(property_id=property_id)
    return Found(stored, round(stored / seconds), round(stored / used), beside / stored * 1e6)


def main() -> None:
    """Print the row."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=200_000)
    parser.add_argument("--clickhouse", type=int, required=True, help="process id of the store")
    chosen = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.dev")
    django.setup()
    print(json.dumps(measure(chosen.events, clickhouse=processor.clock(chosen.clickhouse))._asdict()))


if __name__ == "__main__":
    main()
