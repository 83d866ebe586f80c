"""A writer on Kafka that stands still and loses its partition ends and counts nothing that another one took over.

R2, R9: whatever is expected by the time that it goes on, an event has one end, and is counted once.
"""

import threading
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pytest

from apps.ingestion.adapters.clickhouse_events import ClickhouseEvents
from apps.ingestion.adapters.insert_turns import InTurn
from apps.ingestion.adapters.kafka_log import KafkaLog
from apps.ingestion.domain.ports import Entry, Inserted, StoreUnavailable
from apps.quality import wiring as quality
from apps.shared import clickhouse
from tests.factories.company import Company
from tests.ingestion.test_turns import Beside
from tests.ports.kafka import broker, new_log_url
from tests.quality.test_arrival import killed_before
from tests.quality.test_arrival_on_kafka import make_writer, read

pytestmark = [pytest.mark.stores, pytest.mark.django_db(transaction=True)]
RED = {"properties": {"colour": "red"}}


class Standing(InTurn):
    """A store whose writer stands still before its turn to insert into one table, until it is let go."""

    def __init__(self, table: str) -> None:
        super().__init__(ClickhouseEvents())
        self.table, self.is_still, self.may_go_on = table, threading.Event(), threading.Event()

    def insert(self, table: str, columns: Mapping[str, Sequence[object]], *, token: str, until: int = 0) -> Inserted:
        if table == self.table:
            self.is_still.set()
            assert self.may_go_on.wait(180)
        return super().insert(table, columns, token=token, until=until)


@pytest.fixture
def readers(log: Any) -> Iterator[tuple[KafkaLog, KafkaLog]]:
    """Two readers of one partition, for one after the other."""
    with broker() as address:
        url = new_log_url(address)
        yield KafkaLog(url), KafkaLog(url)


def move(log: Any, to: KafkaLog) -> list[Entry]:
    """Put what was sent on Kafka, and read it there."""
    entries = log.read(most=10, wait=0)
    for entry in entries:
        to.append(entry.body)
    assert to.hold()
    return read(to, len(entries))


def move_two(send: Any, log: Any, to: KafkaLog, expect: Any) -> list[Entry]:
    """Put two entries on Kafka, one bad and two good events, of which a colour is expected."""
    expect("not_null", "properties.colour")
    send({"messageId": "bad"}, {"messageId": "good", **RED})
    send({"messageId": "later", **RED})
    entries = move(log, to)
    quality.inspection().forget()
    return entries


def take_over(before: KafkaLog, after: KafkaLog, count: int) -> list[Entry]:
    """Let the partition go from one reader to the other, as after a session that ended."""
    before.close()
    quality.inspection().forget()
    assert after.hold()
    return read(after, count)


def ends(company: Company) -> list[tuple[str, str]]:
    sql = "SELECT message_id, outcome FROM outcomes WHERE property_id = {property_id:UInt64} ORDER BY ALL"
    return clickhouse.select(sql, lambda *row: row, property_id=company.shop.pk)


def checked(company: Company) -> tuple[int, int]:
    sql = "SELECT sum(checked), sum(quarantined) FROM quality_checks WHERE property_id = {property_id:UInt64}"
    (found,) = clickhouse.select(sql, lambda *row: row, property_id=company.shop.pk)
    return found


@pytest.mark.parametrize("table", ["events", "outcomes"])
def test_writer_that_lost_its_partition_keeps_back_nothing_that_another_stored(
    company: Company, send: Any, log: Any, readers: tuple[KafkaLog, KafkaLog], expect: Any, stored: Any, table: str
) -> None:
    first, second = readers
    rule = expect("not_null", "properties.colour")
    send({"messageId": "bad"}, {"messageId": "a", **RED})
    entries = move(log, first)
    quality.inspection().forget()
    standing = Standing(table)
    slow, other = make_writer(first, standing), make_writer(second)

    with Beside(lambda: slow.write(entries)) as one:
        assert standing.is_still.wait(60)
        rule.delete()
        expect("not_null", "properties.colour", "flag")
        other.write(take_over(first, second, 1))
        standing.may_go_on.set()
        with pytest.raises(StoreUnavailable):
            one.join(60)
    second.close()

    assert ends(company) == []
    assert set(stored()) == {"a", "bad"}


