"""Quarantine: found, fixed, replayed and discarded; a replayed event counts once (R2), and nothing vanishes (R9)."""

import time
from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from apps.compliance.api import Consent
from apps.ingestion import finding, wiring
from apps.ingestion import services as ingestion
from apps.ingestion.domain import consents
from apps.ingestion.domain.payload import Payload
from apps.quality import queries, services
from apps.quality.domain.amounts import as_number
from apps.quality.domain.rules import BadRule
from apps.quality.models import Release
from apps.shared import clickhouse
from tests.factories.company import Company
from tests.quality.conftest import everything

pytestmark = pytest.mark.stores
RED = {"field": "properties.colour", "action": "mapping", "parameters": {"values": {"rot": "red"}}}


def release(
    company: Company, kind: str = "replay", *, fix: Any = None, note: str = "",
    behind: timedelta = timedelta(0), **selection: Any,
) -> Release:  # fmt: skip
    """Release as a task does whose clock is *behind*."""
    row = services.ask_release(
        property_id=company.shop.pk, kind=kind, selection=everything(**selection), fix=fix, note=note,
        asked_by=company.ada, now=timezone.now(),
    )  # fmt: skip
    clock = lambda: timezone.now() - behind  # noqa: E731  a clock is a function
    return services.run_release(property_id=company.shop.pk, release_id=row.pk, clock=clock)


def ends(company: Company, message_id: str) -> list[tuple[str, str]]:
    found = finding.find_event(company.shop.pk, message_id=message_id)
    return [(one.outcome, one.reason) for one in found.outcomes]


def account(company: Company) -> dict[str, int]:
    selection = everything()
    found = queries.accounting(company.shop.pk, since=selection.since, until=selection.until)
    return {name: value for name, value in found._asdict().items() if value}


def test_replay_after_the_rule_was_taken_back_counts_once(
    company: Company, send: Any, write: Any, expect: Any, stored: Any, kept: Any
) -> None:
    """R2: the same id, the same times; a second replay and a copy from the client change no number."""
    row = expect("not_null", "properties.colour")
    send({"messageId": "m", "timestamp": "2026-11-20T10:00:00Z"})
    write()
    services.archive_expectation(property_id=company.shop.pk, expectation_id=row.pk, made_by=company.ada)
    before = kept()["m"]

    run = release(company)
    assert kept()["m"].state == "under_way"
    write()
    assert kept()["m"].state == "replayed"
    with pytest.raises(services.NothingWaits):
        release(company)
    send({"messageId": "m"})
    write()

    assert (run.total, run.done, run.changed, run.refused, run.status) == (1, 1, 0, 0, "succeeded")
    sql = "SELECT message_id, occurred_at, received_at FROM events WHERE property_id = {property_id:UInt64}"
    ((name, occurred_at, received_at),) = clickhouse.select(sql, lambda *one: one, property_id=company.shop.pk)
    assert (name, str(occurred_at)[:10]) == ("m", "2026-11-20")
    assert received_at.replace(tzinfo=None) == before.received_at.replace(tzinfo=None)
    assert ends(company, "m") == [("quarantined", "expectation"), ("replayed", "replayed"), ("duplicate", "duplicate")]
    assert account(company) == {"received": 2, "stored": 1, "duplicate": 1}


def test_log_that_gets_a_replay_twice_stores_it_once(
    company: Company, log: Any, send: Any, write: Any, expect: Any, stored: Any
) -> None:
    """R2: a worker that dies between the log and the note sends the same event again."""
    row = expect("not_null", "properties.colour")
    send({"messageId": "m"})
    write()
    services.archive_expectation(property_id=company.shop.pk, expectation_id=row.pk, made_by=company.ada)
    release(company)
    (entry,) = log.entries.values()
    write()
    log.append(entry.body)

    write()

    assert set(stored()) == {"m"}
    assert account(company) == {"received": 1, "stored": 1}


