"""The writer process: log to ClickHouse, until it is asked to stop."""

import argparse
import gc
import signal
import threading
import time
from functools import partial
from typing import Any

import structlog
from django.core.management.base import BaseCommand
from django.db import connections

from apps.ingestion import residency, services, wiring
from apps.ingestion.adapters import live_events
from apps.ingestion.domain import inspections
from apps.ingestion.domain.events import End
from apps.ingestion.domain.ports import Entry, EventLogReader, LogUnavailable
from apps.ingestion.services import REASON, Writer
from apps.shared import behalf, metrics
from apps.shared.management.regions import region_of

log = structlog.get_logger(__name__)
_LONGEST_PAUSE = 10.0


class Command(BaseCommand):
    """Write accepted events into ClickHouse.

    On Valkey one at a time: a second one waits for the first to go. On Kafka any number, which share its partitions.
    """

    help = "Write accepted events from the log into ClickHouse until stopped."
    requires_system_checks = ()

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        """Let an operator trade delay for larger blocks."""
        parser.add_argument("--region", help="whose log is written; default: the region of this process")
        parser.add_argument(
            "--drop-foreign",
            action="store_true",
            help="let go of deliveries of other regions, which otherwise stop the writer: only their number is kept",
        )
        parser.add_argument("--most", type=int, default=50_000, help="events in one block, at most about")
        parser.add_argument("--wait", type=float, default=0.2, help="seconds to wait for a block to fill")
        parser.add_argument("--drain", action="store_true", help="stop when the log is empty")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Write the log of one region, and be refused the stores of every other."""
        region = region_of(options["region"])
        with behalf.acting(behalf.within(region)):
            self._write(region, options)

    def _write(self, region: str, options: dict[str, Any]) -> None:
        """Run rounds until SIGTERM or Ctrl-C; a round under way is finished first."""
        stop = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        event_log = wiring.event_log_reader(region)
        writer = None
        failures = 0
        spare_collector()
        log.info("writer.started", region=region)
        while not stop.is_set():
            try:
                if not event_log.hold():
                    stop.wait(0.5)
                    continue
                writer = writer or _new_writer(event_log, region, drops_foreign=options["drop_foreign"])
                entries = fill(event_log, most=options["most"], wait=options["wait"])
                if event_log.has_gained():
                    writer.learn()
                if entries:
                    report(writer.write(entries))
                failures = 0
                metrics.event_log_lag.labels(region).set(event_log.lag())
                if options["drain"] and not entries:
                    break
            except Exception as error:
                # Whatever it is (a store that is down, a disk that is full), the entries are still on the log.
                failures += 1
                pause = min(0.2 * 2**failures, _LONGEST_PAUSE)
                expected = isinstance(error, LogUnavailable | services.StoreUnavailable | OSError)
                log.warning("writer.failed", error=str(error)[:500], again_in=pause, exc_info=not expected)
                event_log.rewind()
                connections.close_all()
                stop.wait(pause)
        event_log.close()
        log.info("writer.stopped")


def _new_writer(event_log: EventLogReader, region: str, *, drops_foreign: bool) -> Writer:
    residency.require(region)
    store = wiring.writers_store(region)
    seen = services.load_seen_ids(store)
    log.info("writer.ready", known_ids=seen.size)
    return Writer(
        log=event_log,
        store=store,
        seen=seen,
        rules_of=partial(wiring.rules_of, region=region),
        clock=lambda: time.time_ns() // 1_000_000,
        tell=partial(live_events.tell, region=region),
        drops_foreign=drops_foreign,
        inspection=inspections.registered(region),
    )


def spare_collector() -> None:
    """Let the collector of cycles rest: blocks of many small values would set it off again and again, for nothing."""
    gc.freeze()
    gc.set_threshold(200_000, 20, 50)


_READ_AT_ONCE = 400
_LARGEST_BLOCK = 64 * 1024 * 1024


def fill(event_log: EventLogReader, *, most: int, wait: float) -> list[Entry]:
    """Return the entries of one block: at most about *most* events, or what comes within *wait* of the first."""
    entries = event_log.read(most=_READ_AT_ONCE, wait=1.0)
    if not entries or event_log.is_rereading:
        return entries
    deadline = time.monotonic() + wait
    events, size = _count(entries), sum(len(entry.body) for entry in entries)
    while events < most and size < _LARGEST_BLOCK:
        left = deadline - time.monotonic()
        if left <= 0:
            break
        more = event_log.read(most=_READ_AT_ONCE, wait=left)
        entries += more
        events += _count(more)
        size += sum(len(entry.body) for entry in more)
    return entries


def _count(entries: list[Entry]) -> int:
    # About how many events: the exact number would cost decoding twice, and half a kilobyte is what one takes.
    return sum(1 + len(entry.body) // 1024 for entry in entries)


def report(written: services.Written) -> None:
    """Count and log what one round did; every event that was not stored is named."""
    metrics.events_processed.labels("stored").inc(written.stored)
    metrics.events_flagged.inc(written.flagged)
    if written.replayed:
        metrics.events_processed.labels("replayed").inc(written.replayed)
    for row in written.outcomes:
        if row.outcome == End.REPAIRED:
            metrics.events_repaired.inc()
            log.info("event.repaired", message_id=row.message_id, property_id=row.property_id, detail=row.detail)
            continue
        if row.reason in ("duplicate", "failed", "property_gone", REASON):  # the others were counted at the door
            metrics.events_processed.labels(row.outcome).inc()
            metrics.events_dropped.labels(row.reason).inc()
        log.info("event.dropped", message_id=row.message_id, property_id=row.property_id, reason=row.reason)
    log.info("writer.block", stored=written.stored, dropped=len(written.outcomes), replayed=written.replayed)
