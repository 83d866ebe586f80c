"""The writer: once each, first wins, whatever breaks (R1, R2, R9)."""

import itertools
from typing import Any

import msgspec
import pytest

from apps.ingestion.domain import deliveries, pipeline
from apps.ingestion.domain.events import Surroundings
from apps.ingestion.domain.ports import Inserted, StoreUnavailable
from apps.ingestion.services import Sender, Writer, accept, blocks, load_seen_ids
from tests.fakes.event_log import MemoryLog
from tests.fakes.event_store import MemoryStore

ABOUT = Surroundings(7, 3, "web", "EUR", frozenset({"shop.example"}), frozenset(), country="DE")
NOW = 1_780_000_000_000
clock = itertools.count(NOW + 1_000_000)


def send(log: MemoryLog, *events: dict[str, Any], received_at: int = NOW) -> list[Any]:
    raw = [msgspec.json.encode({"type": "track", "event": "Order", "userId": "ann", **event}) for event in events]
    sender = Sender(ABOUT, received_at)
    return accept(raw, kind="", sender=sender, batch_sent_at=None, largest=32_768, new_id=lambda: "made", log=log)


def make_writer(log: MemoryLog, store: MemoryStore) -> Writer:
    return Writer(
        log=log,
        store=store,
        seen=load_seen_ids(store),
        rules_of=lambda _delivery: ABOUT,
        clock=lambda: next(clock),
        tell=lambda _news: None,
    )


def drain(writer: Writer, log: MemoryLog) -> None:
    while entries := log.read(most=100, wait=0):
        writer.write(entries)


def stored(store: MemoryStore) -> list[str]:
    return [row["message_id"] for row in store.tables["events"]]


def ends(store: MemoryStore) -> list[tuple[str, str]]:
    return [(row["message_id"], row["reason"]) for row in store.tables["outcomes"]]


def test_duplicate_in_any_batch_is_stored_once_and_recorded() -> None:
    log, store = MemoryLog(), MemoryStore()
    writer = make_writer(log, store)
    send(log, {"messageId": "a", "properties": {"value": 1}}, {"messageId": "b"})
    send(log, {"messageId": "a", "properties": {"value": 2}}, received_at=NOW + 5)
    drain(writer, log)
    send(log, {"messageId": "b"}, received_at=NOW + 86_400_000)

    drain(make_writer(log, store), log)

    assert sorted(stored(store)) == ["a", "b"]
    assert [str(row["value"]) for row in store.tables["events"] if row["message_id"] == "a"] == ["1.0000"]
    assert ends(store) == [("a", "duplicate"), ("b", "duplicate")]
    assert not log.entries


def test_crash_after_the_insert_changes_nothing_when_read_again(monkeypatch: pytest.MonkeyPatch) -> None:
    log, store = MemoryLog(), MemoryStore()
    send(log, {"messageId": "a"}, {"messageId": "b"}, {"messageId": "broken", "event": None})
    writer = make_writer(log, store)
    with monkeypatch.context() as broken:
        broken.setattr(log, "commit", lambda _offsets: (_ for _ in ()).throw(ConnectionError("killed")))
        with pytest.raises(ConnectionError):
            drain(writer, log)
    log.rewind()

    drain(make_writer(log, store), log)

    assert sorted(stored(store)) == ["a", "b"]
    assert ends(store) == [("broken", "no_name")]
    assert not log.entries


def test_crash_before_the_ends_loses_no_double_of_the_same_request(monkeypatch: pytest.MonkeyPatch) -> None:
    log, store = MemoryLog(), MemoryStore()
    send(log, {"messageId": "a"}, {"messageId": "a"}, {"messageId": "b"})
    insert = store.insert

    def die(table: str, columns: Any, *, token: str) -> Inserted:
        if table == "outcomes":
            raise ConnectionError("killed")
        return insert(table, columns, token=token)

    with monkeypatch.context() as broken:
        broken.setattr(store, "insert", die)
        with pytest.raises(ConnectionError):
            drain(make_writer(log, store), log)
    log.rewind()

    drain(make_writer(log, store), log)

    assert sorted(stored(store)) == ["a", "b"]
    assert ends(store) == [("a", "duplicate")]


def test_store_that_is_down_keeps_events_on_the_log() -> None:
    log, store = MemoryLog(), MemoryStore()
    writer = make_writer(log, store)
    send(log, {"messageId": "a"})
    store.is_down = True
    with pytest.raises(StoreUnavailable):
        drain(writer, log)

    store.is_down = False
    log.rewind()
    drain(writer, log)

    assert stored(store) == ["a"]


def test_time_of_storing_never_runs_back() -> None:
    log, store = MemoryLog(), MemoryStore()
    times = iter([NOW, NOW, NOW - 5_000, NOW - 4_000])  # the first when it begins
    writer = Writer(
        log=log,
        store=store,
        seen=load_seen_ids(store),
        rules_of=lambda _delivery: ABOUT,
        clock=lambda: next(times),
        tell=lambda _news: None,
    )
    for number in range(3):
        send(log, {"messageId": str(number)})
        drain(writer, log)

    moments = [row["stored_at"] for row in store.tables["events"]]
    assert moments == sorted(set(moments))


def test_double_in_the_next_block_of_a_round_is_stored_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blocks, "_BLOCK", 1)
    log, store = MemoryLog(), MemoryStore()
    for name in ("a", "b", "a"):
        send(log, {"messageId": name}, received_at=NOW + len(log.entries))

    drain(make_writer(log, store), log)

    assert stored(store) == ["a", "b"]
    assert ends(store) == [("a", "duplicate")]
    moments = [row["stored_at"] for row in store.tables["events"]]
    assert moments == sorted(set(moments))
    assert len([table for table, _token in store.tokens if table != "payloads"]) == 3
    assert not log.entries


