"""What every event log does."""

import os
import socket
import time
from typing import Any

import pytest

from apps.ingestion.adapters.valkey_log import ValkeyLog
from apps.ingestion.domain.ports import LogUnavailable
from apps.shared.local.ports import free_port
from tests.fakes.event_log import MemoryLog


@pytest.fixture(params=["memory", pytest.param("valkey", marks=pytest.mark.stores)])
def log(request: pytest.FixtureRequest) -> Any:
    """The fake, then the real one."""
    if request.param == "memory":
        return MemoryLog()
    request.getfixturevalue("valkey")
    return ValkeyLog(os.environ["EVENT_LOG_URL"], is_reader=True)


def test_entries_come_in_the_order_of_appending(log: Any) -> None:
    offsets = [log.append(body) for body in (b"one", b"two", b"three")]

    entries = log.read(most=10, wait=0.1)

    assert [(entry.offset, entry.body) for entry in entries] == list(
        zip(offsets, (b"one", b"two", b"three"), strict=True)
    )


def test_read_entries_are_not_given_again_while_the_reader_lives(log: Any) -> None:
    log.append(b"one")
    log.read(most=10, wait=0.1)
    log.append(b"two")

    assert [entry.body for entry in log.read(most=10, wait=0.1)] == [b"two"]


def test_uncommitted_entries_are_read_again_after_rewinding(log: Any) -> None:
    log.append(b"one")
    log.append(b"two")
    first, _ = log.read(most=10, wait=0.1)
    log.commit([first.offset])

    log.rewind()

    assert [entry.body for entry in log.read(most=10, wait=0.1)] == [b"two"]


def test_most_limits_new_entries(log: Any) -> None:
    for number in range(5):
        log.append(str(number).encode())

    assert len(log.read(most=2, wait=0.1)) == 2
    assert len(log.read(most=10, wait=0.1)) == 3


def test_waiting_shows_newest_first_without_taking(log: Any) -> None:
    log.append(b"one")
    log.append(b"two")

    assert [entry.body for entry in log.waiting(most=10)] == [b"two", b"one"]
    assert [entry.body for entry in log.read(most=10, wait=0.1)] == [b"one", b"two"]


def test_any_bytes_come_back_as_they_were(log: Any) -> None:
    body = bytes(range(256)) * 2000

    log.append(body)

    assert log.read(most=1, wait=0.1)[0].body == body


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
