"""Ask each store whether it answers, with little patience."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as NoAnswer
from time import perf_counter
from typing import NamedTuple

from django.conf import settings
from django.db import connections

from apps.shared import regions
from apps.shared.valkey_wire import Wire

PATIENCE_SECONDS = 2.0
_pool = ThreadPoolExecutor(max_workers=8, thread_name_prefix="readiness")


class Answer(NamedTuple):
    """What one store said."""

    is_ready: bool
    seconds: float
    error: str


def _ask_database(alias: str) -> None:
    connection = connections[alias]
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    finally:
        connection.close()


def _ask_valkey(url: str) -> None:
    wire = Wire(url, timeout=1.5)
    try:
        wire.call(b"PING")
    finally:
        wire.close()


def named(store: str, region: str) -> str:
    """Return the name of a region's store: event_log, or event_log_eu where there are several."""
    return f"{store}_{region}" if region else store


def _of_region(region: str) -> dict[str, Callable[[], None]]:
    asked: dict[str, Callable[[], None]] = {
        "clickhouse": lambda: _ask_database(regions.stores(region).database),
        "cache": lambda: _ask_valkey(regions.stores(region).redis_url),
        "event_log": lambda: _ask_valkey(regions.stores(region).event_log_url),
    }
    if region and regions.stores(region).consent != "default":
        asked["postgresql"] = lambda: _ask_database(regions.stores(region).consent)
    return {named(store, region): ask for store, ask in asked.items()}


STORES: dict[str, Callable[[], None]] = {"postgresql": lambda: _ask_database("default")}
for _region in regions.served():
    STORES |= _of_region(_region)
STORES |= {"cache": lambda: _ask_valkey(settings.REDIS_URL)}  # the installation's own, also where regions have theirs


def _timed(ask: Callable[[], None]) -> Answer:
    started = perf_counter()
    try:
        ask()
    except Exception as error:  # noqa: BLE001  any failure means the same here: this store is not ready, and says why
        reason = f"{type(error).__name__}: {error}".splitlines()[0][:200]
        return Answer(is_ready=False, seconds=perf_counter() - started, error=reason)
    return Answer(is_ready=True, seconds=perf_counter() - started, error="")


def ask_all() -> dict[str, Answer]:
    """Ask every store at once; one that keeps silent counts as not ready."""
    running = {name: _pool.submit(_timed, ask) for name, ask in STORES.items()}
    return {name: _answer(future) for name, future in running.items()}


def _answer(future: "Future[Answer]") -> Answer:
    try:
        return future.result(timeout=PATIENCE_SECONDS)
    except NoAnswer:
        return Answer(is_ready=False, seconds=PATIENCE_SECONDS, error=f"no answer in {PATIENCE_SECONDS:g} s")
