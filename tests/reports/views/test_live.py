"""The live page, its socket, and the way of a single event."""

import html
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from asgiref.sync import sync_to_async
from channels.auth import AuthMiddlewareStack
from channels.layers import get_channel_layer
from channels.routing import URLRouter
from channels.testing import WebsocketCommunicator
from django.contrib.auth.models import AnonymousUser

from apps.orgs.models import Membership, Role
from apps.reports import consumers
from apps.reports.consumers import NOT_FOUND
from apps.reports.live_feed import AT_ONCE
from apps.reports.routing import websocket_urlpatterns
from tests.factories.company import Company
from tests.reports.conftest import NASTY, event, store

BASE = "/o/fernweh/p/shop/"


def words(text: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", text).split())


def socket(user: Any, *, organization: str = "fernweh", query: str = "rows=1") -> WebsocketCommunicator:
    application = URLRouter(websocket_urlpatterns)
    one = WebsocketCommunicator(application, f"/ws/o/{organization}/p/shop/live/?{query}")
    one.scope["user"] = user
    return one


async def tell(company: Company, **message: Any) -> None:
    layer = get_channel_layer()
    assert layer is not None
    await layer.group_send(f"property.{company.shop.pk}", message)


@sync_to_async
def arrive(company: Company, *names: str, **facts: Any) -> dict[str, Any]:
    """Store events as the writer does, and return what it says of them."""
    now = datetime.now(UTC)
    store(
        [event(company.shop.pk, f"m-{name}", now, **({"anonymous_id": "v1", "name": name} | facts)) for name in names]
    )
    stored_at = int(datetime.now(UTC).timestamp() * 1000) + 1
    return {"type": "events.stored", "stored": len(names), "ended": 0, "stored_at": stored_at}


@pytest.mark.django_db(transaction=True)
async def test_member_sees_the_last_rows_at_once_and_new_ones_on_top(
    company: Company, clickhouse: None, valkey: None
) -> None:
    await arrive(company, "Before")
    one = socket(company.grace)
    connected, _ = await one.connect()

    begun = await one.receive_from(timeout=5)
    await tell(company, **await arrive(company, NASTY, value=12.5, currency="EUR"))
    text = await one.receive_from(timeout=5)
    await one.disconnect()

    assert connected
    assert 'hx-swap-oob="innerHTML:#live_rows tbody"' in begun
    assert "Before" in begun
    assert 'hx-swap-oob="afterbegin:#live_rows tbody"' in text
    assert ("Before" in text, NASTY in text, "&lt;script&gt;" in text, "€12.50" in text) == (False, False, True, True)
    assert 'data-live-events="1"' in text


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("asked", "chosen", "said"),
    [("", "", "Stored"), ("ru-RU,ru;q=0.9", "", "Записано"), ("ru", "en", "Stored"), ("en", "ru", "Записано")],
)
async def test_rows_speak_the_language_of_the_page_around_them(
    company: Company, clickhouse: None, valkey: None, asked: str, chosen: str, said: str
) -> None:
    await arrive(company, "Order")
    browser = await sync_to_async(company.client_of)(company.ada)
    browser.cookies["django_language"] = chosen
    page = await sync_to_async(browser.get)(f"{BASE}live/", headers={"accept-language": asked})
    (address,) = re.findall(r'"/ws/o/fernweh/p/shop/live/\?([^"]*)"', page.content.decode())
    one = socket(company.ada, query=html.unescape(address))
    await one.connect()
    begun = await one.receive_from(timeout=5)
    await one.disconnect()

    assert [word for word in ("Stored", "Записано") if word in begun] == [said]


@pytest.mark.django_db(transaction=True)
async def test_unknown_language_of_a_socket_is_that_of_the_installation(
    company: Company, clickhouse: None, valkey: None
) -> None:
    await arrive(company, "Order")
    one = socket(company.ada, query="rows=1&language=xx%00%22")
    await one.connect()

    assert "Stored" in await one.receive_from(timeout=5)
    await one.disconnect()


