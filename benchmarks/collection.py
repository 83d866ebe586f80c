"""The door and the writer: one worker of `collect`, then one writer, each with stores of their own."""

import secrets
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import NamedTuple

from apps.shared.local import processes
from apps.shared.local.service import Service
from benchmarks import collect, machine, processor, writer
from benchmarks.collect import Found
from benchmarks.machine import Stores
from benchmarks.rows import Row, row

_SECONDS = 8.0
_EVENTS = 200_000
_ON_A_CORE = "by a second of collect's own processor time: on one core of collect"
_WALL = "by the clock, beside the load client and the log on the same two cores"
_OURS = "config.wsgi:application"  # the application in collect's command
# What was asked for: on one core of collect, and at the 99th percentile.
_ASKED = {
    "1": ("POST of one event", "events/s", "≥ 4,000/s", "< 30 ms"),
    "100": ("POST of 100 events", "events/s", "≥ 100,000/s", ""),
    "1000": ("POST of 1,000 events", "events/s", "≥ 150,000/s", ""),
    "link": ("link redirect, click on the log", "redirects/s", "≥ 3,000/s", ""),
    "link at its rate": (f"link redirect, {collect.RATE:,} offered a second", "redirects/s", "", "< 10 ms"),
    "link as hard": ("link redirect, offered as hard as that was when asked", "redirects/s", "", "< 10 ms"),
}
# The same rates in events of an empty view of Django REST framework, as it was when they were asked for.
_ASKED_IN_EMPTY = {"1": 4_000, "100": 100_000, "1000": 150_000, "link": collect.RATE}
_WRITER, _ASKED_OF_WRITER = "log to ClickHouse, one writer", 100_000


def run(stores: Stores) -> list[Row]:
    """Measure single events, batches and redirects at the door, then the way from the log into ClickHouse."""
    written = _writer(stores)  # first: it needs an empty log
    key, link = _property()
    empty = _empty(stores)
    door = machine.start(stores.layout, [_one_worker(stores)])
    try:
        busy = processor.clock(door[0].pid)
        found = collect.measure(
            stores.layout.ports.collect, key, link, _SECONDS, busy=busy, clear=_empty_log,
            empty=empty.drf.per_core_second,
        )  # fmt: skip
        memory = max(processor.resident(door[0].pid))
    finally:
        machine.stop(door)
        _empty_log()
    rows = [one for name, about in found.items() for one in _rows(about, *_ASKED[name])]
    return [
        *rows,
        *_compared(found, empty),
        _in_empty(_WRITER, written.per_core_second / empty.drf.per_core_second, _ASKED_OF_WRITER),
        row("collect: resident memory of a process, after the load", round(memory), "MB", "< 150 MB"),
        *_writing(written),
    ]


class _Empty(NamedTuple):
    """What doors that do nothing were found to take: of Django REST framework, of Django, and that at a steady rate."""

    drf: Found
    plain: Found
    at_rate: Found


def _empty(stores: Stores) -> _Empty:
    """Measure doors that do nothing, right before ours."""
    whole = _one_worker(stores)
    command = tuple("benchmarks.empty_door:application" if part == _OURS else part for part in whole.command)
    door = machine.start(stores.layout, [replace(whole, name="empty", command=command)])
    try:
        ask = partial(
            collect.measure_empty, stores.layout.ports.collect, seconds=_SECONDS / 2, busy=processor.clock(door[0].pid)
        )
        return _Empty(ask("/drf"), ask("/plain"), ask("/plain", rate=collect.RATE))
    finally:
        machine.stop(door)


def _compared(found: dict[str, Found], empty: _Empty) -> list[Row]:
    drf, plain, waits = empty.drf.per_core_second, empty.plain.per_core_second, empty.at_rate
    same = "the same server, body and client; no key, nothing written"
    return [
        row("peer: an empty view of Django REST framework, per core", drf, "events/s", "", same),
        row("peer: an empty view of Django, per core", plain, "events/s", "", same),
        row(f"peer: an empty view of Django, {collect.RATE:,} offered a second: p99", waits.p99, "ms", "",
            f"p50 {waits.p50} ms; {waits.per_second:,} a second answered"),
        *(_in_empty(_ASKED[name][0], found[name].per_core_second / drf, asked)
          for name, asked in _ASKED_IN_EMPTY.items()),
    ]  # fmt: skip


def _in_empty(what: str, ratio: float, asked: int) -> Row:
    when_asked = collect.EMPTY_WHEN_ASKED
    note = f"{asked:,}/s where an empty one does {when_asked:,}"
    return row(
        f"{what}, in empty views of Django REST framework", round(ratio, 2), "", f"≥ {asked / when_asked:.4g}", note
    )


def _empty_log() -> None:
    """Leave nothing to the benchmarks that follow: a backlog would be their time and their memory."""
    from django.conf import settings

    from apps.ingestion.adapters.valkey_log import ValkeyLog

    ValkeyLog(settings.EVENT_LOG_URL).clear()


def _rows(found: Found, what: str, unit: str, rate: str, wait: str) -> list[Row]:
    return [
        row(f"{what}, per core", found.per_core_second, unit, rate, _ON_A_CORE),
        row(what, found.per_second, unit, "", _WALL),
        row(f"{what}: p99", found.p99, "ms", wait, f"p50 {found.p50} ms; answers {found.statuses}"),
    ]


def _writer(stores: Stores) -> writer.Found:
    clickhouse = next(one for one in stores.running if one.service.name == "clickhouse")
    return writer.measure(_EVENTS, clickhouse=processor.clock(clickhouse.pid))


def _writing(found: writer.Found) -> list[Row]:
    note = (
        f"{found.events:,} events; ClickHouse beside it: {found.clickhouse_us:.1f} microseconds of processor an event"
    )
    return [
        row(
            f"{_WRITER}, per core", found.per_core_second, "events/s", f"≥ {_ASKED_OF_WRITER:,}/s",
            "of the writer's own processor time",
        ),
        row(_WRITER, found.per_second, "events/s", "≥ 50,000/s", note),
    ]  # fmt: skip


def _property() -> tuple[str, str]:
    """Make a property and return the write key of its web stream and the address of a link."""
    from apps.ingestion import api as ingestion
    from apps.orgs import api as orgs

    mark = secrets.token_hex(4)
    owner = orgs.ensure_account(email=f"bench-{mark}@example.com", password=secrets.token_urlsafe(12))
    organization = orgs.create_organization(name="Bench", slug=f"bench-{mark}", owner=owner)
    made = orgs.create_property(
        organization=organization, name="Bench", slug="bench", time_zone="UTC", currency="EUR", made_by=owner
    )
    link = ingestion.create_link(
        property_id=made.pk,
        made_by=owner,
        name="Bench",
        destination="https://shop.example/",
        source="bench",
        medium="link",
    )
    return orgs.streams_of(made.pk).get().write_key, link.slug


def _one_worker(stores: Stores) -> Service:
    variables = processes.environment(stores.layout, {})
    Path(variables["PROMETHEUS_MULTIPROC_DIR"]).mkdir(parents=True, exist_ok=True)
    doors, _ = processes.groups(stores.layout, variables)
    service = next(one for one in doors if one.name == "collect")
    command = list(service.command)
    command[command.index("--workers") + 1] = "1"
    return replace(service, command=tuple(command), least_children=1)
