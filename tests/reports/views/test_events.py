"""Find my event: its way, what was sent beside what is stored, whose events they are, and who may see what (R8, R9)."""

import json
import re
import time
from datetime import UTC, datetime
from typing import Any

import pytest
from django.test import Client, override_settings

from apps.ingestion import api as ingestion
from apps.ingestion import wiring
from apps.ingestion.domain.personal import HIDDEN
from apps.ingestion.services import Writer, load_seen_ids
from apps.orgs.models import Membership, Role
from tests.factories.company import Company
from tests.fakes.event_log import MemoryLog
from tests.reports.conftest import build

PAYER = "payer@example.org"
PAGE = "/o/fernweh/p/shop/events/"
ORDER = {
    "messageId": "order-1", "event": "Order Completed", "anonymousId": "v-browser", "userId": "customer-7",
    "properties": {"order_id": "o-1", "revenue": "49.90", "currency": "EUR", "note": "for eve@example.org"},
    "context": {"ip": "203.0.113.9", "userAgent": "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X)"},
}  # fmt: skip


class Door:
    """The door and the writer in this process."""

    def __init__(self, company: Company, log: MemoryLog) -> None:
        self.log, self.key = log, company.shop.streams.get().write_key

    def send(self, body: Any, path: str = "/v1/track", **headers: str) -> Any:
        """Send as a client does."""
        slim = ["apps.shared.middleware.RequestContextMiddleware"]
        with override_settings(ROOT_URLCONF="config.urls_collect", MIDDLEWARE=slim):
            raw = body if isinstance(body, bytes) else json.dumps({**body, "writeKey": self.key}).encode()
            return Client().post(f"{path}?", raw, content_type="application/json", headers=headers)

    def write(self) -> None:
        """Store what is on the log."""
        store = wiring.event_store()
        writer = Writer(
            log=self.log,
            store=store,
            seen=load_seen_ids(store),
            rules_of=wiring.rules_of,
            clock=lambda: time.time_ns() // 1_000_000,
            tell=lambda _news: None,
        )
        while entries := self.log.read(most=100, wait=0):
            writer.write(entries)


@pytest.fixture
def door(company: Company, clickhouse: None, valkey: None, monkeypatch: pytest.MonkeyPatch) -> Door:
    log = MemoryLog()
    monkeypatch.setattr(wiring, "event_log", lambda *_: log)
    for known in (wiring.stream_of(), wiring.property_of(), wiring.consent_rules_of()):
        known.forget()
    return Door(company, log)


