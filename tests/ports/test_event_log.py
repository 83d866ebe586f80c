"""What every event log does."""

import os
import socket
import time
from collections.abc import Iterator
from typing import Any

import pytest

from apps.ingestion import wiring
from apps.ingestion.adapters.kafka_log import KafkaLog
from apps.ingestion.adapters.kafka_url import BadLogUrl, parse
from apps.ingestion.adapters.valkey_log import ValkeyLog
from apps.ingestion.domain.ports import Entry, LogUnavailable
from apps.shared.health import stores as health
from apps.shared.local.ports import free_port
from tests.fakes.event_log import MemoryLog
from tests.ports.kafka import broker, new_log_url


@pytest.fixture(scope="module")
def kafka() -> Iterator[str]:
    """Host and port of a broker."""
    with broker() as address:
        yield address


@pytest.fixture(params=["memory", pytest.param("valkey", marks=pytest.mark.stores), "kafka"])
def log(request: pytest.FixtureRequest) -> Iterator[Any]:
    """The fake, then the real ones."""
    if request.param == "kafka":
        one = KafkaLog(new_log_url(request.getfixturevalue("kafka")))
        assert one.hold()
        yield one
        one.close()
        return
    if request.param == "memory":
        yield MemoryLog()
        return
    request.getfixturevalue("valkey")
    yield ValkeyLog(os.environ["EVENT_LOG_URL"], is_reader=True)


def read(log: Any, most: int = 10) -> list[Entry]:
    """Return the next entries; a reader that has just joined its group waits for its share first."""
    deadline = time.monotonic() + 15
    while not (entries := log.read(most=most, wait=0.1)) and time.monotonic() < deadline:
        if isinstance(log, MemoryLog | ValkeyLog):
            break
    return list(entries)


def test_entries_come_in_the_order_of_appending(log: Any) -> None:
    offsets = [log.append(body) for body in (b"one", b"two", b"three")]

    entries = read(log)

    assert [(entry.offset, entry.body) for entry in entries] == list(
        zip(offsets, (b"one", b"two", b"three"), strict=True)
    )


def test_read_entries_are_not_given_again_while_the_reader_lives(log: Any) -> None:
    log.append(b"one")
    read(log)
    log.append(b"two")

    assert [entry.body for entry in read(log)] == [b"two"]


def test_uncommitted_entries_are_read_again_after_rewinding(log: Any) -> None:
    log.append(b"one")
    log.append(b"two")
    first, _ = read(log)
    log.commit([first.offset])

    log.rewind()

    assert [entry.body for entry in read(log)] == [b"two"]


def test_most_limits_new_entries(log: Any) -> None:
    for number in range(5):
        log.append(str(number).encode())

    assert len(read(log, 2)) == 2
    assert len(read(log)) == 3


def test_waiting_shows_newest_first_without_taking(log: Any) -> None:
    log.append(b"one")
    log.append(b"two")

    assert [entry.body for entry in log.waiting(most=10)] == [b"two", b"one"]
    assert [entry.body for entry in read(log)] == [b"one", b"two"]


def test_any_bytes_come_back_as_they_were(log: Any) -> None:
    body = bytes(range(256)) * 2000

    log.append(body)

    assert read(log, 1)[0].body == body


@pytest.mark.stores
def test_restarted_reader_gets_what_the_one_before_left(valkey: None) -> None:
    before = ValkeyLog(os.environ["EVENT_LOG_URL"], is_reader=True)
    before.append(b"one")
    before.read(most=10, wait=0.1)

    after = ValkeyLog(os.environ["EVENT_LOG_URL"], is_reader=True)

    assert [entry.body for entry in after.read(most=10, wait=0.1)] == [b"one"]
    assert after.is_rereading


@pytest.mark.stores
def test_second_reader_waits_until_the_first_is_gone(valkey: None) -> None:
    first = ValkeyLog(os.environ["EVENT_LOG_URL"], is_reader=True)
    second = ValkeyLog(os.environ["EVENT_LOG_URL"], is_reader=True)

    assert (first.hold(), second.hold(), first.hold()) == (True, False, True)
    first._client.close()
    assert second.hold()


@pytest.mark.stores
def test_full_log_is_unavailable(valkey: None) -> None:
    log = ValkeyLog(os.environ["EVENT_LOG_URL"])
    log._client.config_set("maxmemory", "1")
    try:
        with pytest.raises(LogUnavailable, match="OOM"):
            log.append(b"one")
    finally:
        log._client.config_set("maxmemory", "1gb")
    log.append(b"two")


def test_absent_server_is_unavailable() -> None:
    log = ValkeyLog(f"valkey://127.0.0.1:{free_port()}/0")

    with pytest.raises(LogUnavailable):
        log.append(b"one")
    with pytest.raises(LogUnavailable):
        log.read(most=1, wait=0.1)


def test_silent_server_is_unavailable_in_time() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        log = ValkeyLog(f"valkey://127.0.0.1:{silent.getsockname()[1]}/0", timeout=0.2)
        began = time.monotonic()

        with pytest.raises(LogUnavailable):
            log.append(b"one")

    assert 0.15 < time.monotonic() - began < 3


def test_kafka_shares_partitions_among_readers_and_hands_them_over(kafka: str) -> None:
    url = new_log_url(kafka, partitions=4)
    first, second, door = (KafkaLog(url) for _ in range(3))
    bodies = [str(number).encode() for number in range(16)]
    assert first.hold()
    door.append_many([(number % 4, bodies[number]) for number in range(8)])
    taken = _gather([first], 8)
    assert sorted(one.body for one in taken) == sorted(bodies[:8])
    assert first.has_gained()
    first.commit([one.offset for one in taken])
    assert second.hold()
    _until_shared(first, second)

    for number in range(8, 16):  # one by one: this broker miscounts the end of what came together
        door.append(bodies[number], partition=number % 4)
    by_first, by_second = _gather([first], 4), _gather([second], 4)
    second.commit([one.offset for one in by_second])
    first.close()  # having committed nothing of its share

    assert sorted(one.body for one in (*by_first, *by_second)) == sorted(bodies[8:])
    assert second.has_gained()
    assert sorted(one.body for one in _gather([second], 4)) == sorted(one.body for one in by_first)
    assert second.has_gained()
    second.close()
    assert door.lag() == 4