def test_block_that_fails_ends_its_round_and_the_round_is_repeated(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blocks, "_BLOCK", 1)
    log, store = MemoryLog(), MemoryStore()
    for name in ("a", "b", "c"):
        send(log, {"messageId": name})
    insert, calls = store.insert, itertools.count(1)

    def fail_second(table: str, columns: Any, *, token: str) -> Inserted:
        if table == "events" and next(calls) == 2:
            raise StoreUnavailable("The store broke off.")
        return insert(table, columns, token=token)

    monkeypatch.setattr(store, "insert", fail_second)
    writer = make_writer(log, store)
    with pytest.raises(StoreUnavailable):
        drain(writer, log)
    assert stored(store) == ["a"]
    assert len(log.entries) == 3

    log.rewind()
    drain(writer, log)

    assert stored(store) == ["a", "b", "c"]
    assert not log.entries


def test_entry_that_is_no_delivery_is_set_aside_and_blocks_nothing() -> None:
    log, store = MemoryLog(), MemoryStore()
    log.append(b"\xffnonsense")
    send(log, {"messageId": "a"})

    drain(make_writer(log, store), log)

    assert stored(store) == ["a"]
    assert ends(store) == [("log-1-0", "unreadable")]


def test_event_that_fails_in_a_step_is_set_aside_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    log, store = MemoryLog(), MemoryStore()
    send(log, {"messageId": "good"}, {"messageId": "bad"})

    def fail_once(event: Any, _surroundings: Any) -> Any:
        if event.message_id == "bad":
            raise ZeroDivisionError
        return event

    monkeypatch.setattr(pipeline, "AFTER_DOOR", (*pipeline.AFTER_DOOR, fail_once))

    drain(make_writer(log, store), log)

    assert stored(store) == ["good"]
    assert ends(store) == [("bad", "failed")]


def test_without_consent_nothing_but_a_count_is_kept() -> None:
    log, store = MemoryLog(), MemoryStore()
    secret = {"userId": "ann@example.org", "messageId": "m-secret", "context": {"consent": {"status": "denied"}}}

    answers = send(log, secret)

    assert [(answer.status, answer.reason) for answer in answers] == [("refused", "consent_denied")]
    assert not any(b"ann@example.org" in entry.body or b"m-secret" in entry.body for entry in log.entries.values())
    drain(make_writer(log, store), log)
    (row,) = store.tables["outcomes"]
    assert (row["message_id"], row["payload"], row["reason"]) == ("", "", "consent_denied")


def test_address_of_a_person_is_on_no_disk() -> None:
    log, store = MemoryLog(), MemoryStore()
    send(
        log,
        {"messageId": "a", "context": {"ip": "8.8.8.8"}},
        {"messageId": "b", "event": 1, "context": {"ip": "8.8.8.8"}},
    )

    assert not any(b"8.8.8.8" in entry.body for entry in log.entries.values())
    drain(make_writer(log, store), log)
    assert [row["country"] for row in store.tables["events"]] == ["US"]


def test_row_has_the_facts_of_the_event() -> None:
    log, store = MemoryLog(), MemoryStore()
    send(
        log,
        {
            "messageId": "a",
            "anonymousId": "anon",
            "event": "Order Refunded",
            "properties": {"revenue": 20, "total": 99, "order_id": 17, "colour": "red"},
            "context": {
                "locale": "de-DE",
                "library": {"name": "x"},
                "page": {
                    "url": "https://shop.example/a?utm_source=google&utm_medium=cpc&utm_campaign=May",
                    "title": "T",
                },
            },
        },
    )

    drain(make_writer(log, store), log)

    (row,) = store.tables["events"]
    wanted = {
        "kind": "track",
        "name": "Order Refunded",
        "currency": "EUR",
        "order_id": "17",
        "source": "google",
        "medium": "cpc",
        "campaign": "May",
        "channel": "Paid Search",
        "has_source": True,
        "page_path": "/a",
        "title": "T",
        "locale": "de-DE",
        "country": "DE",
        "device_key": pipeline.device_key("anon", "ann"),
        "person_key": pipeline.person_key("anon", "ann"),
        "context": '{"library":{"name":"x"}}',
    }
    assert {name: row[name] for name in wanted} == wanted
    assert str(row["value"]) == "-20.0000"
    assert msgspec.json.decode(row["properties"])["colour"] == "red"


def test_older_delivery_of_this_version_still_decodes() -> None:
    delivery = deliveries.Delivery(1, 7, 3, "web", NOW, "", [deliveries.Item("a", "track", NOW, b"{}")], [])

    assert deliveries.decode(deliveries.encode(delivery)) == delivery
    with pytest.raises(deliveries.UnknownVersion):
        deliveries.decode(deliveries.encode(msgspec.structs.replace(delivery, version=99)))


def test_writer_learns_what_others_stored_before_it_took_over() -> None:
    log, store = MemoryLog(), MemoryStore()
    mine, other = make_writer(log, store), make_writer(log, store)
    send(log, {"messageId": "a"})
    drain(other, log)
    send(log, {"messageId": "a"}, received_at=NOW + 5)

    mine.learn()
    drain(mine, log)

    assert stored(store) == ["a"]
    assert ends(store) == [("a", "duplicate")]
