"""How far each share of the log is counted, where several writers read it: kept with the counts (R2)."""

import time
from typing import Any

import pytest

from apps.ingestion.adapters.kafka_log import KafkaLog
from apps.ingestion.domain.marks import Mark, Place
from apps.quality import queries
from apps.quality import wiring as quality
from apps.shared import clickhouse
from tests.factories.company import Company
from tests.ports.kafka import broker, new_log_url
from tests.quality.test_arrival_on_kafka import make_writer, read
from tests.quality.test_lost_partitions import RED, checked


def test_mark_covers_what_came_up_to_it_and_nothing_of_a_topic_that_was_made_anew() -> None:
    mark = Mark().after([Place("0", 3, 500), Place("0", 4, 400)])

    assert mark == Mark(4, 500)
    assert [mark.covers(Place("0", number, 500)) for number in (3, 4, 5)] == [True, True, False]
    anew = Place("0", 0, 900)
    assert not mark.covers(anew)
    assert mark.after([anew]) == Mark(0, 900)
    assert mark.after([Place("0", 2, 300)]) == mark


@pytest.mark.stores
@pytest.mark.django_db(transaction=True)
def test_marks_of_two_shares_outlive_merges_and_count_for_no_property(
    company: Company, send: Any, log: Any, expect: Any, stored: Any
) -> None:
    expect("not_null", "properties.colour")
    send({"messageId": "bad"})
    send({"messageId": "good", **RED})
    send({"messageId": "better", **RED})
    with broker() as address:
        reader = KafkaLog(new_log_url(address, partitions=2))
        offsets = [reader.append(one.body, partition=number % 2) for number, one in enumerate(log.read(most=3, wait=0))]
        assert reader.hold()
        quality.inspection().forget()
        writer = make_writer(reader)
        entries = sorted(read(reader, 3), key=lambda one: offsets.index(one.offset))
        before = time.time_ns() // 1_000_000 - 60_000

        writer.write(entries[:2])
        writer.write(entries[2:])
        reader.close()
    clickhouse.command_for_platform("OPTIMIZE TABLE quality_checks FINAL")

    marks = queries.marks_of(["0", "1", "2"], region="")
    assert {share: mark.number for share, mark in marks.items()} == {"0": 1, "1": 0}
    assert all(mark.logged_at > before for mark in marks.values())
    assert set(stored()) == {"good", "better"}
    assert checked(company) == (3, 1)
