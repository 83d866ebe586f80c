"""The door and the writer: one worker of `collect`, then one writer, each with stores of their own."""

import secrets
from dataclasses import replace
from pathlib import Path
from typing import Any

from apps.shared.local import processes
from apps.shared.local.service import Service
from benchmarks import collect, machine, writer
from benchmarks.machine import Stores
from benchmarks.rows import Row, row

_SECONDS = 8.0
_EVENTS = 200_000
_ASKED = {1: "≥ 2,500/s", 100: "≥ 60,000/s"}


def run(stores: Stores) -> list[Row]:
    """Measure single events, batches and redirects at the door, then the way from the log into ClickHouse."""
    written = _writer()  # first: it needs an empty log
    key, link = _property()
    door = machine.start(stores.layout, [_one_worker(stores)])
    try:
        found = collect.measure(stores.layout.ports.collect, key, link, _SECONDS)
    finally:
        machine.stop(door)
    single, batch, redirect = (dict[str, Any](one) for one in found)
    return [
        *_rates("POST of one event, acknowledged on the log", single, 1),
        *_rates("POST of 100 events, acknowledged on the log", batch, 100),
        row("link redirect, click on the log: p99", redirect["p99_ms"], "ms", "< 20 ms", _note(redirect)),
        written,
    ]


def _rates(what: str, found: dict[str, Any], per_request: int) -> list[Row]:
    rate = row(what, found["events_per_second"], "events/s", _ASKED[per_request], "one worker of collect, one core")
    asked = "< 50 ms" if per_request == 1 else ""
    return [rate, row(f"{what}: p99", found["p99_ms"], "ms", asked, _note(found))]


def _note(found: dict[str, Any]) -> str:
    return f"p50 {found['p50_ms']} ms; answers {found['statuses']}"


def _writer() -> Row:
    found: dict[str, Any] = writer.measure(_EVENTS)
    note = f"{found['events']:,} events; {found['events_per_processor_second']:,}/s of the writer's own processor time"
    return row("log to ClickHouse, one writer", found["events_per_second"], "events/s", "≥ 50,000/s", note)


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
