"""Conversions of a limited reader: what their sources earned, by brute force, and nothing to infer more from."""

import csv
import io
import random
import re
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from apps.attribution import api as attribution
from apps.orgs import services
from apps.orgs.models import CustomRole, Membership, Role, ServiceAccount
from apps.shared import behalf
from apps.shared.behalf import Behalf, Limits
from tests.factories.company import Company
from tests.reports.conftest import build, event, sale, store, world  # noqa: F401  fixtures
from tests.reports.views.test_training import _train

METHODS = ("last_non_direct", "linear", "first_touch", "position_based", "time_decay")
SOURCES = (("Email", "newsletter"), ("Paid Search", "google"), ("Display", "bannerly"), ("Direct", "(direct)"))
BASE = "/o/fernweh/p/shop"
OTHERS = ("google", "bannerly", "Paid Search", "Display")


@pytest.fixture
def busy(world: Company) -> Company:  # noqa: F811
    """Forty sales, each after one to five visits by chance."""
    shop, noon = world.shop.pk, (datetime.now(UTC) - timedelta(days=1)).replace(hour=18, minute=0, microsecond=0)
    chance, rows = random.Random(7), []
    for number in range(100, 140):
        at, country = noon - timedelta(minutes=number), chance.choice(["DE", "FR"])
        for step in range(chance.randint(1, 5)):
            channel, source = chance.choice(SOURCES)
            rows.append(
                event(
                    shop, f"v-{number}-{step}", at - timedelta(hours=chance.randint(1, 600), minutes=step),
                    anonymous_id=f"v{number}", channel=channel, source=source, medium="m", campaign=f"c-{source}",
                    has_source=channel != "Direct", country=country,
                )
            )  # fmt: skip
        rows.append(sale(shop, number, at, value=chance.randint(1, 999), country=country))
    store(rows)
    build(world.shop)
    return world


@pytest.fixture
def guest(busy: Company) -> Client:
    """Grace, from the agency that sends the newsletter."""
    Membership.objects.filter(user=busy.grace).update(role=Role.GUEST, sources=["newsletter"])
    return busy.client_of(busy.grace)


def question(company: Company) -> dict[str, Any]:
    now = datetime.now(UTC)
    goal_id = attribution.goals(company.shop.pk)[0].id
    return {"goal_id": goal_id, "period": (now - timedelta(days=40), now + timedelta(days=1))}


def limited(company: Company, **limits: Any) -> Behalf:
    return behalf.of_organization(company.organization.pk, Limits(**limits or {"sources": ("newsletter",)}))


def brute_force(company: Company, method: str, source: str = "newsletter") -> dict[str, tuple[float, Decimal]]:
    """Return what *source* earned of each conversion, by the engine over each whole journey (R4)."""
    asked, found = question(company), {}
    page = attribution.conversions(company.shop.pk, method=method, limit=500, **asked)
    for row in page.rows:
        told = attribution.journey(company.shop.pk, conversion_id=row.id, goal_id=asked["goal_id"], method=method)
        own = [touch for touch in told.touchpoints if touch.source == source]
        credit = sum(touch.credit for touch in own)
        if credit > 0:
            found[row.id] = (credit, sum((touch.money for touch in own), Decimal(0)))
    return found


@pytest.mark.parametrize("method", METHODS)
def test_list_is_what_a_count_by_hand_finds_and_adds_up_to_the_totals(busy: Company, method: str) -> None:
    expected, asked = brute_force(busy, method), question(busy)
    with behalf.acting(limited(busy)):
        page = attribution.own_conversions(busy.shop.pk, method=method, limit=500, **asked)
        totals = attribution.totals(busy.shop.pk, method=method, **asked)

    assert {row.id: (pytest.approx(row.credit), row.money) for row in page.rows} == expected
    assert len(expected) > 3
    assert {touch.source for row in page.rows for touch in row.touchpoints} == {"newsletter"}
    for row in page.rows:
        assert sum(touch.credit for touch in row.touchpoints) == pytest.approx(row.credit)
        assert sum((touch.money for touch in row.touchpoints), Decimal(0)) == row.money
    assert sum(row.credit for row in page.rows) == pytest.approx(totals.conversions)
    assert sum((row.money for row in page.rows), Decimal(0)) == totals.revenue


