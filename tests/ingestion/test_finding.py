"""What the live page and "find my event" are told (R9)."""

import time
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest

from apps.ingestion import finding, wiring
from apps.ingestion.domain.events import Surroundings
from apps.ingestion.domain.found import Wanted
from apps.ingestion.domain.payloads import KEPT_OF_A_BLOCK, PAYLOAD_DAYS
from apps.ingestion.domain.pipeline import device_key, person_key
from apps.ingestion.services import Sender, Writer, accept, load_seen_ids
from apps.shared import clickhouse
from tests.fakes.event_log import MemoryLog

pytestmark = [pytest.mark.stores, pytest.mark.django_db, pytest.mark.usefixtures("clickhouse", "valkey")]

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
        tell=lambda _news: None,
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


def listed(wanted: Wanted | None = None, *, property_id: int = 7, **options: Any) -> list[tuple[str, str]]:
    page = finding.happenings(property_id, wanted or Wanted(), now=NOW + timedelta(minutes=1), **options)
    return [(row.message_id, row.state) for row in page.rows]


def test_list_holds_every_end_newest_first_and_of_one_property(log: MemoryLog) -> None:
    send(log, {"messageId": "a"}, received_at=NOW - timedelta(seconds=9))
    send(log, {"messageId": "a"}, {"messageId": "bad", "properties": {"value": "much"}}, received_at=NOW)
    send(log, {"messageId": "nameless", "event": None}, received_at=NOW - timedelta(days=40))
    store(log)
    send(log, {"messageId": "late"}, received_at=NOW + timedelta(seconds=9))

    assert listed() == [
        ("late", "waiting"), ("bad", "quarantined"), ("a", "duplicate"), ("a", "stored"), ("nameless", "refused"),
    ]  # fmt: skip
    assert listed(property_id=8) == []


def test_list_is_narrowed_by_what_is_wanted(log: MemoryLog) -> None:
    send(log, {"messageId": "a", "event": "Signed Up", "context": {"device": {"id": "D-1"}}})
    send(log, {"messageId": "b", "anonymousId": "v1", "userId": None, "properties": {"order_id": "o-7"}})
    send(log, {"messageId": "p", "type": "page", "name": "Home", "userId": 77})
    send(log, {"messageId": "bad", "userId": 77, "properties": {"value": "much", "note": "Umlaut Ä"}})
    store(log)
    send(log, {"messageId": "w", "userId": 77})
    keys = (person_key("", "77"),)
    asked = {
        "state": Wanted(state="quarantined"), "kind": Wanted(kind="page"), "name": Wanted(name="SIGNED"),
        "stream": Wanted(stream_id=4), "text": Wanted(text="umlaut ä"), "order": Wanted(order_id="o-7"),
        "person": Wanted(ids=("77",), person_keys=keys), "device": Wanted(device_key=device_key("v1", "")),
        "device id": Wanted(device_id="D-1"), "id": Wanted(ids=("v1",)), "waiting": Wanted(state="waiting"),
        "message": Wanted(message_id="w"), "stored message": Wanted(message_id="p"),
        "before": Wanted(until=NOW), "after": Wanted(since=NOW + timedelta(milliseconds=1)),
    }  # fmt: skip

    found = {name: sorted(message_id for message_id, _state in listed(wanted)) for name, wanted in asked.items()}

    assert found == {
        "state": ["bad"], "kind": ["p"], "name": ["a"], "stream": [], "text": ["bad"], "order": ["b"],
        "person": ["bad", "p", "w"], "device": ["b"], "device id": ["a"], "id": ["b"], "waiting": ["w"],
        "message": ["w"], "stored message": ["p"], "before": [], "after": [],
    }  # fmt: skip


def test_pages_of_the_list_hold_every_row_once(log: MemoryLog) -> None:
    for number in range(5):
        send(log, {"messageId": str(number)}, received_at=NOW - timedelta(hours=number))
    store(log)
    seen, cursor = [], ""

    while True:
        page = finding.happenings(7, Wanted(), now=NOW, cursor=cursor, limit=2)
        seen += [row.message_id for row in page.rows]
        cursor = page.next_cursor
        if not cursor:
            break

    assert seen == ["0", "1", "2", "3", "4"]
    assert len(finding.happenings(7, Wanted(), now=NOW, cursor="nonsense", limit=2).rows) == 2