def test_kafka_after_a_failure_gives_the_same_block_again(kafka: str) -> None:
    log = KafkaLog(new_log_url(kafka, partitions=3))
    assert log.hold()
    log.append_many([(number % 3, str(number).encode()) for number in range(6)])
    block = _gather([log], 6)
    log.append(b"later")

    log.rewind()
    again = log.read(most=2, wait=0.1)

    assert again == block
    assert log.is_rereading
    log.commit([one.offset for one in again])
    assert [one.body for one in _gather([log], 1)] == [b"later"]
    assert not log.is_rereading
    log.close()


def test_kafka_goes_on_where_the_reader_before_committed(kafka: str) -> None:
    url = new_log_url(kafka)
    before = KafkaLog(url)
    assert before.hold()
    for body in (b"one", b"two", b"three"):
        before.append(body)
    one, _two, three = _gather([before], 3)
    before.commit([three.offset, one.offset])  # what lies between is open, and holds the place
    assert before.lag() == 2
    before.close()

    after = KafkaLog(url)
    assert after.hold()

    left = _gather([after], 2)
    assert [entry.body for entry in left] == [b"two", b"three"]
    assert after.may_repeat(left)
    after.close()


def test_kafka_tells_what_the_reader_before_may_have_ended(kafka: str) -> None:
    """R2: all that was on the log when the partition came, and nothing that came later."""
    url = new_log_url(kafka)
    before, after, door = (KafkaLog(url) for _ in range(3))
    assert before.hold()
    for body in (b"one", b"two"):
        door.append(body)
    _gather([before], 2)
    before.close()
    assert after.hold()
    old = _gather([after], 2)

    door.append(b"new")
    new = _gather([after], 1)

    assert [one.body for one in new] == [b"new"]
    assert after.may_repeat(old)
    assert after.may_repeat([*old, *new])
    assert not after.may_repeat(new)
    after.commit([one.offset for one in (*old, *new)])
    assert after.lag() == 0
    after.close()


def test_readiness_asks_the_cluster(kafka: str, monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    monkeypatch.setitem(health.STORES, "event_log", health.STORES["event_log"])
    for url, is_ready in ((new_log_url(kafka), True), (f"kafka://127.0.0.1:{free_port()}/events", False)):
        settings.EVENT_LOG_URL = url
        wiring.watch_kafka()

        assert health.ask_all()["event_log"].is_ready is is_ready


def test_absent_cluster_is_unavailable() -> None:
    log = KafkaLog(f"kafka://127.0.0.1:{free_port()}/events", timeout=0.5)

    with pytest.raises(LogUnavailable):
        log.append(b"one")
    with pytest.raises(LogUnavailable):
        log.hold()


def test_cluster_that_dies_is_unavailable_in_time() -> None:
    with broker() as address:
        log = KafkaLog(new_log_url(address), timeout=4.0)  # the first append makes the topic, which takes its time
        log.append(b"one")
    began = time.monotonic()

    with pytest.raises(LogUnavailable):
        log.append(b"two")
    assert time.monotonic() - began < 10


@pytest.mark.parametrize(
    "url", ["kafka:///events", "kafka://a:1/x/y", "kafka://a:1/x?partitions=0", "kafka://a:1/x?partitions=many"]
)
def test_wrong_address_of_a_cluster_is_said(url: str) -> None:
    with pytest.raises(BadLogUrl):
        KafkaLog(url)


def test_address_of_a_cluster_names_servers_topic_and_credentials() -> None:
    found = parse("kafka://ada:s%40crets@one:9092,two:9093/facts?partitions=24&replication=3&tls=1")

    assert found.client.pop("logger").name == "kafka"
    assert found == (
        {
            "bootstrap.servers": "one:9092,two:9093",
            "security.protocol": "sasl_ssl",
            "sasl.mechanism": "SCRAM-SHA-512",
            "sasl.username": "ada",
            "sasl.password": "s@crets",
        },
        "facts",
        24,
        3,
    )


def _gather(logs: list[KafkaLog], count: int) -> list[Entry]:
    found: list[Entry] = []
    deadline = time.monotonic() + 25
    while len(found) < count and time.monotonic() < deadline:
        for log in logs:
            found += log.read(most=100, wait=0.05)
    return found


def _until_shared(*logs: KafkaLog) -> None:
    deadline = time.monotonic() + 25
    while time.monotonic() < deadline:
        for log in logs:
            log.read(most=1, wait=0.05)
        if all(log._consumer.assignment() for log in logs):
            return
    raise AssertionError("The partitions were not shared.")


def test_only_the_first_click_of_a_name_is_appended_and_the_next_hear_which(log: Any) -> None:
    def click(value: str, milliseconds: int = 60_000) -> str | None:
        answer = log.append_first(value.encode(), click=name, value=value, milliseconds=milliseconds)
        return None if answer is None else str(answer)

    name = f"1:{time.time_ns()}"
    if isinstance(log, KafkaLog):
        assert click("one") is None
        return
    assert [click("one"), click("two")] == ["one", "one"]
    name = f"2:{time.time_ns()}"
    assert click("three") == "three"

    assert [entry.body for entry in read(log)] == [b"one", b"three"]