def words(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def ask(company: Company, user: Any, query: str) -> str:
    return company.client_of(user).get(PAGE + query).content.decode()


def stages(html: str) -> list[str]:
    return re.findall(r'data-stage="(\w+)"', html)


def test_event_tells_every_stage_from_the_door_to_the_credit(company: Company, door: Door) -> None:
    visit = {"messageId": "visit-1", "anonymousId": "v-browser", "name": "Home",
             "context": {"page": {"url": "https://shop.example/?utm_source=news&utm_medium=email"}}}  # fmt: skip
    door.send(visit, "/v1/page")
    time.sleep(0.01)
    door.send(ORDER)

    assert stages(ask(company, company.ada, "?message_id=order-1")) == ["received", "logged", "stored"]
    door.write()
    goal = {"made_by": company.ada, "name": "Purchase", "event_name": "Order Completed", "kind": "track"}
    from apps.attribution import api as attribution

    attribution.create_goal(property_id=company.shop.pk, **goal)
    build(company.shop)
    order, touch = (ask(company, company.ada, f"?message_id={one}") for one in ("order-1", "visit-1"))

    known = ["happened", "received", "logged", "taken", "stored", "built", "credited"]
    assert (stages(order), stages(touch)) == (known, known)
    assert "Conversion of “Purchase”" in order
    assert "Worth €49.90" in words(order)
    assert "Touchpoint before a conversion of “Purchase”" in touch
    assert re.search(r"(\S+) of the credit, €(\S+), by “Last non-direct”", words(touch)).groups() == ("100.0%", "49.90")
    assert re.search(r"\+\d+ ms", words(order))


def test_event_in_quarantine_tells_when_it_happened_and_was_logged(company: Company, door: Door) -> None:
    """R9: what is set aside, a double and a refusal have every stage with its time, as what is stored has."""
    at = "2026-05-01T12:00:00.250Z"
    bad = {"messageId": "bad", "userId": "customer-7", "event": "X", "timestamp": at, "properties": {"value": "x"}}
    door.send(bad)
    door.send(ORDER)
    door.send(ORDER)
    door.send({"messageId": "nameless", "userId": "customer-7"})
    door.write()
    api = f"/api/v1/properties/{company.shop.pk}/events/"
    ada = company.client_of(company.ada)

    told = {one: ada.get(f"{api}{one}/").json()["stages"] for one in ("bad", "order-1", "nameless")}

    way = ["happened", "received", "logged", "quarantined"]
    assert (stages(ask(company, company.ada, "?message_id=bad")), [one["name"] for one in told["bad"]]) == (way, way)
    assert datetime.fromisoformat(told["bad"][0]["at"]) == datetime.fromisoformat(at)
    assert all(one["at"] for one in told["bad"])
    assert [one["took_ms"] is None for one in told["bad"]] == [True, True, False, False]
    doubled = [one["name"] for one in told["order-1"]]
    assert doubled[-4:] == ["happened", "received", "logged", "duplicate"]
    assert [one["name"] for one in told["nameless"]] == ["received", "logged", "refused"]


def test_what_was_sent_stands_beside_what_is_stored_with_the_rules(company: Company, door: Door) -> None:
    door.send(ORDER)
    door.write()

    html = ask(company, company.ada, "?message_id=order-1")
    text = words(html)

    assert "203.0.113.9" not in html
    assert "context.ip ••• taken out Network address" in text
    assert "properties.revenue 49.90 49.90 properties.revenue as sent" in text
    assert "value added Money" in text.replace("49.9000 ", "")
    assert "device, os, browser changed User agent" in text
    assert "Thrown away at" in text


def test_payload_that_is_gone_says_so(company: Company, door: Door) -> None:
    door.send(ORDER)
    door.write()
    from apps.shared import clickhouse

    clickhouse.command_for_platform("TRUNCATE TABLE payloads")

    text = words(ask(company, company.ada, "?message_id=order-1"))

    assert "What was sent was not kept" in text
    assert "As received" not in text


def test_reader_without_the_right_sees_the_structure_alone(company: Company, door: Door) -> None:
    """R8: payload, columns, diff and list are masked, and nobody is found by who they are."""
    door.send(ORDER)
    door.send(
        {"messageId": "bad", "userId": "customer-7", "event": "X", "properties": {"value": "x", "email": "e@e.org"}}
    )
    door.write()
    Membership.objects.filter(user=company.grace).update(role=Role.VIEWER)
    personal = ("customer-7", "v-browser", "eve@example.org", PAYER, "iPhone")

    seen = {query: ask(company, company.grace, query) for query in ("", "?message_id=order-1", "?message_id=bad")}
    found = ask(company, company.grace, "?q=customer-7&by=user&text=eve")

    assert [one for html in seen.values() for one in personal if one in html] == []
    assert HIDDEN in seen["?message_id=order-1"]
    assert "Order Completed" in seen["?message_id=order-1"]
    assert "Nothing found" in found
    assert [one in ask(company, company.ada, "?message_id=order-1") for one in personal[:3]] == [True] * 3


def test_person_has_a_list_of_their_events_by_any_of_their_ids(company: Company, door: Door) -> None:
    door.send({"messageId": "before", "anonymousId": "v-browser", "name": "Home"}, "/v1/page")
    door.send(ORDER)
    door.send({"messageId": "elsewhere", "anonymousId": "v-phone", "userId": "customer-7", "name": "App"}, "/v1/screen")
    door.send({"messageId": "other", "userId": "customer-8", "event": "Order Completed"})
    door.write()
    build(company.shop)
    queries = {
        "user": "?q=customer-7&by=user", "anonymous": "?q=v-browser&by=anonymous", "any": "?q=v-browser",
        "order": "?q=o-1&by=order", "kind": "?q=customer-7&kind=screen", "nobody": "?q=nobody",
    }  # fmt: skip

    found = {
        name: set(re.findall(r"message_id=([\w-]+)", ask(company, company.ada, query)))
        for name, query in queries.items()
    }

    everything = {"before", "order-1", "elsewhere"}
    assert found == {
        "user": everything, "anonymous": {"before", "order-1"}, "any": everything, "order": {"order-1"},
        "kind": {"elsewhere"}, "nobody": set(),
    }  # fmt: skip


def test_refused_request_is_found_by_the_id_of_its_answer(company: Company, door: Door) -> None:
    answer = door.send(b'{"writeKey": "' + door.key.encode() + b'", "event": }', Authorization=_basic(door.key))
    large = door.send({"batch": [{"event": "x" * 600_000}]}, "/v1/batch", Authorization=_basic(door.key))
    unknown = door.send(b"{}", Authorization=_basic("nobody"))
    door.write()

    assert [answer.status_code, large.status_code, unknown.status_code] == [400, 413, 401]
    text = words(ask(company, company.ada, f"?q={answer.headers['X-Request-ID']}"))
    assert "Reason: not_json" in text
    assert "Send one JSON document in UTF-8" in text
    listed = words(ask(company, company.ada, ""))
    assert "Not stored in the last 7 days" in listed
    assert ("not_json" in listed, "too_large" in listed, "unknown_write_key" in listed) == (True, True, False)
    assert ingestion.find_event(company.theirs.pk, message_id=answer.headers["X-Request-ID"]).outcomes == ()


def test_api_tells_the_same_story_and_pages_the_list(company: Company, door: Door) -> None:
    for number in range(3):
        door.send(ORDER | {"messageId": f"order/{number}"})
    door.write()
    api = f"/api/v1/properties/{company.shop.pk}/events/"
    ada = company.client_of(company.ada)
    Membership.objects.filter(user=company.grace).update(role=Role.VIEWER)

    told = ada.get(f"{api}order/1/").json()
    first = ada.get(api, {"limit": 2, "q": "customer-7", "state": "stored"}).json()
    second = ada.get(api, {"limit": 2, "q": "customer-7", "state": "stored", "cursor": first["next_cursor"]}).json()
    masked = company.client_of(company.grace).get(f"{api}order/1/").json()

    assert [one["name"] for one in told["stages"]] == ["happened", "received", "logged", "taken", "stored", "built"]
    assert told["stages"][3]["took_ms"] is not None
    assert told["payload"]["received"]["userId"] == "customer-7"
    assert told["payload"]["stored"]["value"] == "49.9"
    removed = {one["path"]: one["rule"] for one in told["differences"] if one["how"] == "removed"}
    assert removed["context.ip"] == "address"
    listed = [row["message_id"] for row in (*first["events"], *second["events"])]
    assert (sorted(listed), second["next_cursor"]) == (["order/0", "order/1", "order/2"], "")
    assert "customer-7" not in json.dumps(masked)
    by_message = ada.get(api, {"q": "order/1", "by": "message"}).json()["events"]
    assert [row["message_id"] for row in by_message] == ["order/1"]
    hostile = ("nobody/", "%00/", "?state=gone", "?limit=0")
    assert [ada.get(f"{api}{one}").status_code for one in hostile] == [404, 404, 400, 400]
    assert company.client_of(company.mallory).get(api).status_code == 404


def test_nothing_yet_offers_the_propertys_own_snippet(company: Company, door: Door) -> None:
    for address in (PAGE, "/o/fernweh/p/shop/live/"):
        html = company.client_of(company.ada).get(address).content.decode()
        assert "Send your first event" in html
        assert door.key in html
    Membership.objects.filter(user=company.grace).update(role=Role.VIEWER)
    assert door.key not in ask(company, company.grace, "")


@pytest.mark.parametrize(
    "query",
    ["?message_id=%00", "?q=' OR 1=1 --", "?stream=99999999999999999999", "?since=0001-01-01&until=x",
     "?cursor=!!&by=zz", "?q=18446744073709551616&by=person", "?q=٣&by=person", "?since=9999-12-31T23:59",
     "?q=" + "x" * 5_000],
)  # fmt: skip
def test_no_address_breaks_the_page(company: Company, clickhouse: None, query: str) -> None:
    """R11."""
    assert company.client_of(company.ada).get(PAGE + query).status_code == 200


def test_unknown_message_says_so_and_what_to_check(company: Company, clickhouse: None) -> None:
    text = words(company.client_of(company.ada).get(PAGE + "?message_id=nobody").content.decode())

    assert "No message with this id was received" in text


def test_refused_event_tells_why_and_hides_no_markup(company: Company, clickhouse: None) -> None:
    now = datetime.now(UTC)
    row = {
        "property_id": company.shop.pk, "stream_id": company.shop.streams.get().pk, "message_id": "bad-1",
        "outcome": "refused", "reason": "wrong_type", "detail": "revenue must be a number",
        "field": "properties.revenue", "received_at": now, "decided_at": now, "payload": '{"event": "<b>"}',
    }  # fmt: skip
    ingestion.store_outcomes({name: [value] for name, value in row.items()})

    html = ask(company, company.ada, "?message_id=bad-1")

    text = words(html)
    assert "Refused" in text
    assert "Reason: wrong_type. Field: properties.revenue. revenue must be a number" in text
    assert "&lt;b&gt;" in html


def _basic(key: str) -> str:
    from base64 import b64encode

    return "Basic " + b64encode(f"{key}:".encode()).decode()
