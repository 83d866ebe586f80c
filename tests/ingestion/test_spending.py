"""Ad spend from the door to the report: the last figures of each day and campaign hold."""

import itertools
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import msgspec
import pytest

from apps.ingestion import wiring
from apps.ingestion.api import spend_by
from apps.ingestion.domain import native
from apps.ingestion.domain.events import Surroundings
from apps.ingestion.services import Sender, Writer, accept, load_seen_ids
from apps.shared import clickhouse as facts
from tests.factories.company import Company
from tests.fakes.event_log import MemoryLog

NOW = 1_780_000_000_000
STORED = "SELECT count() FROM events WHERE property_id = {property_id:UInt64} AND kind = 'spend'"
DAY = {"type": "spend", "date": "2026-05-20", "campaign": {"source": "google", "medium": "cpc", "name": "May"}}


def send(property_id: int, log: MemoryLog, received_at: int, *events: dict[str, object]) -> None:
    about = Surroundings(property_id, 1, "server", "EUR", frozenset(), frozenset())
    raw = [native.translated(msgspec.json.encode(event), zone=ZoneInfo("Europe/Berlin")) for event in events]
    accept(
        [one for one in raw if isinstance(one, bytes)],
        kind="",
        sender=Sender(about, received_at),
        batch_sent_at=None,
        largest=32_768,
        new_id=lambda: "made",
        log=log,
        kinds=native.KINDS,
    )


@pytest.mark.stores
def test_last_figures_of_a_day_hold(company: Company, clickhouse: None) -> None:
    log, clock = MemoryLog(), itertools.count(NOW + 10_000)
    shop = company.shop.pk
    send(shop, log, NOW, {**DAY, "cost": 10, "clicks": 5, "impressions": 100})
    send(shop, log, NOW + 1, {**DAY, "cost": 10, "clicks": 5, "impressions": 100})  # the same again
    send(shop, log, NOW + 2, {**DAY, "cost": "12.34", "currency": "USD", "clicks": 6})  # corrected
    send(shop, log, NOW + 3, {**DAY, "date": "2026-05-21", "cost": 1}, {**DAY, "date": "2026-06-30", "cost": 9})
    send(company.theirs.pk, log, NOW + 4, {**DAY, "cost": 99})
    write(log, clock)

    period = (datetime(2026, 5, 19, tzinfo=UTC), datetime(2026, 6, 1, tzinfo=UTC))
    found = spend_by(shop, period=period, dimension="channel")

    assert [(one.key, one.currency, one.cost) for one in found] == [
        ("Paid Search", "USD", Decimal("12.3400")),
        ("Paid Search", "EUR", Decimal("1.0000")),
    ]


@pytest.mark.stores
def test_figures_that_are_stated_again_after_others_hold_again(company: Company, clickhouse: None) -> None:
    """A correction may go back to what was stated first; it is no row more (R2), and the last word all the same."""
    log, clock = MemoryLog(), itertools.count(NOW + 10_000)
    shop = company.shop.pk
    for moment, cost in enumerate((100, 120, 100)):
        send(shop, log, NOW + moment, {**DAY, "cost": cost})
    named = {**DAY, "date": "2026-05-21", "messageId": "m-1"}
    for moment, (message_id, cost) in enumerate((("m-1", 7), ("m-2", 8), ("m-1", 7))):
        send(shop, log, NOW + moment, {**named, "messageId": message_id, "cost": cost})  # a client's retry
    write(log, clock)

    period = (datetime(2026, 5, 19, tzinfo=UTC), datetime(2026, 6, 1, tzinfo=UTC))
    assert [one.cost for one in spend_by(shop, period=period, dimension="channel")] == [Decimal(108)]
    assert facts.select(STORED, int, property_id=shop) == [4]


@pytest.mark.stores
def test_day_is_one_however_it_is_written(company: Company, clickhouse: None) -> None:
    log, clock = MemoryLog(), itertools.count(NOW + 10_000)
    for moment, (day, cost) in enumerate((("2026-05-20", 100), ("20260520", 120), ("2026-W21-3", 130))):
        send(company.shop.pk, log, NOW + moment, {**DAY, "date": day, "cost": cost})
    write(log, clock)

    period = (datetime(2026, 5, 19, tzinfo=UTC), datetime(2026, 6, 1, tzinfo=UTC))
    assert [one.cost for one in spend_by(company.shop.pk, period=period, dimension="source")] == [Decimal(130)]


def write(log: MemoryLog, clock: Iterator[int]) -> None:
    """Store what waits on *log*."""
    wiring.property_of().forget()
    store = wiring.event_store()
    writer = Writer(
        log=log,
        store=store,
        seen=load_seen_ids(store),
        rules_of=wiring.rules_of,
        clock=lambda: next(clock),
        tell=lambda _news: None,
    )
    while entries := log.read(most=100, wait=0):
        writer.write(entries)
