"""The last hours of the demo come through the door and the writer, so that the pages about events show them."""

import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from apps.ingestion import wiring
from apps.ingestion.domain import inspections
from apps.ingestion.services import Writer, load_seen_ids
from apps.orgs import api as orgs
from apps.quality import queries
from apps.quality.queries import Selection
from apps.reports.demo import arrivals
from apps.reports.demo.load import load_demo
from apps.shared import clickhouse as store
from tests.fakes.event_log import MemoryLog

pytestmark = [pytest.mark.stores, pytest.mark.django_db, pytest.mark.usefixtures("clickhouse", "valkey")]


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> orgs.PropertyInfo:
    """The demo, loaded, and the writer run until its log is empty."""
    log = MemoryLog()
    monkeypatch.setattr(wiring, "event_log", lambda *_: log)
    given: dict[str, Any] = {"seed": 1, "persons": 200, "now": timezone.now(), "folder": tmp_path}
    load_demo(**given, is_reset=False, tell=lambda _: None, clock=timezone.now)
    target = wiring.event_store()
    writer = Writer(
        log=log, store=target, seen=load_seen_ids(target), rules_of=wiring.rules_of,
        clock=lambda: time.time_ns() // 1_000_000, tell=lambda _: None, inspection=inspections.registered(),
    )  # fmt: skip
    while entries := log.read(most=100, wait=0):
        writer.write(entries)
    return orgs.property_by_slugs(organization="fernweh", slug="shop")


def count(sql: str, shop: orgs.PropertyInfo) -> int:
    (found,) = store.select(
        f"SELECT count() FROM {sql} AND property_id = {{property_id:UInt64}}", int, property_id=shop.id
    )
    return found


def test_quality_quarantine_payloads_and_installs_have_something_to_show(shop: orgs.PropertyInfo) -> None:
    now = timezone.now()
    span = now - timedelta(days=1), now + timedelta(days=1)

    kept = queries.found(shop.id, Selection(*span))
    assert {one.reason for one in kept} == {"bad_currency", "bad_amount", "expectation"}
    assert queries.states(shop.id, Selection(*span)) == {"waiting": 16}
    checked = {one.expectation_id for one in queries.day_counts(shop.id, since=span[0], until=span[1], time_zone="UTC")}
    names = queries.names_of(shop.id)
    assert {names[one] for one in checked} >= {"Orders carry money", "Goods have a price"}
    assert count("events WHERE notEmpty(flags)", shop) > 3
    assert count("payloads WHERE 1", shop) > 100
    assert count("outcomes WHERE outcome = 'duplicate' AND received_at > now() - INTERVAL 1 HOUR", shop) >= 9
    assert count("events WHERE name = 'Application Installed'", shop) == 60
    assert (
        20 < count("events WHERE kind = 'click' AND medium IN ('cpc', 'paid') AND campaign = 'autumn-app'", shop) < 60
    )
    assert count("outcomes WHERE reason = 'unknown_type'", shop) == 0


def test_figures_of_the_shop_stay_those_of_the_90_days(shop: orgs.PropertyInfo) -> None:
    """What came through the door holds no order that counts and no sign-up."""
    counted = "events WHERE name IN ('Order Completed', 'Signed Up') AND received_at > now() - INTERVAL 1 MINUTE"

    assert count(counted, shop) == 0
    assert arrivals.EXPECTATIONS[0]["severity"] == "quarantine"