def test_fix_by_rule_replays_what_it_mends_and_the_rest_fails_again(
    company: Company, send: Any, write: Any, expect: Any, stored: Any, kept: Any
) -> None:
    expect("in_set", "properties.colour", parameters={"values": ["red"]})
    send({"messageId": "rot", "properties": {"colour": "rot"}}, {"messageId": "blau", "properties": {"colour": "blau"}})
    write()
    changed, looked_at, some = services.preview_fix(property_id=company.shop.pk, selection=everything(), fix=RED)

    run = release(company, fix=RED)
    write()

    assert (changed, looked_at, [one.message_id for one in some]) == (1, 2, ["rot"])
    assert ('"rot"' in some[0].before, '"red"' in some[0].after) == (True, True)
    assert (run.total, run.changed) == (2, 1)
    assert '"red"' in stored()["rot"][0]
    assert {name: one.state for name, one in kept().items()} == {"rot": "replayed", "blau": "failed_again"}
    assert ends(company, "rot") == [("quarantined", "expectation"), ("replayed", "fixed")]
    assert ends(company, "blau")[-1] == ("quarantined", "expectation")
    assert account(company) == {"received": 2, "stored": 1, "waiting": 1}


@pytest.mark.parametrize(
    ("before", "fix", "after"),
    [
        ({"revenue": "1.234,50 €"}, ("properties.revenue", "cast", {"to": "number"}), '"revenue":1234.5'),
        ({"revenue": "free"}, ("properties.revenue", "mapping", {"values": {"free": 0}}), '"revenue":0'),
        ({"revenue": "x", "price": 5}, ("properties.revenue", "rename", {"to": "properties.note"}), '"note":"x"'),
        ({"revenue": 5, "currency": "euro"}, ("properties.currency", "mapping", {"values": {"euro": "EUR"}}), '"EUR"'),
    ],
)
def test_what_the_door_kept_back_is_mended_and_stored(
    company: Company, send: Any, write: Any, stored: Any, kept: Any,
    before: dict[str, Any], fix: tuple[str, str, dict[str, Any]], after: str,
) -> None:  # fmt: skip
    send({"messageId": "m", "properties": before}, {"messageId": "fine"})
    write()
    assert kept()["m"].reason in {"bad_amount", "bad_currency"}

    release(company, fix=dict(zip(("field", "action", "parameters"), fix, strict=True)))
    write()

    assert after in stored()["m"][0]
    assert kept()["m"].state == "replayed"


def test_replay_of_what_is_still_wrong_fails_again_with_its_whole_payload(
    company: Company, send: Any, write: Any, kept: Any
) -> None:
    text = "x" * 20_000
    send({"messageId": "m", "properties": {"revenue": "much", "text": text}})
    write()

    release(company)
    write()

    (one,) = kept().values()
    assert (one.state, one.times) == ("failed_again", 2)
    selection = everything()
    whole = queries.item(company.shop.pk, message_id="m", since=selection.since, until=selection.until)
    assert whole is not None
    assert text in whole.payload
    assert account(company) == {"received": 1, "waiting": 1}


def test_discard_needs_a_reason_and_says_who(
    company: Company, send: Any, write: Any, expect: Any, stored: Any, kept: Any
) -> None:
    expect("not_null", "properties.colour")
    send({"messageId": "m"})
    write()
    with pytest.raises(BadRule):
        release(company, "discard")

    release(company, "discard", note="a test of the app")

    assert (kept()["m"].state, stored()) == ("discarded", {})
    last = finding.find_event(company.shop.pk, message_id="m").outcomes[-1]
    assert (last.outcome, "a test of the app" in last.detail, "ada" in last.detail) == ("discarded", True, True)
    assert account(company) == {"received": 1, "discarded": 1}


def test_whoever_refused_since_is_not_replayed(
    company: Company, send: Any, write: Any, expect: Any, stored: Any, kept: Any, settings: Any
) -> None:
    """R8: an agreement inside an old event does not take a later refusal back."""
    row = expect("not_null", "properties.colour")
    send({"messageId": "m", "context": {"consent": {"status": "granted"}}})
    write()
    services.archive_expectation(property_id=company.shop.pk, expectation_id=row.pk, made_by=company.ada)
    keys = consents.keys_of(_payload("ann"), property_id=company.shop.pk, secret=settings.SECRET_KEY.encode())
    ingestion.keep_consents(company.shop.pk, dict.fromkeys(keys, Consent.DENIED))
    wiring._remembers_consent().forget()

    run = release(company)
    write()

    assert (run.refused, stored(), kept()["m"].state) == (1, {}, "discarded")
    assert ends(company, "m")[-1] == ("discarded", "consent_denied")