@pytest.mark.parametrize("method", ["markov", "shapley"])
def test_learned_method_credits_the_source_alone_and_shows_no_fit(busy: Company, guest: Client, method: str) -> None:
    _train(busy, method)
    expected, asked = brute_force(busy, method), question(busy)
    owner = {row.key: row for row in attribution.credit_by(busy.shop.pk, method=method, dimension="source", **asked)}
    with behalf.acting(limited(busy)):
        rows = attribution.credit_by(busy.shop.pk, method=method, dimension="source", **asked)
        channels = attribution.credit_by(busy.shop.pk, method=method, dimension="channel", **asked)
        page = attribution.own_conversions(busy.shop.pk, method=method, limit=500, **asked)

    assert {row.id: (pytest.approx(row.credit), row.money) for row in page.rows} == expected
    assert [(row.key, row.revenue) for row in rows] == [("newsletter", owner["newsletter"].revenue)]
    assert [row.key for row in channels] == ["Email"], "neither other channels nor a baseline"
    for path in ("/", "/methods/", "/conversions/"):
        text = guest.get(f"{BASE}{path}?method={method}&days=90").content.decode()
        assert "Trained on" not in text
        assert not re.search(r"\d% – \d", text), "no interval"
        assert "shop/training/" not in text, "no way to a page that is closed"
    assert guest.get(f"{BASE}/tables/methods.csv").status_code == 200


def seen(answer: Any) -> str:
    body = b"".join(answer.streaming_content) if answer.streaming else answer.content
    return re.sub(r"<[^>]*>", " ", body.decode())


def test_pages_and_export_say_no_word_of_others(busy: Company, guest: Client) -> None:
    expected = brute_force(busy, "linear")
    query = "?method=linear&preset=90d"
    listed = guest.get(f"{BASE}/conversions/{query}")
    exported = seen(guest.get(f"{BASE}/tables/conversions.csv{query}"))
    lines = list(csv.DictReader(io.StringIO(exported.removeprefix("\ufeff"))))
    assert {line["Message id"] for line in lines} == set(expected)
    pages = [seen(listed), exported]
    for name in list(expected)[:3]:
        pages.append(seen(guest.get(f"{BASE}/conversions/{name}/{query}")))
        assert "c-newsletter" in pages[-1]
    for text in pages:
        for word in (*OTHERS, "c-google", "v-1"):
            assert word not in text, word
    values = {
        row.id: row.value
        for row in attribution.conversions(busy.shop.pk, method="linear", limit=500, **question(busy)).rows
    }
    shared = [name for name, (credit, _money) in expected.items() if credit < 0.99]
    assert shared
    assert "Value" not in exported
    for line in lines:
        if line["Message id"] in shared:
            assert str(values[line["Message id"]]) not in line.values()


def test_conversion_without_own_credit_is_not_there(busy: Company, guest: Client) -> None:
    """By no door: neither its page, nor search, cursor, filter or another lookback tells that it exists."""
    mine = brute_force(busy, "linear")
    every = [row.id for row in attribution.conversions(busy.shop.pk, method="linear", limit=500, **question(busy)).rows]
    foreign = [name for name in every if name not in mine]
    assert foreign
    for name in foreign[:4]:
        there = guest.get(f"{BASE}/conversions/{name}/?method=linear")
        nowhere = guest.get(f"{BASE}/conversions/no-such-thing/?method=linear")
        assert (there.status_code, nowhere.status_code) == (404, 404)
        assert len(there.content) == len(nowhere.content)
        for query in (f"q={name}", "source=google", "channel=Display", "reason=no_touchpoint&q=" + name):
            text = seen(guest.get(f"{BASE}/conversions/?method=linear&preset=90d&{query}"))
            assert f"o{name.removeprefix('sale-')} " not in text, (name, query)
        assert guest.get(f"/api/v1/properties/{busy.shop.pk}/conversions/{name}/explanation/").status_code in (403, 404)


def test_lookbacks_of_ones_own_choice_move_nothing(busy: Company, guest: Client) -> None:
    """Inference: with windows of an hour, of two and so on, the touchpoints of others could be timed."""
    with behalf.acting(limited(busy)):
        plain = attribution.totals(busy.shop.pk, method="linear", **question(busy))
        narrow = attribution.totals(
            busy.shop.pk, method="linear", click_lookback=timedelta(hours=30), view_lookback=timedelta(hours=1),
            **question(busy),
        )  # fmt: skip
    assert plain == narrow
    query = "?method=linear&preset=90d"
    pages = {
        seen(guest.get(f"{BASE}/tables/breakdown.csv{query}{more}")) for more in ("", "&click=24", "&click=1&view=1")
    }
    assert len(pages) == 1


