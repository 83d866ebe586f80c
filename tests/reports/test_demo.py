"""The demo: the same seed gives the same shop, its figures are those of a shop, and it loads once."""

import hashlib
import json
import stat
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from django.contrib.auth import authenticate
from django.core.management import CommandError, call_command
from django.utils import timezone

from apps.attribution import api as attribution
from apps.ingestion import api as ingestion
from apps.ingestion import wiring
from apps.ingestion.domain.columns import COLUMNS
from apps.ingestion.domain.events import Surroundings
from apps.orgs import api as orgs
from apps.reports.demo import accounts, world
from apps.reports.demo.columns import Columns, Doors
from apps.reports.demo.events import make_events
from apps.reports.demo.load import load_demo
from apps.reports.demo.outcomes import make_outcomes
from apps.shared import clickhouse as store
from tests.fakes.event_log import MemoryLog


@pytest.fixture(autouse=True)
def log(monkeypatch: pytest.MonkeyPatch) -> MemoryLog:
    """A log in memory behind the door, through which the last hours come."""
    memory = MemoryLog()
    monkeypatch.setattr(wiring, "event_log", lambda *_: memory)
    return memory


NOW = datetime(2026, 6, 30, 18, tzinfo=UTC)
RULES = Surroundings(5, 1, "web", "EUR", frozenset({"fernweh-outfitters.example"}), frozenset())
DOORS = Doors(
    property_id=5,
    streams=(1, 2, 3),
    links=tuple(range(11, 11 + len(world.LINKS))),
    source_facts=lambda url, referrer: ingestion.source_facts(url=url, referrer=referrer, surroundings=RULES),
    device_key=lambda anonymous_id: ingestion.device_key(anonymous_id, ""),
    user_key=lambda user_id: ingestion.person_key("", user_id),
)


@pytest.fixture(scope="module")
def shop() -> Columns:
    return make_events(seed=3, size=4_000, now=NOW, doors=DOORS)


def digest(columns: Columns) -> str:
    return hashlib.sha256(json.dumps(columns, default=str).encode()).hexdigest()


def rows_where(columns: Columns, name: str) -> list[int]:
    return [row for row, value in enumerate(columns["name"]) if value == name]


def test_same_seed_gives_same_events_to_the_byte(shop: Columns) -> None:
    again = make_events(seed=3, size=4_000, now=NOW, doors=DOORS)
    other = make_events(seed=4, size=4_000, now=NOW, doors=DOORS)

    assert digest(again) == digest(shop)
    assert digest(other) != digest(shop)


def test_columns_are_those_the_writer_makes(shop: Columns) -> None:
    assert set(shop) == set(COLUMNS) - {"previous_id", "context", "flags", "repairs"}  # by default nothing
    assert len({len(values) for values in shop.values()}) == 1
    assert len(set(shop["message_id"])) == len(shop["message_id"])


def test_events_lie_within_the_period_and_in_order_of_receipt(shop: Columns) -> None:
    now_ms = int(NOW.timestamp() * 1000)
    occurred, received, stored = (np.array(shop[name]) for name in ("occurred_at", "received_at", "stored_at"))

    assert occurred.min() >= now_ms - timedelta(days=world.DAYS) // timedelta(milliseconds=1)
    assert (occurred <= received).all()
    assert (received <= stored).all()
    assert (np.diff(stored) >= 0).all()
    assert stored.max() <= now_ms


def test_channels_and_keys_are_what_collecting_would_give(shop: Columns) -> None:
    landings = [row for row, kind in enumerate(shop["kind"]) if kind == "page" and shop["has_source"][row]][:500]
    for row in landings:
        said = ingestion.source_facts(url=shop["page_url"][row], referrer="", surroundings=RULES)
        if said.has_source:  # the others came by their referrer, which is not kept as an address
            assert shop["channel"][row] == said.channel
            assert shop["campaign"][row] == said.campaign
            assert shop["click_id"][row] == said.click_id
        assert shop["device_key"][row] == ingestion.device_key(shop["anonymous_id"][row], shop["user_id"][row])
        assert shop["person_key"][row] == ingestion.person_key(shop["anonymous_id"][row], shop["user_id"][row])


def test_landing_page_carries_the_id_of_its_click(shop: Columns) -> None:
    clicks = {shop["message_id"][row] for row, kind in enumerate(shop["kind"]) if kind == "click"}
    landed = {shop["click_id"][row] for row, kind in enumerate(shop["click_id_kind"]) if kind == "tbclid"}

    assert len(landed) > 100
    assert len(landed - clicks) <= 1  # a click just before the period began