def test_writer_that_lost_its_partition_stores_nothing_that_another_kept_back(
    company: Company, send: Any, log: Any, readers: tuple[KafkaLog, KafkaLog], expect: Any, stored: Any
) -> None:
    first, second = readers
    send({"messageId": "bad"}, {"messageId": "a", **RED})
    entries = move(log, first)
    quality.inspection().forget()
    standing = Standing("events")
    slow, other = make_writer(first, standing), make_writer(second)

    with Beside(lambda: slow.write(entries)) as one:
        assert standing.is_still.wait(60)
        expect("not_null", "properties.colour")
        other.write(take_over(first, second, 1))
        standing.may_go_on.set()
        with pytest.raises(StoreUnavailable):
            one.join(60)
    second.close()

    assert ends(company) == [("bad", "quarantined")]
    assert set(stored()) == {"a"}


@pytest.mark.parametrize("table", ["quality_checks", "payloads"])
def test_blocks_of_other_bounds_count_each_check_once(
    company: Company, send: Any, log: Any, readers: tuple[KafkaLog, KafkaLog], expect: Any, stored: Any, table: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    """The first is killed before it counted, or after; either way the next counts what is missing."""
    first, second = readers
    expect("not_null", "properties.colour")
    for number in range(3):
        send({"messageId": f"bad-{number}"}, {"messageId": f"good-{number}", **RED})
    entries = move(log, first)
    quality.inspection().forget()
    make_writer(first).write(entries[:1])
    with killed_before(table, monkeypatch):
        make_writer(first).write(entries[1:2])

    again = take_over(first, second, 2)
    other = make_writer(second)
    other.write(again)
    assert second.lag() == 0
    second.close()

    assert len(stored()) == len(ends(company)) == 3
    assert checked(company) == (6, 3)


def test_round_that_fails_counts_nothing_again_that_the_writer_before_counted(
    company: Company, send: Any, log: Any, readers: tuple[KafkaLog, KafkaLog], expect: Any, stored: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    """R2: killed after it counted; the next one breaks off in its first round and reads the same entries again."""
    first, second = readers
    entries = move_two(send, log, first, expect)
    with killed_before("payloads", monkeypatch):
        make_writer(first).write(entries[:1])

    other = make_writer(second)
    again = take_over(first, second, 2)
    with killed_before("quality_checks", monkeypatch):
        other.write(again)
    second.rewind()
    other.write(second.read(most=10, wait=5))
    assert second.lag() == 0
    second.close()

    assert set(stored()) == {"good", "later"}
    assert checked(company) == (3, 1)


@pytest.mark.parametrize("is_first", [True, False])
def test_writer_that_stood_still_before_it_counted_counts_nothing_twice(
    company: Company, send: Any, log: Any, readers: tuple[KafkaLog, KafkaLog], expect: Any, stored: Any,
    is_first: bool,
) -> None:  # fmt: skip
    """R2: it goes on before the other counts other entries after the same mark, or when that one has."""
    first, second = readers
    entries = move_two(send, log, first, expect)
    late, prompt = Standing("quality_checks"), Standing("quality_checks")
    slow, other = make_writer(first, late), make_writer(second, prompt)

    with Beside(lambda: slow.write(entries[:1])) as one:
        assert late.is_still.wait(60)
        again = take_over(first, second, 2)
        with Beside(lambda: other.write(again)) as two:
            assert prompt.is_still.wait(60)
            (winner, its_thread), (loser, thread) = ((late, one), (prompt, two))[:: 1 if is_first else -1]
            winner.may_go_on.set()
            its_thread.join(60)
            loser.may_go_on.set()
            with pytest.raises(StoreUnavailable, match="has counted"):
                thread.join(60)
    second.rewind()
    if left := second.read(most=10, wait=1):
        other.write(left)
    assert second.lag() == 0
    second.close()

    assert set(stored()) == {"good", "later"}
    assert checked(company) == (3, 1)