def test_pages_of_the_list_meet_without_gaps(busy: Company) -> None:
    asked = question(busy)
    with behalf.acting(limited(busy)):
        whole = attribution.own_conversions(busy.shop.pk, method="linear", limit=500, **asked).rows
        parts, cursor = [], ""
        while True:
            page = attribution.own_conversions(busy.shop.pk, method="linear", limit=3, cursor=cursor, **asked)
            parts += page.rows
            if not (cursor := page.next_cursor):
                break
        odd = attribution.own_conversions(busy.shop.pk, method="linear", limit=500, cursor="%%%", **asked).rows
    assert tuple(parts) == whole == odd


def test_country_limits_hold_too(busy: Company) -> None:
    asked = question(busy)
    rows = attribution.conversions(busy.shop.pk, method="linear", limit=500, **asked).rows
    german, french = ({row.id for row in rows if row.country == one} for one in ("DE", "FR"))
    assert german
    assert french
    with behalf.acting(limited(busy, countries=("DE",))):
        page = attribution.own_conversions(busy.shop.pk, method="linear", limit=500, **asked)
    assert {row.id for row in page.rows} == {row.id for row in rows if row.id in german and row.channel}
    with behalf.acting(limited(busy, sources=("newsletter",), countries=("FR",))):
        page = attribution.own_conversions(busy.shop.pk, method="linear", limit=500, **asked)
    assert {row.id for row in page.rows} == set(brute_force(busy, "linear")) & french


def test_older_custom_role_and_key_see_what_they_saw(busy: Company) -> None:
    """A role or key that names journeys.read alone, from before there was conversions.read."""
    role = CustomRole.objects.create(
        organization=busy.organization, name="R", permissions=["journeys.read", "reports.read"]
    )
    Membership.objects.filter(user=busy.grace).update(custom_role=role)
    assert busy.client_of(busy.grace).get(f"{BASE}/conversions/?method=linear&preset=90d").status_code == 200
    Membership.objects.filter(user=busy.grace).update(sources=["newsletter"])
    text = seen(busy.client_of(busy.grace).get(f"{BASE}/conversions/?method=linear&preset=90d"))
    assert not any(word in text for word in OTHERS)
    account = ServiceAccount.objects.create(
        organization=busy.organization, name="K", role=Role.GUEST, sources=["newsletter"]
    )
    key = services.create_key(account=account, name="k", scopes=["conversions.read", "journeys.read"], made_by=None)
    client = Client(headers={"Authorization": f"Bearer {key.text}"})
    answer = client.get(f"/api/v1/properties/{busy.shop.pk}/conversions/sale-1/explanation/")
    assert answer.status_code in (403, 404)


@pytest.mark.parametrize("by", ["source", "channel", "campaign"])
def test_what_if_names_nobody_else(busy: Company, guest: Client, by: str) -> None:
    """A move has two ends, and one of them is another source."""
    query = f"?method=linear&by={by}&preset=90d"
    owner = busy.client_of(busy.ada)
    assert any(word in seen(owner.get(f"{BASE}/what-if/moves.csv{query}")) for word in (*OTHERS, "c-google"))
    account = ServiceAccount.objects.create(
        organization=busy.organization, name="A", role=Role.GUEST, sources=["newsletter"]
    )
    key = services.create_key(account=account, name="k", scopes=["reports.read"], made_by=None)
    client = Client(headers={"Authorization": f"Bearer {key.text}"})
    dates = {"from": str(datetime.now(UTC).date() - timedelta(days=40)), "to": str(datetime.now(UTC).date())}
    answers = [
        guest.get(f"{BASE}/what-if/{query}"),
        guest.get(f"{BASE}/what-if/moves.csv{query}"),
        client.get(f"/api/v1/properties/{busy.shop.pk}/what-if/", {**dates, "by": by, "method": "first_touch"}),
    ]
    for answer in answers:
        assert answer.status_code == 200
        text = re.sub(r"<(option|a|script|form|input|select)\b.*?>|<option.*?</option>", " ", seen(answer), flags=re.S)
        for word in ("google", "bannerly", "c-google"):
            assert word not in text, word
