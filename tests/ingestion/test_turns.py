"""Writers that stood still: whatever they judged before their turn, an event is stored once (R2)."""

import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec
import pytest
from django.db import connection

from apps.ingestion.adapters import deadlines
from apps.ingestion.adapters.clickhouse_events import ClickhouseEvents
from apps.ingestion.adapters.insert_turns import InTurn
from apps.ingestion.domain.ports import Inserted, StoreUnavailable
from apps.ingestion.services import Writer, load_seen_ids
from apps.shared import clickhouse
from tests.factories.company import Company
from tests.fakes.event_log import MemoryLog
from tests.ingestion.test_writing import ABOUT, NOW, clock, send

pytestmark = [pytest.mark.stores, pytest.mark.clickhouse, pytest.mark.django_db(transaction=True)]


class Frozen:
    """A store whose insert into one table stands still in the middle until it is let go."""

    def __init__(self, table: str = "events") -> None:
        self.inner, self.table = ClickhouseEvents(), table
        self.is_inside, self.may_go_on = threading.Event(), threading.Event()
        self.lock = 0  # the connection to PostgreSQL that holds the turn

    def insert(self, table: str, columns: Mapping[str, Sequence[object]], *, token: str, until: int = 0) -> Inserted:
        if table == self.table:
            self.lock = connection.connection.info.backend_pid
            self.is_inside.set()
            assert self.may_go_on.wait(180)
        return self.inner.insert(table, columns, token=token, until=until)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.inner, name)


def make_writer(log: MemoryLog, store: Any, property_id: int) -> Writer:
    about = msgspec.structs.replace(ABOUT, property_id=property_id)
    turns = InTurn(store)
    return Writer(
        log=log, store=turns, seen=load_seen_ids(turns), rules_of=lambda _delivery: about,
        clock=lambda: next(clock), tell=lambda _news: None,
    )  # fmt: skip


def rows(property_id: int) -> list[str]:
    sql = "SELECT arraySort(groupArray(message_id)) FROM events WHERE property_id = {property_id:UInt64}"
    (found,) = clickhouse.select(sql, list, property_id=property_id)
    return found


def ends(property_id: int) -> list[tuple[str, str]]:
    sql = "SELECT message_id, reason FROM outcomes WHERE property_id = {property_id:UInt64} ORDER BY message_id"
    return clickhouse.select(sql, lambda *row: row, property_id=property_id)


@pytest.fixture
def property_id(company: Company, clickhouse: None) -> int:
    return int(company.shop.pk)


def test_writer_frozen_in_its_insert_and_the_one_that_took_over_store_each_event_once(property_id: int) -> None:
    log, frozen = MemoryLog(), Frozen()
    send(log, {"messageId": "a"}, {"messageId": "b"}, {"messageId": "c"})
    send(log, {"messageId": "c"}, {"messageId": "d"}, received_at=NOW + 5)
    entries = log.read(most=100, wait=0)
    first, second = make_writer(log, frozen, property_id), make_writer(log, ClickhouseEvents(), property_id)

    with Beside(lambda: first.write(entries[:1])) as one:
        assert frozen.is_inside.wait(60)
        # The partition went to the second, which reads the same entries in another block, and waits for its turn.
        with Beside(lambda: second.write(entries)) as two:
            time.sleep(1)
            frozen.may_go_on.set()
            two.join(60)
        one.join(60)

    assert rows(property_id) == ["a", "b", "c", "d"]
    assert ends(property_id) == [("c", "duplicate")]


def test_writer_frozen_before_its_turn_leaves_out_what_another_stored(property_id: int) -> None:
    log = MemoryLog()
    send(log, {"messageId": "a"}, {"messageId": "b"})
    entries = log.read(most=100, wait=0)
    first, second = (make_writer(log, ClickhouseEvents(), property_id) for _ in range(2))
    judged = first._judge(entries, {})
    second.write(entries)

    first._insert(judged)

    assert rows(property_id) == ["a", "b"]
    assert ends(property_id) == []