@pytest.mark.parametrize("limit", [1, 2, 3, 7, 20])
def test_pages_lose_nothing_of_what_came_together_without_an_id(log: MemoryLog, limit: int) -> None:
    """R9: of a batch that was refused, the pages showed as many rows as fit on one, and none of the rest."""
    send(log, {"messageId": "before"}, received_at=NOW - timedelta(hours=1))
    send(log, *[{"messageId": "same", "event": f"Order {number}"} for number in range(6)])
    send(log, *[{"messageId": "", "userId": [number]} for number in range(6)])
    store(log)
    seen, cursor = [], ""

    for _page in range(30):
        page = finding.happenings(7, Wanted(), now=NOW, cursor=cursor, limit=limit)
        seen += [(row.message_id, row.state, row.name, row.detail) for row in page.rows]
        cursor = page.next_cursor
        if not cursor:
            break

    assert [state for _id, state, *_rest in sorted(seen)].count("refused") == 6
    assert len([one for one in seen if one[0] == "same"]) == 6
    assert (len(seen), seen[-1][0]) == (13, "before")


def test_arrivals_are_counted_whole_and_shown_in_part(log: MemoryLog) -> None:
    before = datetime.now(UTC)
    send(log, *({"messageId": str(number)} for number in range(7)), {"messageId": "bad", "properties": {"value": "x"}})
    store(log)
    now = datetime.now(UTC) + timedelta(seconds=1)

    found = finding.arrivals(7, Wanted(), after=before - timedelta(seconds=1), to=now, limit=3)

    assert (len(found.rows), found.matched) == (3, 8)
    assert finding.arrivals(7, Wanted(state="quarantined"), after=before, to=now, limit=3).matched == 1
    assert finding.arrivals(7, Wanted(), after=now, to=now + timedelta(1), limit=3).matched == 0


def test_payload_is_kept_as_it_lay_on_the_log_for_its_days(log: MemoryLog) -> None:
    sent = {"messageId": "a", "context": {"ip": "203.0.113.9"}, "properties": {"size": 4}}
    send(log, sent, {"messageId": "bad", "event": None})
    send(log, {"messageId": "old"}, received_at=NOW - timedelta(days=PAYLOAD_DAYS, minutes=1))
    store(log)

    found = finding.find_event(7, message_id="a")

    assert found.sent is not None
    assert '"properties":{"size":4}' in found.sent.payload
    assert "203.0.113.9" not in found.sent.payload
    assert found.sent.inserted_at >= found.fields["stored_at"] - timedelta(milliseconds=5)
    assert finding.find_event(7, message_id="old").sent is None


def test_busy_block_keeps_a_sample_of_its_payloads(log: MemoryLog) -> None:
    send(log, *({"messageId": f"m{number}"} for number in range(1_000)))
    store(log)

    (kept,) = clickhouse.select(
        "SELECT count() FROM payloads WHERE property_id = {property_id:UInt64}", int, property_id=7
    )

    assert kept == KEPT_OF_A_BLOCK


def test_refused_consent_keeps_neither_payload_nor_id(log: MemoryLog) -> None:
    """R8: what is shown as received is kept only where it may be."""
    send(log, {"messageId": "a", "userId": "eve", "context": {"consent": {"status": "denied"}}})
    store(log)

    assert listed() == [("", "refused")]
    rows = clickhouse.select(
        "SELECT message_id, payload FROM outcomes WHERE property_id = {property_id:UInt64} "
        "UNION ALL SELECT message_id, payload FROM payloads WHERE property_id = {property_id:UInt64}",
        lambda *row: row,
        property_id=7,
    )
    assert rows == [("", "")]


def test_minutes_count_what_was_received_in_them(log: MemoryLog) -> None:
    minute = NOW.replace(second=0)
    send(log, {"messageId": "a"}, {"messageId": "b"}, received_at=minute)
    send(log, {"messageId": "c"}, received_at=minute - timedelta(minutes=2))
    store(log)

    counts = finding.events_per_minute(7, now=minute + timedelta(seconds=30), minutes=4)

    assert [count.events for count in counts] == [0, 1, 0, 2]
    assert counts[-1].starts_at == minute
    assert finding.events_in_last_minute(7, now=minute + timedelta(seconds=30)) == 2