def test_everything_received_is_somewhere(company: Company, send: Any, write: Any, expect: Any, kept: Any) -> None:
    """R9: received = stored + quarantined + discarded + duplicates + refused, whatever is done to them."""
    row = expect("range", "properties.n", parameters={"max": 50}, event="Order")
    expect("range", "properties.n", parameters={"max": 20}, event="Order", severity="flag", name="flag")
    sent: Counter[str] = Counter()
    for round_ in range(3):
        events = [{"messageId": f"m{n}", "properties": {"n": n}} for n in range(round_ * 10, 70)]
        events += [
            {"messageId": f"bad{round_}", "properties": {"revenue": "x"}},
            {"messageId": f"none{round_}", "event": ""},
        ]
        send(*events)
        sent["events"] += len(events)
        write()
    release(company, "discard", note="old", text='"n":69')
    write()
    release(company, fix={"field": "properties.n", "action": "mapping", "parameters": {"values": {"55": 5}}},
            expectation_id=row.pk)  # fmt: skip
    write()

    found = account(company)
    assert found.pop("received") == sent["events"]
    assert found == {
        "stored": 52,
        "waiting": 17 + 3,
        "discarded": 1,
        "duplicate": sent["events"] - 52 - 20 - 1 - 3,
        "refused": 3,
    }
    states = Counter(one.state for one in kept().values())
    assert states == {"replayed": 1, "failed_again": 17, "discarded": 1, "waiting": 3}


def test_search_finds_by_every_fact(company: Company, send: Any, write: Any, expect: Any, kept: Any) -> None:
    row = expect("not_null", "properties.colour", event="Order")
    send(
        {"messageId": "one", "properties": {"note": "Blue Moon"}},
        {"messageId": "two", "event": "Refund", "properties": {"revenue": "x"}},
    )
    write()
    stream = company.shop.streams.get().pk

    for values, wanted in (
        ({}, {"one", "two"}),
        ({"message_id": "one"}, {"one"}),
        ({"event": "refu"}, {"two"}),
        ({"reason": "bad_amount"}, {"two"}),
        ({"expectation_id": row.pk}, {"one"}),
        ({"stream_id": stream}, {"one", "two"}),
        ({"stream_id": stream + 1}, set()),
        ({"text": "blue moon"}, {"one"}),
        ({"state": "waiting"}, {"one", "two"}),
        ({"state": "replayed"}, set()),
        ({"message_ids": ("two",)}, {"two"}),
    ):
        assert set(kept(**values)) == wanted, values
    assert queries.found(company.theirs.pk, everything()) == []


def _payload(user_id: str) -> Any:
    return Payload(user_id=user_id)


def test_amount_is_read_no_longer_for_a_hostile_text() -> None:
    began = time.process_time()

    assert as_number("," * 16_000) is None
    assert time.process_time() - began < 0.5
    assert [str(as_number(text)) for text in ("1.234,50 €", "EUR -3", " -5")] == ["1234.50", "-3", "-5"]


@pytest.mark.parametrize(
    ("text", "amount"),
    [("$1,234", None), ("1.234 €", None), ("1,234,567", "1234567"), ("$1,234.50", "1234.50"), ("12,5", "12.5"),
     ("1 234,50", "1234.50"), ("+3", "3"), ("0,500 EUR", "0.500"), ("0,500 kg", None), ("12.05.2026", None),
     ("10.0.0.1", None)],
)  # fmt: skip
def test_amount_that_may_be_two_numbers_is_left_as_it_is(text: str, amount: str | None) -> None:
    """A cast made 1.234 of $1,234 and 1001 of an address: a thousandth of the money, and a number out of none."""
    found = as_number(text)

    assert (found if found is None else str(found)) == amount