def test_figures_are_those_of_a_shop(shop: Columns) -> None:
    orders, refunds = rows_where(shop, "Order Completed"), rows_where(shop, "Order Refunded")
    visitors = len({key for row, key in enumerate(shop["device_key"]) if shop["kind"][row] == "page"})
    value = [float(shop["value"][row]) for row in orders]
    channels = Counter(shop["channel"][row] for row, has in enumerate(shop["has_source"]) if has)

    assert 0.05 < len(orders) / visitors < 0.25
    assert 0.02 < len(refunds) / len(orders) < 0.12
    assert 100 < sum(value) / len(value) < 400
    assert all(shop["value"][row] < 0 for row in refunds)
    assert {shop["currency"][row] for row in orders} == {"EUR", "CHF"}
    assert set(channels) >= {
        "Paid Search",
        "Paid Social",
        "Display",
        "Email",
        "Affiliates",
        "Organic Search",
        "Referral",
    }
    assert {"Mobile Push Notifications", "Direct"} <= set(shop["channel"])


def test_time_has_nights_and_growth(shop: Columns) -> None:
    now_ms = int(NOW.timestamp() * 1000)
    pages = np.array([at for at, kind in zip(shop["occurred_at"], shop["kind"], strict=True) if kind == "page"])
    age_days = (now_ms - pages) / 86_400_000
    berlin_hours = (pages // 3_600_000 + 2) % 24

    assert (age_days < 30).sum() > 1.15 * (age_days > 60).sum()
    assert ((berlin_hours >= 19) & (berlin_hours < 22)).sum() > 5 * ((berlin_hours >= 2) & (berlin_hours < 5)).sum()


def test_some_people_have_two_devices_and_some_orders_come_late(shop: Columns) -> None:
    devices: dict[str, set[int]] = {}
    for row, user_id in enumerate(shop["user_id"]):
        if user_id and shop["anonymous_id"][row]:
            devices.setdefault(user_id, set()).add(shop["device_key"][row])
    late = [
        row
        for row in rows_where(shop, "Order Completed")
        if shop["received_at"][row] - shop["occurred_at"][row] > 3_600_000
    ]

    assert 0.02 < sum(len(keys) == 2 for keys in devices.values()) / len(devices) < 0.3
    assert len(late) > 5


def test_refusal_for_want_of_consent_keeps_nothing() -> None:
    outcomes = make_outcomes(seed=1, now=NOW, property_id=5, stream_id=1, message_ids=[f"m{n}" for n in range(9_000)])
    denied = [row for row, reason in enumerate(outcomes["reason"]) if reason == "consent_denied"]

    assert len(denied) == 270
    assert {(outcomes["message_id"][row], outcomes["payload"][row]) for row in denied} == {("", "")}
    assert set(outcomes["reason"]) == {"bot", "consent_denied", "duplicate"}


@pytest.mark.django_db
@pytest.mark.usefixtures("clickhouse", "valkey")
def test_demo_loads_once_and_again_on_reset(tmp_path: Path) -> None:
    wish = {"seed": 1, "persons": 300, "now": NOW, "folder": tmp_path, "tell": lambda _: None, "clock": timezone.now}

    first = load_demo(**wish, is_reset=False)
    second = load_demo(**wish, is_reset=False)
    third = load_demo(**wish, is_reset=True)

    shop = orgs.property_by_slugs(organization="fernweh", slug="shop")
    stored = store.select(
        "SELECT count() FROM events WHERE property_id = {property_id:UInt64}", int, property_id=shop.id
    )
    journeys = store.select(
        "SELECT count() FROM journeys FINAL WHERE property_id = {property_id:UInt64}", int, property_id=shop.id
    )
    assert first.events > 2_000
    assert second == replace(first, events=0)
    assert third == first
    goal = attribution.goals(shop.id)[0].id
    trained = attribution.fits_in_force(shop.id, goal_id=goal)
    assert stored == [first.events]
    assert journeys[0] > 20
    assert set(trained) == {"markov", "shapley"}
    assert [run.status for run in attribution.trainings(shop.id, goal_id=goal)].count("queued") == 1


@pytest.mark.django_db
@pytest.mark.usefixtures("clickhouse", "valkey")
def test_demo_people_sign_in_and_mallory_stays_outside(tmp_path: Path) -> None:
    options = {"persons": 50, "now": NOW, "folder": tmp_path, "verbosity": 0}

    call_command("load_demo", **options)

    login = accounts.read_login(tmp_path)
    shop = orgs.property_by_slugs(organization="fernweh", slug="shop")
    people = {
        email: authenticate(username=email, password=login.password)
        for email in (accounts.ADA, accounts.GRACE, accounts.MALLORY)
    }
    roles = {
        email: orgs.access_of(user, organization_id=shop.organization_id) is not None for email, user in people.items()
    }
    assert roles == {accounts.ADA: True, accounts.GRACE: True, accounts.MALLORY: False}
    assert [user.is_superuser for user in people.values()] == [True, False, False]
    assert stat.S_IMODE((tmp_path / "demo-login.txt").stat().st_mode) == 0o600


def test_demo_is_refused_outside_development(settings: object) -> None:
    settings.REPORTS_DEMO_ALLOWED = False  # type: ignore[attr-defined]

    with pytest.raises(CommandError, match="development"):
        call_command("load_demo")
