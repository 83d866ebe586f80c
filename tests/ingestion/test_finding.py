"""What the live page and "find my event" are told (R9)."""

import time
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest

from apps.ingestion import finding, wiring
from apps.ingestion.domain.events import Surroundings
from apps.ingestion.services import Sender, Writer, accept, load_seen_ids
from tests.fakes.event_log import MemoryLog

pytestmark = [pytest.mark.stores, pytest.mark.usefixtures("clickhouse")]

ABOUT = Surroundings(7, 3, "web", "EUR", frozenset(), frozenset())
NOW = datetime.now(UTC).replace(microsecond=0)


def send(log: MemoryLog, *events: dict[str, Any], received_at: datetime = NOW) -> None:
    raw = [msgspec.json.encode({"type": "track", "event": "Order", "userId": "ann", **event}) for event in events]
    sender = Sender(ABOUT, int(received_at.timestamp() * 1000))
    accept(raw, kind="", sender=sender, batch_sent_at=None, largest=32_768, new_id=lambda: "made", log=log)


def store(log: MemoryLog) -> None:
    events = wiring.event_store()
    writer = Writer(
        log=log,
        store=events,
        seen=load_seen_ids(events),
        rules_of=lambda _delivery: ABOUT,
        clock=lambda: time.time_ns() // 1_000_000,
        tell=lambda _arrival, _events: None,
    )
    while entries := log.read(most=100, wait=0):
        writer.write(entries)


def test_stored_event_is_found_with_all_its_times(log: MemoryLog) -> None:
    send(log, {"messageId": "a", "properties": {"revenue": 20}})
    store(log)

    found = finding.find_event(7, message_id="a")

    assert found.is_stored
    assert not found.outcomes
    assert not found.waiting
    assert found.fields["received_at"] == NOW
    assert found.fields["logged_at"] == datetime.fromtimestamp(0.001, UTC)  # the first tick of the log in memory
    assert found.fields["value"] == 20


def test_waiting_event_is_found_on_the_log(log: MemoryLog) -> None:
    send(log, {"messageId": "a"}, {"messageId": "b"}, {"messageId": "bad", "event": None})
    log.append(b"\xffnonsense")

    found = finding.find_event(7, message_id="b")

    assert not found.is_stored
    assert [(one.stream_id, one.received_at) for one in found.waiting] == [(3, NOW)]
    assert '"messageId":"b"' in found.waiting[0].payload
    assert [one.is_accepted for one in found.waiting] == [True]
    assert [one.is_accepted for one in finding.find_event(7, message_id="bad").waiting] == [False]
    assert not finding.find_event(8, message_id="b").waiting
    store(log)
    assert not finding.find_event(7, message_id="b").waiting


def test_log_that_is_down_leaves_the_stored_and_hides_the_waiting(log: MemoryLog) -> None:
    send(log, {"messageId": "a"})
    store(log)
    send(log, {"messageId": "b"})
    log.is_down = True

    assert finding.find_event(7, message_id="a").is_stored
    assert not finding.find_event(7, message_id="b").waiting


def test_every_other_end_of_a_message_is_found(log: MemoryLog) -> None:
    send(log, {"messageId": "a"})
    send(log, {"messageId": "a"}, {"messageId": "bad", "properties": {"value": "much"}}, received_at=NOW + timedelta(1))
    store(log)

    assert [end.reason for end in finding.find_event(7, message_id="a").outcomes] == ["duplicate"]
    (end,) = finding.find_event(7, message_id="bad").outcomes
    assert (end.outcome, end.reason, end.field) == ("quarantined", "bad_amount", "properties.value")
    assert finding.find_event(8, message_id="bad").outcomes == ()


def test_recent_events_are_newest_first_and_of_one_property(log: MemoryLog) -> None:
    for number in range(3):
        send(log, {"messageId": str(number), "event": f"Step {number}"}, received_at=NOW + timedelta(seconds=number))
        store(log)

    now = datetime.now(UTC)
    assert [event.message_id for event in finding.recent_events(7, now=now)] == ["2", "1", "0"]
    assert [event.message_id for event in finding.recent_events(7, now=now, name="STEP 1")] == ["1"]
    assert finding.recent_events(7, now=now, kind="page") == []
    assert finding.recent_events(8, now=now) == []


def test_minutes_count_what_was_received_in_them(log: MemoryLog) -> None:
    minute = NOW.replace(second=0)
    send(log, {"messageId": "a"}, {"messageId": "b"}, received_at=minute)
    send(log, {"messageId": "c"}, received_at=minute - timedelta(minutes=2))
    store(log)

    counts = finding.events_per_minute(7, now=minute + timedelta(seconds=30), minutes=4)

    assert [count.events for count in counts] == [0, 1, 0, 2]
    assert counts[-1].starts_at == minute
    assert finding.events_in_last_minute(7, now=minute + timedelta(seconds=30)) == 2