def cut(frozen: Frozen) -> None:
    """End the connection that is a frozen writer's turn, as a restart of PostgreSQL does."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s)", [frozen.lock])
        assert cursor.fetchone() == (True,)


OCTOBER = "2023-10-20T10:00:00Z"


def test_writer_that_lost_its_turn_between_looking_and_inserting_stores_nothing_twice(property_id: int) -> None:
    """It stands still there, its lock is gone, another inserts; then it goes on with what it holds."""
    log, frozen = MemoryLog(), Frozen()
    send(log, {"messageId": "a"}, {"messageId": "b", "timestamp": OCTOBER}, {"messageId": "c"})
    send(log, {"messageId": "d", "timestamp": OCTOBER}, received_at=NOW + 5)
    entries = log.read(most=100, wait=0)
    first, second = make_writer(log, frozen, property_id), make_writer(log, ClickhouseEvents(), property_id)

    with Beside(lambda: first.write(entries[:1])) as one:
        assert frozen.is_inside.wait(60)
        cut(frozen)
        second.write(entries)
        frozen.may_go_on.set()
        one.join(60)

    assert rows(property_id) == ["a", "b", "c", "d"]
    assert ends(property_id) == []


def test_writer_that_comes_after_one_that_lost_its_turn_loses_nothing(property_id: int) -> None:
    """The one whose lock is gone inserts first: the store ignores the block of the other, who sees it and goes on."""
    log, lost, rightful = MemoryLog(), Frozen(), Frozen()
    send(log, {"messageId": "a"}, {"messageId": "b"})
    send(log, {"messageId": "c"}, {"messageId": "b"}, received_at=NOW + 5)
    entries = log.read(most=100, wait=0)
    first, second = make_writer(log, lost, property_id), make_writer(log, rightful, property_id)

    with Beside(lambda: first.write(entries[:1])) as one:
        assert lost.is_inside.wait(60)
        cut(lost)
        with Beside(lambda: second.write(entries)) as two:
            assert rightful.is_inside.wait(60)
            lost.may_go_on.set()
            with pytest.raises(StoreUnavailable):
                one.join(60)
            rightful.may_go_on.set()
            two.join(60)

    assert rows(property_id) == ["a", "b", "c"]
    assert ends(property_id) == [("b", "duplicate")]


def test_writer_that_stood_still_while_others_wrote_a_thousand_blocks_stores_nothing_twice(property_id: int) -> None:
    log, frozen, others = MemoryLog(), Frozen(), ClickhouseEvents()
    send(log, {"messageId": "a"}, {"messageId": "b"})
    entries = log.read(most=100, wait=0)
    first, second = make_writer(log, frozen, property_id), make_writer(log, ClickhouseEvents(), property_id)

    with Beside(lambda: first.write(entries)) as one:
        assert frozen.is_inside.wait(60)
        cut(frozen)
        second.write(entries)
        for number in range(1_001):
            moments = {name: [NOW] for name in ("occurred_at", "received_at", "stored_at")}
            block = {"property_id": [property_id + 1], "message_id": [f"o-{number}"], **moments}
            others.insert("events", block, token=f"other-{number}")
        frozen.may_go_on.set()
        one.join(60)

    assert rows(property_id) == ["a", "b"]


@pytest.fixture
def short_memory(property_id: int) -> Iterator[None]:
    """Let the store remember three blocks."""
    remember = "ALTER TABLE events MODIFY SETTING non_replicated_deduplication_window = "
    clickhouse.command_for_platform(remember + "3")
    yield
    clickhouse.command_for_platform(remember + "100000")


def test_writer_that_stood_still_for_longer_than_the_store_remembers_is_refused(
    property_id: int, short_memory: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """R2: by the age of its turn, on the store's clock, for its name is forgotten."""
    monkeypatch.setattr(deadlines, "LONGEST", 4)
    log, frozen, others = MemoryLog(), Frozen(), ClickhouseEvents()
    send(log, {"messageId": "a"}, {"messageId": "b"})
    entries = log.read(most=100, wait=0)
    first, second = make_writer(log, frozen, property_id), make_writer(log, ClickhouseEvents(), property_id)

    with Beside(lambda: first.write(entries)) as one:
        assert frozen.is_inside.wait(60)
        cut(frozen)
        second.write(entries)
        for number in range(5):
            moments = {name: [NOW] for name in ("occurred_at", "received_at", "stored_at")}
            block = {"property_id": [property_id + 1], "message_id": [f"o-{number}"], **moments}
            others.insert("events", block, token=f"another-{number}")
        time.sleep(6)
        frozen.may_go_on.set()
        with pytest.raises(StoreUnavailable):
            one.join(60)

    assert rows(property_id) == ["a", "b"]
    frozen.table = ""
    first.write(entries)  # the next time is in time
    assert rows(property_id) == ["a", "b"]


