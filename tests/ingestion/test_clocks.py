"""Clocks that are wrong, the client's by years and the server's by an hour: nothing happens in the future (R7)."""

import itertools
import json
import time
from typing import Any

import pytest
import time_machine
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from apps.ingestion.domain import deliveries, instants
from apps.ingestion.domain.events import Event
from apps.ingestion.domain.reading import read_event
from tests.fakes.event_log import MemoryLog
from tests.fakes.event_store import MemoryStore
from tests.ingestion import test_writing
from tests.ingestion.test_door import post

NOW = 1_780_000_000_000
YEAR = 365 * 86_400_000
TEN_YEARS = 10 * YEAR


def read(**times: Any) -> Event | Any:
    raw = json.dumps({"userId": "u", "event": "e", **times}).encode()
    return read_event(raw, kind="track", batch_sent_at=None, received_at=NOW, new_id=lambda: "m")[1]


@pytest.mark.parametrize("error", [TEN_YEARS, -TEN_YEARS], ids=["10 years ahead", "10 years behind"])
def test_clock_that_is_wrong_by_ten_years_is_put_right_by_the_time_of_sending(error: int) -> None:
    minute = 60_000

    event = read(timestamp=NOW + error - minute, sentAt=NOW + error)

    assert event.occurred_at == NOW - minute


def test_clock_that_is_ten_years_ahead_and_says_no_more_is_refused() -> None:
    assert read(timestamp=NOW + TEN_YEARS).reason == "in_future"
    assert read(timestamp=NOW - TEN_YEARS).occurred_at == NOW - TEN_YEARS


@given(
    error=st.integers(-TEN_YEARS, TEN_YEARS),
    age=st.integers(-3 * 86_400_000, 30 * 86_400_000),
    has_sent_at=st.booleans(),
    way=st.integers(0, 60_000),
)
def test_nothing_happens_after_it_was_told(error: int, age: int, has_sent_at: bool, way: int) -> None:
    times = {"timestamp": NOW + error - age} | ({"sentAt": NOW + error - way} if has_sent_at else {})

    event = read(**times)

    if isinstance(event, Event):
        assert instants.EARLIEST <= event.occurred_at <= event.received_at == NOW
    else:
        assert event.reason in {"in_future", "too_old"}


def test_door_whose_clock_is_set_back_an_hour_takes_no_event_for_later_than_now(
    door: Client, key: str, log: MemoryLog
) -> None:
    right = time.time()
    for moved, message_id in ((0, "before"), (-3_600, "after")):
        with time_machine.travel(right + moved):
            sent = {"userId": "u", "event": "e", "messageId": message_id, "timestamp": int(right * 1000)}
            assert post(door, "/v1/track", sent, key).status_code == 200

    said = [deliveries.decode(entry.body) for entry in log.entries.values()]
    assert [one.items[0].message_id for one in said] == ["before", "after"]
    assert all(one.items[0].occurred_at <= one.received_at for one in said)
    assert said[1].received_at <= (right - 3_600) * 1000 + 1


def test_writer_whose_clock_is_set_back_an_hour_goes_on_in_order_and_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """What readers saw up to stays behind them: `stored_at` never runs back, and a repeat is still known."""
    log, store = MemoryLog(), MemoryStore()
    monkeypatch.setattr(test_writing, "clock", itertools.chain([NOW + 3_600_000], itertools.count(NOW)))
    writer = test_writing.make_writer(log, store)
    for received_at, ids in ((NOW + 3_600_000, "ab"), (NOW, "bc"), (NOW + 1, "cd")):
        test_writing.send(log, *({"messageId": one} for one in ids), received_at=received_at)
        test_writing.drain(writer, log)

    rows = store.tables["events"]
    assert [row["message_id"] for row in rows] == ["a", "b", "c", "d"]
    stored_at = [row["stored_at"] for row in rows]
    assert stored_at == sorted(stored_at)
    assert all(row["occurred_at"] <= row["received_at"] for row in rows)
