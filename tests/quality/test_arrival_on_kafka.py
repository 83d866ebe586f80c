"""A partition of Kafka goes to another writer before its entries are committed: every event has one end (R2, R9)."""

import time
from typing import Any

import pytest

from apps.ingestion import wiring
from apps.ingestion.adapters.clickhouse_events import ClickhouseEvents
from apps.ingestion.adapters.insert_turns import InTurn
from apps.ingestion.adapters.kafka_log import KafkaLog
from apps.ingestion.domain import inspections
from apps.ingestion.services import Writer, load_seen_ids
from apps.quality import wiring as quality
from apps.shared import clickhouse
from tests.factories.company import Company
from tests.ports.kafka import broker, new_log_url

pytestmark = [pytest.mark.stores, pytest.mark.django_db(transaction=True)]


def make_writer(log: KafkaLog, store: InTurn | None = None) -> Writer:
    store = store or InTurn(ClickhouseEvents())
    return Writer(
        log=log, store=store, seen=load_seen_ids(store), rules_of=wiring.rules_of,
        clock=lambda: time.time_ns() // 1_000_000, tell=lambda _news: None, inspection=inspections.registered(),
    )  # fmt: skip


def read(log: KafkaLog, count: int) -> list[Any]:
    found: list[Any] = []
    deadline = time.monotonic() + 30
    while len(found) < count and time.monotonic() < deadline:
        found += log.read(most=1, wait=0.1)
    return found


def test_partition_that_goes_to_another_writer_ends_nothing_twice_whatever_is_expected_by_then(
    company: Company, log: Any, send: Any, expect: Any, stored: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    rule = expect("not_null", "properties.colour")
    red = {"properties": {"colour": "red"}}
    send({"messageId": "bad"}, {"messageId": "a", **red})
    send({"messageId": "a", **red}, {"messageId": "spoilt", "event": None}, {"messageId": "b", **red})
    send({"messageId": "b", **red}, {"messageId": "c", **red}, {"messageId": "worse"})
    with broker() as address:
        url = new_log_url(address)
        first, second = KafkaLog(url), KafkaLog(url)
        for entry in log.read(most=10, wait=0):
            first.append(entry.body)
        assert first.hold()
        quality.inspection().forget()
        with monkeypatch.context() as broken:
            broken.setattr(first, "commit", lambda _offsets: (_ for _ in ()).throw(ConnectionError("killed")))
            with pytest.raises(ConnectionError):
                make_writer(first).write(read(first, 3)[:2])
        first.close()
        rule.delete()
        quality.inspection().forget()
        assert second.hold()

        entries = read(second, 3)
        writer = make_writer(second)
        writer.write(entries[:1])
        writer.write(entries[1:])
        assert second.lag() == 0
        second.close()

    assert set(stored()) == {"a", "b", "c", "worse"}
    sql = "SELECT message_id, outcome FROM outcomes WHERE property_id = {property_id:UInt64} ORDER BY ALL"
    ends = clickhouse.select(sql, lambda *row: row, property_id=company.shop.pk)
    assert [one for one in ends if one[0] != "spoilt"] == [
        ("a", "duplicate"), ("b", "duplicate"), ("bad", "quarantined"),
    ]  # fmt: skip
    assert len(ends) == 4