def test_block_whose_turn_was_not_noted_is_not_stored_again(property_id: int) -> None:
    """A crash between the insert and the end of the turn: the next writer goes past it."""
    log, frozen = MemoryLog(), Frozen()
    send(log, {"messageId": "a"})
    first, second = make_writer(log, frozen, property_id), make_writer(log, ClickhouseEvents(), property_id)
    with Beside(lambda: first.write(log.read(most=100, wait=0))) as one:
        assert frozen.is_inside.wait(60)
        cut(frozen)
        frozen.may_go_on.set()
        with pytest.raises(StoreUnavailable):
            one.join(60)

    send(log, {"messageId": "z"}, received_at=NOW + 9)
    log.rewind()
    for _ in range(2):  # what was read and not committed, then what is new
        second.write(log.read(most=100, wait=0))

    assert rows(property_id) == ["a", "z"]


def send_all_ends(log: MemoryLog) -> list[Any]:
    """Put three entries on a log, the last two with ends, and return them."""
    send(log, {"messageId": "a"}, {"messageId": "b"})
    send(log, {"messageId": "a"}, {"messageId": "c"}, {"messageId": "x", "event": None}, received_at=NOW + 5)
    send(log, {"messageId": "c"}, {"messageId": "d"}, {"messageId": "d"}, received_at=NOW + 9)
    return log.read(most=100, wait=0)


def all_ends(property_id: int) -> list[tuple[str, str]]:
    """Return the ends that were stored; a refusal stands under the property that the door knew."""
    return sorted(one for number in {property_id, ABOUT.property_id} for one in ends(number))


ALL_ENDS = [("a", "duplicate"), ("c", "duplicate"), ("d", "duplicate"), ("x", "no_name")]


def test_blocks_of_other_bounds_after_a_rebalance_count_no_end_twice(property_id: int) -> None:
    """R2, R9: the first was killed before it committed, and the partition went to another."""
    log = MemoryLog()
    entries = send_all_ends(log)
    make_writer(log, ClickhouseEvents(), property_id).write(entries[:2])
    second = make_writer(log, ClickhouseEvents(), property_id)

    second.write(entries[1:])
    second.write(entries)

    assert rows(property_id) == ["a", "b", "c", "d"]
    assert all_ends(property_id) == ALL_ENDS


def test_writer_frozen_before_its_ends_counts_none_that_another_counted(property_id: int) -> None:
    log, frozen = MemoryLog(), Frozen("outcomes")
    entries = send_all_ends(log)
    first, second = make_writer(log, frozen, property_id), make_writer(log, ClickhouseEvents(), property_id)

    with Beside(lambda: first.write(entries[:2])) as one:
        assert frozen.is_inside.wait(60)
        with Beside(lambda: second.write(entries)) as two:
            time.sleep(1)
            frozen.may_go_on.set()
            two.join(60)
        one.join(60)

    assert all_ends(property_id) == ALL_ENDS


@pytest.mark.parametrize("is_rightful_first", [True, False])
def test_writer_that_lost_its_turn_counts_no_end_twice_and_loses_none(
    property_id: int, is_rightful_first: bool
) -> None:
    log, lost, rightful = MemoryLog(), Frozen("outcomes"), Frozen("outcomes")
    entries = send_all_ends(log)
    first, second = make_writer(log, lost, property_id), make_writer(log, rightful, property_id)

    with Beside(lambda: first.write(entries[:2])) as one:
        assert lost.is_inside.wait(60)
        cut(lost)
        with Beside(lambda: second.write(entries)) as two:
            assert rightful.is_inside.wait(60)
            earlier, later = (rightful, lost) if is_rightful_first else (lost, rightful)
            earlier.may_go_on.set()
            time.sleep(1)
            later.may_go_on.set()
            two.join(60)
            with pytest.raises(StoreUnavailable):
                one.join(60)

    assert rows(property_id) == ["a", "b", "c", "d"]
    assert all_ends(property_id) == ALL_ENDS


class Beside:
    """Run something in a thread, and say what went wrong in it."""

    def __init__(self, act: Any) -> None:
        self._act = act
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._run)

    def _run(self) -> None:
        try:
            self._act()
        except BaseException as error:  # noqa: BLE001  told below
            self._error = error
        finally:
            connection.close()

    def __enter__(self) -> "Beside":
        self._thread.start()
        return self

    def join(self, seconds: float) -> None:
        self._thread.join(seconds)
        assert not self._thread.is_alive()
        if self._error:
            raise self._error

    def __exit__(self, *_: object) -> None:
        self._thread.join(60)
