"""Several writers on Kafka: they share the work, a killed one is replaced, and every event is stored once (R1, R2)."""

import os
import threading
import time
from collections import Counter
from contextlib import ExitStack

import pytest

from apps.shared import clickhouse
from tests.factories.company import Company
from tests.ingestion.chaos_house import Sender
from tests.ingestion.processes import Process, collect, wait_until, writer
from tests.ports.kafka import broker, new_log_url

pytestmark = [
    pytest.mark.chaos,
    pytest.mark.stores,
    pytest.mark.clickhouse,
    pytest.mark.xdist_group("house"),
]


def rows(company: Company) -> list[str]:
    sql = "SELECT groupArray(message_id) FROM events WHERE property_id = {property_id:UInt64}"
    (found,) = clickhouse.select(sql, list, property_id=company.shop.pk)
    return found


def stored_by(process: Process) -> int:
    return process.said().count("writer.block")


def test_writers_share_the_work_and_a_killed_one_is_replaced(
    living_company: Company, clickhouse: None, valkey: None
) -> None:
    key = living_company.shop.streams.get().write_key
    with ExitStack() as exits:
        url = new_log_url(exits.enter_context(broker()), partitions=6)
        environment = {**os.environ, "EVENT_LOG_URL": url}
        door = exits.enter_context(collect(environment))
        first, second = (exits.enter_context(writer(environment)) for _ in range(2))
        stop = threading.Event()
        senders = [Sender(door.port, f"kafka{number}", stop, key=key, persons=50, pause=0.03) for number in range(3)]
        for sender in senders:
            sender.start()
        wait_until(lambda: stored_by(first) > 2 and stored_by(second) > 2, 60, lambda: first.said() + second.said())

        first.kill()
        time.sleep(8)
        first.start()
        time.sleep(6)
        second.kill()
        time.sleep(3)
        stop.set()
        for sender in senders:
            sender.join(30)
        acknowledged = set().union(*(sender.acknowledged for sender in senders))
        wait_until(lambda: set(rows(living_company)) >= acknowledged, 60, first.said)

    found = rows(living_company)
    doubled = [message_id for message_id, count in Counter(found).items() if count > 1]
    assert doubled == []
    assert len(acknowledged) > 300
    assert set(sum((sender.refusals for sender in senders), Counter())) <= {0, 503}
