"""Whatever id the door accepted, its event is found by it, exactly (R9)."""

import json
import re
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote, urlencode

import pytest

from apps.ingestion.domain import turned_away
from tests.factories.company import Company
from tests.reports.views.test_events import PAGE, Door, door, stages

__all__ = ["door"]

pytestmark = [pytest.mark.stores]
ODD = (
    "line\nbreak", "return\r\nline", "a\ttab", " space before and behind ", "back\\slash", "back\\nslash", "quo'te",
    'dou"ble', "per%cent%0A", "sla/sh/", "//", "..", ".", "?q=1", "a#b", "a+b", "Ä😀\u2028", "\u200b", "\x07", "\x7f",
    "x" * 512, "\\'", "{message_id:String}", "\n", "None", "a\u00a0", "explanation",
)  # fmt: skip
BAD = {"event": "X", "userId": "customer-7", "properties": {"value": "x"}}


def test_event_is_found_by_whatever_id_the_door_accepted(company: Company, door: Door) -> None:
    for one in ODD:
        assert door.send({"messageId": one, "event": "X", "userId": "customer-7"}).status_code == 200, repr(one)
    ada, api = company.client_of(company.ada), f"/api/v1/properties/{company.shop.pk}"
    missing = []

    def look(when: str) -> None:
        for one in ODD:
            page = ada.get(f"{PAGE}?{urlencode({'message_id': one})}").content.decode()
            listed = ada.get(f"{api}/events/", {"q": one, "by": "message"})
            told = ada.get(f"{api}/events/{quote(one, safe='')}/")
            asked = ada.get(f"{api}/event/", {"message_id": one})
            rows = listed.json().get("events", []) if listed.status_code == 200 else []
            found = {
                "page": "received" in stages(page),
                "list": [row["message_id"] for row in rows] == [one],
                "path": told.status_code == 200 and told.json()["message_id"] == one,
                "query": asked.status_code == 200 and asked.json()["message_id"] == one,
            }
            missing.extend((when, name, one) for name, is_found in found.items() if not is_found)

    look("waiting")
    door.write()
    look("stored")

    assert missing == []


def test_id_is_found_with_spaces_pasted_around_it(company: Company, door: Door) -> None:
    door.send({"messageId": "order-1", "event": "X", "userId": "customer-7"})
    door.write()
    ada = company.client_of(company.ada)

    pages = [ada.get(PAGE, query).content.decode() for query in ({"message_id": " order-1\n"}, {"q": "order-1 "})]

    assert ["received" in stages(page) for page in pages] == [True, True]


def test_quarantine_finds_shows_and_discards_by_such_ids(company: Company, door: Door) -> None:
    for one in ODD:
        assert door.send({**BAD, "messageId": one}).status_code == 422, repr(one)
    door.write()
    ada, api = company.client_of(company.ada), f"/api/v1/properties/{company.shop.pk}"
    missing, today = [], datetime.now(UTC).date()
    days = {"from": today - timedelta(days=2), "to": today + timedelta(days=1)}

    for one in ODD:
        rows = ada.get(f"{api}/quarantine/", {"message_id": one, **days}).json().get("items", [])
        page = ada.get("/o/fernweh/p/shop/quality/quarantine/", {"message_id": one})
        shown = ada.get("/o/fernweh/p/shop/quality/quarantine/item/", {"id": one})
        found = ([row["message_id"] for row in rows] == [one], len(page.context["rows"]) == 1, shown.status_code == 200)
        missing += [(one, found)] if found != (True, True, True) else []

    assert missing == []


def test_ids_with_line_breaks_are_ticked_and_discarded_on_the_page(
    company: Company, door: Door, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
) -> None:
    """Forms send a line break as two signs, so that nothing that was ticked was found."""
    from apps.quality import tasks

    monkeypatch.setattr(tasks.run_release, "apply_async", lambda kwargs: tasks.run_release(**kwargs))
    for one in ("line\nbreak", "per%0Acent", "other"):
        door.send({**BAD, "messageId": one})
    door.write()
    ada, page = company.client_of(company.ada), "/o/fernweh/p/shop/quality/quarantine/"
    ticks = re.findall(r'name="chosen"[^>]*value="([^"]*)"', ada.get(page).content.decode())

    assert set(ticks) == {"line%0Abreak", "per%250Acent", "other"}
    with django_capture_on_commit_callbacks(execute=True):
        ada.post(page, {"chosen": ["line%0Abreak", "per%250Acent"], "do": "discard", "note": "none of ours"})

    days = {"from": datetime.now(UTC).date() - timedelta(days=2), "to": datetime.now(UTC).date() + timedelta(days=1)}
    rows = ada.get(f"/api/v1/properties/{company.shop.pk}/quarantine/", days).json()["items"]
    states = {row["message_id"]: row["state"] for row in rows}
    assert states == {"line\nbreak": "discarded", "per%0Acent": "discarded", "other": "waiting"}


@pytest.mark.parametrize("one", ["line\nbreak", "a\ttab", "per%cent%0A", " space "])
def test_conversion_of_such_an_id_has_its_page(company: Company, door: Door, one: str) -> None:
    """R11: the list of conversions broke at the first id with a line break."""
    from apps.attribution import api as attribution
    from tests.reports.conftest import build

    door.send({"messageId": one, "event": "Order Completed", "userId": "customer-7", "properties": {"revenue": 5}})
    door.write()
    goal = {"made_by": company.ada, "name": "Purchase", "event_name": "Order Completed", "kind": "track"}
    attribution.create_goal(property_id=company.shop.pk, **goal)
    build(company.shop)
    ada = company.client_of(company.ada)

    story = ada.get(PAGE, {"message_id": one})
    listed = ada.get("/o/fernweh/p/shop/conversions/")
    detail = ada.get(f"/o/fernweh/p/shop/conversions/{quote(one, safe='')}/")
    why = ada.get(f"/api/v1/properties/{company.shop.pk}/conversions/{quote(one, safe='')}/explanation/")

    assert [story.status_code, listed.status_code, detail.status_code, why.status_code] == [200] * 4
    assert json.loads(why.content)["conversion_id"] == one


def test_call_that_was_not_taken_is_found_by_such_ids() -> None:
    """R9: what stands escaped in the body of a call that was answered 429 or 503."""
    bodies = [json.dumps({"type": "track", "messageId": one}).encode() for one in (*ODD, 77)]
    held = turned_away.read(
        turned_away.note(at=1, status=503, reason="log_unavailable", bodies=bodies, events=len(bodies), key=b"k")
    )

    assert held is not None
    assert [one for one in (*ODD, "77") if not held.is_about(turned_away.digest(one.encode(), b"k"))] == []
    assert not held.is_about(turned_away.digest(b"other", b"k"))
