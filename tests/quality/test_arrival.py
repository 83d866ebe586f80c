"""Events meet expectations in the writer: stored, flagged, kept back or repaired, each findable (R9)."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from apps.ingestion import finding, wiring
from apps.ingestion.adapters.clickhouse_events import ClickhouseEvents
from apps.ingestion.domain import inspections
from apps.ingestion.domain.ports import StoreUnavailable
from apps.ingestion.services import Writer, load_seen_ids
from apps.orgs import api as orgs
from apps.quality import queries, services
from apps.quality import wiring as quality
from apps.quality.days import quality_days
from apps.shared import clickhouse
from tests.factories.company import Company

pytestmark = pytest.mark.stores
GOOD = {"revenue": 10, "currency": "EUR", "order_id": "A1", "colour": "red", "lines": [{"sku": "x"}]}


@pytest.mark.parametrize(
    ("kind", "field", "parameters", "bad"),
    [
        ("not_null", "properties.colour", {}, {"colour": ""}),
        ("not_null", "properties.colour", {}, {"colour": None}),
        ("in_set", "properties.colour", {"values": ["red", "green"]}, {"colour": "blue"}),
        ("in_set", "currency", {"values": ["EUR"]}, {"currency": "USD"}),
        ("range", "properties.revenue", {"min": 0, "max": 100}, {"revenue": 100.01}),
        ("range", "value", {"max": "99.5"}, {"revenue": "99.51"}),
        ("regex", "properties.order_id", {"pattern": "[A-Z][0-9]+"}, {"order_id": "A1 "}),
        ("type", "properties.colour", {"types": ["string"]}, {"colour": 5}),
        ("type", "properties.lines.0.sku", {"types": ["string"]}, {"lines": [{"sku": 5}]}),
    ],
)
def test_event_that_fails_is_kept_back_and_the_good_one_stored(  # noqa: PLR0917  fixtures
    send: Any, write: Any, expect: Any, stored: Any, kept: Any,
    kind: str, field: str, parameters: dict[str, Any], bad: dict[str, Any],
) -> None:  # fmt: skip
    row = expect(kind, field, parameters=parameters, event="Ord*")
    answers = send(
        {"messageId": "good", "properties": GOOD},
        {"messageId": "bad", "properties": {**GOOD, **bad}},
        {"messageId": "other", "event": "Else", "properties": {**GOOD, **bad}},
    )

    write()

    assert {answer["status"] for answer in answers} == {"accepted"}
    assert set(stored()) == {"good", "other"}
    (one,) = kept().values()
    assert (one.message_id, one.state, one.reason, one.expectations) == ("bad", "waiting", "expectation", (row.pk,))
    assert row.name in one.detail
    assert set(kept(expectation_id=row.pk)) == {"bad"}
    assert not kept(expectation_id=row.pk + 1)


def test_flagged_event_counts_and_carries_its_flag(
    company: Company, send: Any, write: Any, expect: Any, stored: Any, kept: Any
) -> None:
    row = expect("not_null", "context.campaign.source", severity="flag")
    send({"messageId": "flagged"}, {"messageId": "fine", "context": {"campaign": {"source": "google"}}})

    write()

    assert {name: list(flags) for name, (_properties, flags, _repairs) in stored().items()} == {
        "flagged": [row.pk],
        "fine": [],
    }
    assert not kept()
    assert finding.find_event(company.shop.pk, message_id="flagged").fields["flags"] == [row.pk]


def test_expectation_of_another_stream_and_one_that_is_off_ask_nothing(
    company: Company, send: Any, write: Any, expect: Any, stored: Any
) -> None:
    expect("not_null", "properties.a", is_on=False)
    with pytest.raises(Exception, match="no such stream"):
        expect("not_null", "properties.b", stream_id=company.theirs.streams.get().pk)
    send({"messageId": "m"})

    write()

    assert set(stored()) == {"m"}


def test_counts_of_the_writer_are_those_of_the_rows(company: Company, send: Any, write: Any, expect: Any) -> None:
    """R4: what the score rests on equals a count over the raw events."""
    flag = expect("range", "properties.n", severity="flag", parameters={"max": 6})
    back = expect("range", "properties.n", name="back", parameters={"max": 8}, event="Order")
    for _ in range(2):
        send(*({"messageId": f"m{number}", "properties": {"n": number}} for number in range(11)))
        write()

    sql = """SELECT expectation_id, sum(checked), sum(flagged), sum(quarantined) FROM quality_checks
        WHERE property_id = {property_id:UInt64} GROUP BY expectation_id"""
    counted = {row[0]: row[1:] for row in clickhouse.select(sql, lambda *row: row, property_id=company.shop.pk)}
    # 0 to 8 were stored the first time and are duplicates the second; 9 and 10 came twice and were kept back twice.
    assert counted == {flag.pk: (13, 2, 4), back.pk: (13, 0, 4)}


def test_day_that_is_over_keeps_its_score_when_a_rule_becomes_milder(
    company: Company, send: Any, write: Any, expect: Any
) -> None:
    """R10: what a failure weighed on a day is what it weighed when that day was over."""
    strict = expect("range", "properties.n", parameters={"max": 4}, name="strict")
    expect("range", "properties.n", parameters={"max": 9}, name="mild", severity="flag")
    send(*({"messageId": f"m{number}", "properties": {"n": number}} for number in range(10)))
    write()
    info, now = orgs.property_by_id(company.shop.pk), timezone.now()
    days = {"since": now - timedelta(days=7), "until": now + timedelta(days=2)}
    before = [(one.key, one.score) for one in quality_days(info, **days).days if one.checked]

    with time_machine.travel(now + timedelta(days=1, hours=1), tick=False):
        services.change_expectation(property_id=info.id, expectation_id=strict.pk, made_by=company.ada, severity="flag")
    after = quality_days(info, **days)

    assert [score for _day, score in before] == [pytest.approx(100 * (2 * 0.5 + 1) / 3)]
    assert [(one.key, one.score) for one in after.days if one.checked] == before
    assert after.whole.score == before[0][1]


def test_corrected_event_with_the_id_of_one_kept_back_is_stored(
    send: Any, write: Any, expect: Any, stored: Any
) -> None:
    expect("not_null", "properties.colour")
    send({"messageId": "m"}, {"messageId": "m", "properties": {"colour": "red"}})

    write()

    assert set(stored()) == {"m"}


def test_writer_that_is_killed_counts_checks_and_quarantine_once(
    company: Company, log: Any, send: Any, write: Any, expect: Any, kept: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """R2: a crash between the inserts and the commit changes no count."""
    expect("not_null", "properties.colour")
    send({"messageId": "bad"}, {"messageId": "good", "properties": {"colour": "red"}})
    with monkeypatch.context() as broken:
        broken.setattr(log, "commit", lambda _offsets: (_ for _ in ()).throw(ConnectionError("killed")))
        with pytest.raises(ConnectionError):
            write()
    log.rewind()

    write()

    sql = "SELECT sum(checked), sum(quarantined) FROM quality_checks WHERE property_id = {property_id:UInt64}"
    assert clickhouse.select(sql, lambda *row: row, property_id=company.shop.pk) == [(2, 1)]
    assert kept()["bad"].times == 1


@contextmanager
def killed_before(table: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let a writer die when it comes to the rows of *table*."""
    insert = ClickhouseEvents.insert

    def die(store: Any, name: str, columns: Any, **names: Any) -> Any:
        if name == table:
            raise ConnectionError("killed")
        return insert(store, name, columns, **names)

    with monkeypatch.context() as broken:
        broken.setattr(ClickhouseEvents, "insert", die)
        with pytest.raises(ConnectionError):
            yield


