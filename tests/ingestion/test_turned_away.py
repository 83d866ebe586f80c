"""Calls that were answered and not taken are found by the ids of their messages, and nothing else of them is kept."""

from base64 import b64encode
from typing import Any

import msgspec
import pytest
from django.test import Client, override_settings
from django.utils import timezone
from pytest_django.asserts import assertContains, assertNotContains

from apps.ingestion import finding, wiring
from apps.ingestion.adapters import valkey_notes
from apps.ingestion.domain import turned_away
from apps.ingestion.models import StreamLimit
from config.settings import base
from tests.factories.company import Company
from tests.fakes.event_log import MemoryLog

pytestmark = [pytest.mark.stores, pytest.mark.usefixtures("clickhouse", "valkey")]
PAGE = "/o/fernweh/p/shop/events/"


@pytest.fixture(autouse=True)
def fresh() -> None:
    """Begin with a process that has made no note in this second."""
    wiring.notes.cache_clear()


def post(door: Client, key: str, *ids: str, raw: bytes = b"") -> int:
    events = [{"type": "track", "event": "Order", "userId": "ann@example.org", "messageId": one} for one in ids]
    body = raw or msgspec.json.encode({"batch": events, "writeKey": key})
    headers = {"Authorization": f"Basic {b64encode(f'{key}:'.encode()).decode()}"}
    return door.post("/v1/batch", body, content_type="application/json", headers=headers).status_code


def look(company: Company, message_id: str) -> Any:
    with override_settings(ROOT_URLCONF="config.urls", MIDDLEWARE=base.MIDDLEWARE):
        return company.client_of(company.ada).get(PAGE, {"message_id": message_id})


def turned(company: Company, message_id: str) -> list[tuple[int, str]]:
    found = finding.find_event(company.shop.pk, message_id=message_id).turned_away
    return [(one.status, one.reason) for one in found]


def test_limited_call_is_found_and_so_is_its_repeat_that_was_taken(
    company: Company, door: Client, key: str, log: MemoryLog
) -> None:
    StreamLimit.objects.create(stream=company.shop.streams.get(), per_second=1, burst=2)
    wiring.limit_of().forget()

    assert [post(door, key, "1", "2"), post(door, key, "a", "b", "c")] == [200, 429]

    assert [turned(company, one) for one in ("a", "c", "d")] == [[(429, "too_many_requests")]] * 2 + [[]]
    StreamLimit.objects.all().delete()
    wiring.limit_of().forget()
    assert post(door, key, "a") == 200
    found = finding.find_event(company.shop.pk, message_id="a")
    assert (len(found.waiting), len(found.turned_away)) == (1, 1)


def test_call_without_a_log_is_found(company: Company, door: Client, key: str, log: MemoryLog) -> None:
    log.is_down = True

    assert post(door, key, "x") == 503

    log.is_down = False
    assert turned(company, "x") == [(503, "log_unavailable")]


def test_what_is_no_json_is_found_by_the_ids_in_it(company: Company, door: Client, key: str, log: MemoryLog) -> None:
    raw = b'{"batch": [{"messageId": "torn", "event": "Ord'

    assert post(door, key, raw=raw) == 400

    assert [reason for _status, reason in turned(company, "torn")] == ["not_json"]


def test_nothing_of_a_call_is_kept_but_digests(company: Company, door: Client, key: str, log: MemoryLog) -> None:
    """R8: whether the person agreed was never asked."""
    log.is_down = True
    post(door, key, "ann@example.org-1")

    stream = company.shop.streams.get()
    (note,) = wiring.notes().of_stream(stream.pk)
    assert b"ann" not in msgspec.msgpack.encode(note)
    assert len(note.ids) == 6
    # The same id has another digest in another property.
    keys = [wiring.key_of_notes(one.pk) for one in (company.shop, company.theirs)]
    assert [turned_away.digest(b"ann@example.org-1", one) == note.ids for one in keys] == [True, False]


def test_notes_are_bounded_and_wrong_calls_push_out_no_overload(
    company: Company, door: Client, key: str, log: MemoryLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    log.is_down = True
    post(door, key, "lost")
    log.is_down = False
    monkeypatch.setattr(valkey_notes, "MOST_A_SECOND", 1_000)
    for _ in range(valkey_notes.MOST + 20):
        post(door, key, raw=b'{"batch": [')

    notes = wiring.notes().of_stream(company.shop.streams.get().pk)
    assert len(notes) == valkey_notes.MOST + 1
    assert turned(company, "lost") == [(503, "log_unavailable")]
    monkeypatch.setattr(valkey_notes, "MOST_A_SECOND", 0)
    assert not wiring.notes().may_add()


def test_page_says_what_was_not_taken_to_its_own_property_alone(
    company: Company, door: Client, key: str, log: MemoryLog
) -> None:
    log.is_down = True
    post(door, key, "x", "y")
    log.is_down = False

    assertContains(look(company, "x"), "The call was answered 503 (log_unavailable)")
    assertContains(look(company, ""), "Calls that were not taken")
    assertContains(look(company, "unknown"), "belong to nobody")
    with override_settings(ROOT_URLCONF="config.urls", MIDDLEWARE=base.MIDDLEWARE):
        theirs = company.client_of(company.mallory).get("/o/cinder/p/shop/events/", {"message_id": "x"})
    assertNotContains(theirs, "log_unavailable", status_code=theirs.status_code)
    assert finding.last_turned_away(company.shop.pk, most=5)[0].events == 2
    assert finding.last_turned_away(company.shop.pk, most=5)[0].at <= timezone.now()


def test_door_answers_as_before_without_valkey(
    company: Company, door: Client, key: str, log: MemoryLog, settings: Any
) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    log.is_down = True

    assert [post(door, key, "x") for _ in range(3)] == [503] * 3
