"""How many events one writer moves from the log into ClickHouse.

`python -m benchmarks.writer --events 200000`, with the stores of the environment, an empty log and no other writer.
The events belong to no property that a page shows, and are deleted afterwards.
"""

import argparse
import json
import os
import random
import time

import django


def measure(events: int) -> dict[str, object]:
    """Fill the log, write it all, and return one row."""
    from apps.ingestion import services, wiring
    from apps.ingestion.domain.events import Surroundings
    from apps.ingestion.management.commands.write_events import fill, spare_collector
    from apps.ingestion.services import Sender, Writer
    from benchmarks.collect import event

    property_id = 2**40
    about = Surroundings(property_id, 1, "web", "EUR", frozenset(), frozenset())
    log, store, rng = wiring.event_log_reader(), wiring.event_store(), random.Random(2)
    if log.lag():
        raise SystemExit("The log is not empty: stop collect and let the writer finish first.")
    for _ in range(events // 100):
        batch = [json.dumps(event(rng)).encode() for _ in range(100)]
        sender = Sender(about, time.time_ns() // 1_000_000)
        services.accept(batch, kind="", sender=sender, batch_sent_at=None, largest=32_768, new_id=lambda: "", log=log)
    writer = Writer(
        log=log,
        store=store,
        seen=services.load_seen_ids(store),
        rules_of=lambda _delivery: about,
        clock=lambda: time.time_ns() // 1_000_000,
        tell=lambda _arrival, _events: None,
    )
    spare_collector()
    started, processor, stored = time.perf_counter(), time.process_time(), 0
    try:
        while stored < events:
            stored += len(writer.write(fill(log, most=50_000, wait=0.2)).events)
        seconds, busy = time.perf_counter() - started, time.process_time() - processor
    finally:
        services.delete_property(property_id=property_id)
    return {
        "what": "writer: log to ClickHouse",
        "events_per_second": round(stored / seconds),
        "events_per_processor_second": round(stored / busy),
        "events": stored,
    }


def main() -> None:
    """Print the row."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=200_000)
    chosen = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.dev")
    django.setup()
    print(json.dumps(measure(chosen.events)))


if __name__ == "__main__":
    main()
