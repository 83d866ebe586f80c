"""Numbers that JSON can write and no program holds are kept as sent, and nothing fails on them (R9, R11)."""

import json
from typing import Any

import pytest

from tests.factories.company import Company
from tests.reports.views.test_events import PAGE, Door, door, stages

__all__ = ["door"]

pytestmark = [pytest.mark.stores]
ODD = {
    "beyond-floats": b"1e999",
    "below-zero": b"-1e999",
    "too-long": b"1" + b"0" * 5_000,
    "no-float": b"9007199254740993",
    "no-word": b"18446744073709551617",
    "minus-nothing": b"-0.0",
}


def event(name: str, number: bytes, key: str) -> bytes:
    begins = json.dumps({"messageId": name, "event": "X", "userId": "customer-7", "writeKey": key}).encode()
    return begins[:-1] + b', "properties": {"odd": %s}, "context": {"odd": %s}}' % (number, number)


def test_such_a_number_is_stored_as_sent_and_shown(company: Company, door: Door) -> None:
    for name, number in ODD.items():
        assert door.send(event(name, number, door.key)).status_code == 200, name
    ada, api = company.client_of(company.ada), f"/api/v1/properties/{company.shop.pk}"
    grace = company.client_of(company.grace)
    failed: list[Any] = []

    def look(when: str) -> None:
        for name, number in ODD.items():
            for person in (ada, grace):
                page = person.get(PAGE, {"message_id": name}).content
                told = person.get(f"{api}/events/{name}/")
                if "received" not in stages(page.decode()) or number not in page:
                    failed.append((when, "page", name))
                if told.status_code != 200 or number not in told.content:
                    failed.append((when, "api", name, told.status_code))

    look("waiting")
    door.write()
    look("stored")

    assert failed == []


@pytest.mark.parametrize("number", [b"1e999", b"1" + b"0" * 5_000])
@pytest.mark.parametrize("field", ["category", "userId"])
def test_field_that_is_read_is_refused_at_the_door(company: Company, door: Door, field: str, number: bytes) -> None:
    """What the door takes, the writer can read: else the answer was not true."""
    known = {"messageId": "m-1", "event": "X", "anonymousId": "v-1", "writeKey": door.key}
    answer = door.send(json.dumps(known).encode()[:-1] + b', "%s": %s}' % (field.encode(), number))

    assert (answer.status_code, answer.json()["code"], answer.json()["field"]) == (400, "wrong_type", field)


@pytest.mark.parametrize("field", ["messageId", "userId", "anonymousId"])
def test_id_that_is_a_number_is_no_longer_than_others(company: Company, door: Door, field: str) -> None:
    known = {"messageId": "m-1", "event": "X", "anonymousId": "v-1"}
    answers = [door.send({**known, field: 10**digits}) for digits in (511, 512)]

    assert [one.status_code for one in answers] == [200, 400]
    assert (answers[1].json()["code"], answers[1].json()["field"]) == ("too_long", field)
