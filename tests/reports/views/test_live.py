"""The live page, its socket, and the way of a single event."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from channels.layers import get_channel_layer
from channels.testing import WebsocketCommunicator
from django.contrib.auth.models import AnonymousUser

from apps.ingestion import api as ingestion
from apps.reports.consumers import NOT_FOUND
from apps.reports.routing import websocket_urlpatterns
from tests.factories.company import Company
from tests.reports.conftest import NASTY, event, store

BASE = "/o/fernweh/p/shop/"
MESSAGE = {
    "message_id": "m1",
    "kind": "track",
    "name": NASTY,
    "occurred_at": 1_700_000_000_000,
    "received_at": 1_700_000_000_000,
    "anonymous_id": "v1",
    "user_id": "",
    "channel": "Email",
    "source": "newsletter",
    "page_path": "/",
    "value": "12.50",
    "currency": "EUR",
    "country": "DE",
    "device": "mobile",
}


def words(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def socket(user: Any, *, organization: str = "fernweh", query: str = "rows=1") -> WebsocketCommunicator:
    from channels.routing import URLRouter

    application = URLRouter(websocket_urlpatterns)
    one = WebsocketCommunicator(application, f"/ws/o/{organization}/p/shop/live/?{query}")
    one.scope["user"] = user
    return one


async def tell(company: Company, **message: Any) -> None:
    layer = get_channel_layer()
    assert layer is not None
    await layer.group_send(f"property.{company.shop.pk}", message)


@pytest.mark.django_db(transaction=True)
async def test_member_receives_arriving_events_as_escaped_rows(company: Company, valkey: None) -> None:
    one = socket(company.grace)
    connected, _ = await one.connect()

    await tell(company, type="events.stored", events=1, last=[MESSAGE])
    text = await one.receive_from(timeout=2)
    await one.disconnect()

    assert connected
    assert 'hx-swap-oob="afterbegin:#live_rows tbody"' in text
    assert NASTY not in text
    assert "&lt;script&gt;" in text
    assert "€12.50" in text


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("who", ["mallory", "anonymous"])
async def test_others_are_closed_as_not_found(company: Company, valkey: None, who: str) -> None:
    user = AnonymousUser() if who == "anonymous" else company.mallory

    one = socket(user)
    connected, code = await one.connect()

    assert (connected, code) == (False, NOT_FOUND)


@pytest.mark.django_db(transaction=True)
async def test_property_that_does_not_exist_ends_the_same_way(company: Company, valkey: None) -> None:
    connected, code = await socket(company.ada, organization="nothing").connect()

    assert (connected, code) == (False, NOT_FOUND)


@pytest.mark.django_db(transaction=True)
async def test_filter_lets_only_wanted_events_through(company: Company, valkey: None) -> None:
    one = socket(company.ada, query="rows=1&kind=page&name=hom")
    await one.connect()

    await tell(company, type="events.stored", events=1, last=[MESSAGE])
    nothing = await one.receive_nothing(timeout=0.2)
    await tell(company, type="events.stored", events=1, last=[MESSAGE | {"kind": "page", "name": "Home"}])
    text = await one.receive_from(timeout=2)
    await one.disconnect()

    assert nothing
    assert "Home" in text


@pytest.mark.django_db(transaction=True)
async def test_report_hears_that_journeys_were_built_and_no_rows(company: Company, valkey: None) -> None:
    one = socket(company.ada, query="")
    await one.connect()

    await tell(company, type="events.stored", events=1, last=[MESSAGE])
    await tell(company, type="journeys.built")
    text = await one.receive_json_from(timeout=2)
    await one.disconnect()

    assert text == {"type": "journeys.built"}


@pytest.mark.django_db(transaction=True)
async def test_page_hears_that_a_training_moved_on(company: Company, valkey: None) -> None:
    one = socket(company.ada, query="")
    await one.connect()

    await tell(company, type="training.moved")
    text = await one.receive_json_from(timeout=2)
    await one.disconnect()

    assert text == {"type": "training.moved"}


def test_live_page_shows_the_last_hundred_newest_first(company: Company, clickhouse: None) -> None:
    now = datetime.now(UTC)
    rows = [
        event(company.shop.pk, f"m{n}", now - timedelta(seconds=200 - n), anonymous_id="v", name=f"Page {n}")
        for n in range(120)
    ]
    store(rows)

    html = company.client_of(company.grace).get(BASE + "live/").content.decode()

    names = re.findall(r"Page (\d+)", html)
    assert [int(name) for name in names] == list(range(119, 19, -1))


def test_live_page_is_filtered_without_javascript(company: Company, clickhouse: None) -> None:
    now = datetime.now(UTC)
    store(
        [
            event(company.shop.pk, "a", now, anonymous_id="v", kind="track", name="Signed Up"),
            event(company.shop.pk, "b", now, anonymous_id="v", name="Home"),
        ]
    )

    text = words(company.client_of(company.ada).get(BASE + "live/?kind=track&name=sign").content.decode())

    assert "Signed Up" in text
    assert "Home" not in text


def test_stored_event_tells_its_stages_in_order(world: Company) -> None:
    text = words(world.client_of(world.grace).get(BASE + "events/?message_id=sale-1").content.decode())

    places = [text.index(stage) for stage in ("Happened", "Received", "Stored", "In journeys")]
    assert places == sorted(places)
    assert "Order Completed" in text
    assert "o1" in text


def test_event_that_was_refused_tells_why(company: Company, clickhouse: None) -> None:
    now = datetime.now(UTC)
    row = {
        "property_id": company.shop.pk,
        "stream_id": company.shop.streams.get().pk,
        "message_id": "bad-1",
        "outcome": "refused",
        "reason": "wrong_type",
        "detail": "revenue must be a number",
        "field": "properties.revenue",
        "received_at": now,
        "decided_at": now,
        "payload": '{"event": "<b>"}',
    }
    ingestion.store_outcomes({name: [value] for name, value in row.items()})

    html = company.client_of(company.ada).get(BASE + "events/?message_id=bad-1").content.decode()

    text = words(html)
    assert "Refused" in text
    assert "Reason: wrong_type. Field: properties.revenue. revenue must be a number" in text
    assert "&lt;b&gt;" in html


def test_unknown_message_says_so_and_what_to_check(company: Company, clickhouse: None) -> None:
    text = words(company.client_of(company.ada).get(BASE + "events/?message_id=nobody").content.decode())

    assert "No message with this id was received" in text