@pytest.mark.django_db(transaction=True)
async def test_burst_is_sampled_and_says_so(company: Company, clickhouse: None, valkey: None) -> None:
    one = socket(company.grace)
    await one.connect()
    await one.receive_from(timeout=5)

    await tell(company, **await arrive(company, *(f"Step {number}" for number in range(600))))
    text = await one.receive_from(timeout=5)
    await one.disconnect()

    assert text.count("<tr data-live-row") == AT_ONCE
    assert "Sampled 1 of 30: 20 of 600 are shown." in text
    assert len(text) < 100_000


@pytest.mark.django_db(transaction=True)
async def test_whoever_may_not_see_persons_gets_masked_rows(company: Company, clickhouse: None, valkey: None) -> None:
    await sync_to_async(Membership.objects.filter(user=company.grace).update)(role=Role.VIEWER)
    await arrive(company, "Order", user_id="customer-7")
    texts = []

    for user in (company.ada, company.grace):
        one = socket(user)
        await one.connect()
        texts.append(await one.receive_from(timeout=5))
        await one.disconnect()

    assert ["customer-7" in text for text in texts] == [True, False]


@pytest.mark.django_db(transaction=True)
async def test_session_that_ends_elsewhere_closes_its_sockets(
    company: Company, clickhouse: None, valkey: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(consumers, "RECHECK_SECONDS", 0.2)
    browser = await sync_to_async(company.client_of)(company.grace)
    one = WebsocketCommunicator(
        AuthMiddlewareStack(URLRouter(websocket_urlpatterns)),
        "/ws/o/fernweh/p/shop/live/?rows=1",
        headers=[(b"cookie", f"sessionid={browser.cookies['sessionid'].value}".encode())],
    )
    connected, _ = await one.connect()
    await one.receive_from(timeout=5)

    await sync_to_async(browser.session.flush)()
    closing = await one.receive_output(timeout=5)

    assert connected
    assert closing == {"type": "websocket.close", "code": NOT_FOUND}


@pytest.mark.django_db(transaction=True)
async def test_member_who_loses_the_right_is_shown_nothing_more(
    company: Company, clickhouse: None, valkey: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(consumers, "RECHECK_SECONDS", 0.2)
    one = socket(company.grace)
    await one.connect()
    await one.receive_from(timeout=5)

    await sync_to_async(Membership.objects.filter(user=company.grace).update)(sources=["newsletter"])
    closing = await one.receive_output(timeout=5)

    assert closing == {"type": "websocket.close", "code": NOT_FOUND}


@pytest.mark.django_db(transaction=True)
async def test_member_who_may_see_persons_no_more_begins_anew_without_them(
    company: Company, clickhouse: None, valkey: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An open page kept the right to see persons that it had when it was opened, until it was closed."""
    monkeypatch.setattr(consumers, "RECHECK_SECONDS", 0.2)
    await arrive(company, "Order", user_id="customer-7")
    one = socket(company.grace)
    await one.connect()
    begun = await one.receive_from(timeout=5)

    await sync_to_async(Membership.objects.filter(user=company.grace).update)(role=Role.VIEWER)
    closing = await one.receive_output(timeout=5)

    assert "customer-7" in begun
    assert closing == {"type": "websocket.close"}  # no code: the page comes back


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
async def test_filter_lets_only_wanted_events_through(company: Company, clickhouse: None, valkey: None) -> None:
    one = socket(company.ada, query="rows=1&kind=page&name=hom&q=v1&by=anonymous&state=stored")
    await one.connect()
    await one.receive_from(timeout=5)

    await tell(company, **await arrive(company, "Hometown", kind="track"))
    await tell(company, **await arrive(company, "Homely", anonymous_id="v2"))
    await tell(company, **await arrive(company, "Home"))
    text = await one.receive_from(timeout=5)
    while "data-live-row" not in text:
        text = await one.receive_from(timeout=5)
    await one.disconnect()

    assert set(re.findall(r"Hom[a-z]+", text)) == {"Home"}


@pytest.mark.django_db(transaction=True)
async def test_report_hears_that_journeys_were_built_and_no_rows(company: Company, valkey: None) -> None:
    one = socket(company.ada, query="")
    await one.connect()

    await tell(company, type="events.stored", stored=1, ended=0, stored_at=1)
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