@pytest.mark.parametrize("table", ["quality_checks", "payloads"])
def test_what_was_kept_back_stays_so_when_expectations_change_before_it_is_read_again(
    company: Company, log: Any, send: Any, write: Any, expect: Any, stored: Any, table: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    """R2, R9: killed after the ends were stored; each event has one end, by the rules that held first."""
    rule = expect("not_null", "properties.colour")
    red, blue = {"properties": {"colour": "red"}}, {"properties": {"colour": "blue"}}
    send({"messageId": "bad"}, {"messageId": "a", **red}, {"messageId": "b", **blue}, {"messageId": "c", **red})
    send({"messageId": "c", **blue}, {"messageId": "spoilt", "event": None}, {"messageId": "bad"})
    with killed_before(table, monkeypatch):
        write()
    log.rewind()
    rule.delete()
    expect("not_null", "properties.colour", "flag")

    write()

    assert set(stored()) == {"a", "b", "c"}
    sql = "SELECT message_id, outcome FROM outcomes WHERE property_id = {property_id:UInt64} ORDER BY ALL"
    ends = clickhouse.select(sql, lambda *row: row, property_id=company.shop.pk)
    assert [one for one in ends if one[0] != "spoilt"] == [("bad", "quarantined")] * 2 + [("c", "duplicate")]
    assert len(ends) == 4
    sql = "SELECT sum(checked) FROM quality_checks WHERE property_id = {property_id:UInt64}"
    assert clickhouse.select(sql, int, property_id=company.shop.pk) == [5]


@pytest.mark.parametrize("table", ["outcomes", "quality_checks"])
def test_writer_that_is_killed_between_events_and_ends_loses_no_count(
    company: Company, log: Any, send: Any, write: Any, expect: Any, stored: Any, table: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    """R2, R9: the next one counts what the first did not come to, and nothing twice."""
    expect("not_null", "properties.colour")
    expect("in_set", "properties.colour", "flag", parameters={"values": ["red"]})
    red, blue = {"properties": {"colour": "red"}}, {"properties": {"colour": "blue"}}
    send({"messageId": "bad"}, {"messageId": "m"}, {"messageId": "m", **red}, {"messageId": "m", **blue})
    with killed_before(table, monkeypatch):
        write()
    log.rewind()

    write()

    sql = """
    SELECT max(checked), sum(flagged), sum(quarantined) FROM quality_checks WHERE property_id = {property_id:UInt64}
    """
    assert clickhouse.select(sql, lambda *row: row, property_id=company.shop.pk) == [(3, 0, 2)]
    sql = "SELECT message_id, reason FROM outcomes WHERE property_id = {property_id:UInt64} ORDER BY ALL"
    ends = clickhouse.select(sql, lambda *row: row, property_id=company.shop.pk)
    assert ends == [("bad", "expectation"), ("m", "duplicate"), ("m", "expectation")]
    assert {name: row[0] for name, row in stored().items()} == {"m": '{"colour":"red"}'}


def test_double_beside_an_event_that_is_stored_lets_new_rules_keep_nothing_back(
    company: Company, log: Any, send: Any, write: Any, expect: Any, stored: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """R9: killed between events and ends; the event has one end, though its id comes twice in the block."""
    rule = expect("not_null", "properties.colour", "flag")
    send({"messageId": "m"})
    send({"messageId": "m"})
    with killed_before("outcomes", monkeypatch):
        write()
    log.rewind()
    rule.delete()
    expect("not_null", "properties.colour")

    write()

    sql = "SELECT message_id, outcome FROM outcomes WHERE property_id = {property_id:UInt64} ORDER BY ALL"
    assert clickhouse.select(sql, lambda *row: row, property_id=company.shop.pk) == [("m", "duplicate")]
    assert set(stored()) == {"m"}


def test_round_that_broke_off_is_not_stored_again_when_expectations_change_meanwhile(
    company: Company, log: Any, send: Any, expect: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """R2: the same process goes on, and what would be kept back now names the block otherwise."""
    target = wiring.event_store()
    writer = Writer(
        log=log, store=target, seen=load_seen_ids(target), rules_of=wiring.rules_of,
        clock=lambda: time.time_ns() // 1_000_000, tell=lambda _news: None, inspection=inspections.registered(),
    )  # fmt: skip
    send({"messageId": "bad"}, {"messageId": "good", "properties": {"colour": "red"}}, {"event": None})
    insert = ClickhouseEvents.insert

    def fail(store: Any, name: str, columns: Any, **names: Any) -> Any:
        if name == "outcomes":
            raise StoreUnavailable("It broke off.")
        return insert(store, name, columns, **names)

    quality.inspection().forget()
    with monkeypatch.context() as broken:
        broken.setattr(ClickhouseEvents, "insert", fail)
        with pytest.raises(StoreUnavailable):
            writer.write(log.read(most=100, wait=0))
    log.rewind()
    expect("not_null", "properties.colour")
    quality.inspection().forget()

    writer.write(log.read(most=100, wait=0))

    sql = "SELECT arraySort(groupArray(message_id)) FROM events WHERE property_id = {property_id:UInt64}"
    assert clickhouse.select(sql, list, property_id=company.shop.pk) == [["bad", "good"]]


def test_kept_fix_repairs_what_fails_on_arrival_and_keeps_the_original(
    company: Company, send: Any, write: Any, expect: Any, stored: Any, kept: Any
) -> None:
    expect("in_set", "properties.colour", parameters={"values": ["red"]})
    fix = services.add_fix(
        property_id=company.shop.pk, made_by=company.ada, name="colours", field="properties.colour",
        action="mapping", parameters={"values": {"rot": "red"}},
    )  # fmt: skip
    send(
        {"messageId": "german", "properties": {"colour": "rot"}},
        {"messageId": "blue", "properties": {"colour": "blau"}},
    )

    write()

    properties, flags, repairs = stored()["german"]
    assert ('"red"' in properties, list(flags), list(repairs)) == (True, [], [fix.pk])
    (note,) = finding.find_event(company.shop.pk, message_id="german").outcomes
    assert (note.outcome, "colours" in note.detail, '"rot"' in note.payload) == ("repaired", True, True)
    assert set(kept()) == {"blue"}


def test_kept_fix_rescues_what_the_door_kept_back(
    company: Company, send: Any, write: Any, stored: Any, kept: Any
) -> None:
    services.add_fix(
        property_id=company.shop.pk, made_by=company.ada, name="amounts", field="properties.revenue",
        action="cast", parameters={"to": "number"},
    )  # fmt: skip
    answers = send(
        {"messageId": "a", "properties": {"revenue": "1.234,50 €"}},
        {"messageId": "b", "properties": {"revenue": "much"}},
        {"messageId": "c"},
    )

    write()

    assert [answer["status"] for answer in answers] == ["quarantined", "quarantined", "accepted"]
    assert '"revenue":1234.5' in stored()["a"][0]
    assert set(kept()) == {"b"}


def test_hostile_pattern_and_text_cost_no_time(company: Company, send: Any, write: Any, expect: Any, kept: Any) -> None:
    """R11: what would keep a backtracking engine busy for years is decided in one pass."""
    expect("regex", "properties.text", parameters={"pattern": "(a+)+(a|aa)+(.*a){10}b"})
    send({"messageId": "m", "properties": {"text": "a" * 20_000}})
    began = time.process_time()

    write()

    assert time.process_time() - began < 5
    assert set(kept()) == {"m"}


def test_broken_rule_stands_in_nobodys_way(
    send: Any, write: Any, expect: Any, stored: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    expect("not_null", "properties.colour")
    monkeypatch.setattr("apps.quality.domain.plans.Plan.failures", lambda *_: 1 / 0)
    send({"messageId": "m"})

    write()

    assert set(stored()) == {"m"}


def test_preview_says_what_the_writer_would_do(company: Company, send: Any, write: Any, expect: Any) -> None:
    events = [
        {
            "messageId": f"m{number}",
            "properties": {"n": number},
            "context": {"campaign": {"source": "s" * (number % 2)}},
        }
        for number in range(10)
    ]
    send(*events)
    write()
    drafts = [
        expect("range", "properties.n", parameters={"max": 6}, severity="flag"),
        expect("not_null", "context.campaign.source", severity="flag"),
        expect("in_set", "type", parameters={"values": ["track"]}, severity="flag"),
    ]
    found = [queries.preview(company.shop.pk, row.rule(), now=timezone.now()) for row in drafts]
    send(*({**event, "messageId": f"again-{event['messageId']}"} for event in events))
    write()

    assert [(one.failed, one.of, one.total, len(one.some)) for one in found] == [
        (3, 10, 10, 3),
        (5, 10, 10, 5),
        (0, 10, 10, 0),
    ]
    since, until = timezone.now() - timedelta(days=2), timezone.now() + timedelta(days=1)
    counts = queries.day_counts(company.shop.pk, since=since, until=until, time_zone="Europe/Berlin")
    assert {one.expectation_id: one.failed for one in counts} == {drafts[0].pk: 3, drafts[1].pk: 5, drafts[2].pk: 0}
