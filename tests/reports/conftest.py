"""The company of the tests, and a small world of events whose figures are known by hand."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from apps.attribution import api as attribution
from apps.ingestion import api as ingestion
from apps.orgs.models import Property
from tests.factories.company import Company, make_company

NASTY = '<script>alert("x")</script>'
QUOTED = 'it\'s "50%" & more'
EVENT = {
    "stream_id": 0,
    "kind": "page",
    "name": "Home",
    "anonymous_id": "",
    "user_id": "",
    "value": None,
    "currency": "",
    "order_id": "",
    "channel": "Direct",
    "source": "(direct)",
    "medium": "(none)",
    "campaign": "",
    "has_source": False,
    "page_path": "/",
    "properties": "",
}

Store = Callable[..., None]


@pytest.fixture
def company(db: None) -> Company:
    """Ada, Grace and Mallory with a property on each side."""
    return make_company()


def event(property_id: int, message_id: str, at: datetime, **facts: Any) -> dict[str, Any]:
    """Return one event as a row of the table."""
    row = EVENT | {"property_id": property_id, "message_id": message_id} | facts
    key = ingestion.device_key(row["anonymous_id"], row["user_id"])
    person = ingestion.person_key(row["anonymous_id"], row["user_id"])
    times = {"occurred_at": at, "received_at": at, "stored_at": datetime.now(UTC)}
    return row | times | {"device_key": key, "person_key": person}


def store(rows: list[dict[str, Any]]) -> None:
    """Put rows into the store."""
    ingestion.store_events({name: [row[name] for row in rows] for name in rows[0]})


def build(row: Property) -> None:
    """Build the journeys of a property."""
    attribution.build_journeys(property_id=row.pk, clock=timezone.now)


def sale(property_id: int, number: int, at: datetime, **facts: Any) -> dict[str, Any]:
    """Return a sale of 100 by visitor *number*."""
    given = {"kind": "track", "name": "Order Completed", "anonymous_id": f"v{number}", "order_id": f"o{number}"}
    return event(property_id, f"sale-{number}", at, **(given | {"value": 100, "currency": "EUR"} | facts))


@pytest.fixture
def world(company: Company, clickhouse: None, valkey: None) -> Company:
    """Three sales yesterday: one by e-mail then direct, one by a campaign with nasty names, one out of nowhere."""
    shop, noon = company.shop.pk, (datetime.now(UTC) - timedelta(days=1)).replace(hour=12, minute=0, microsecond=0)
    mail = {"channel": "Email", "source": "newsletter", "medium": "email", "campaign": QUOTED, "has_source": True}
    nasty = {"channel": "Display", "source": NASTY, "medium": "display", "campaign": NASTY, "has_source": True}
    hour = timedelta(hours=1)
    store(
        [
            event(shop, "visit-1", noon - 48 * hour, anonymous_id="v1", **mail),
            event(shop, "visit-2", noon - 2 * hour, anonymous_id="v1"),
            sale(shop, 1, noon),
            event(shop, "visit-3", noon - 3 * hour, anonymous_id="v2", name=NASTY, **nasty),
            sale(shop, 2, noon + hour, value=50, order_id=NASTY),
            sale(shop, 3, noon + 2 * hour, anonymous_id="", user_id="", value=10),
        ]
    )
    attribution.create_goal(
        property_id=shop, made_by=company.ada, name="Purchase", event_name="Order Completed", kind="track"
    )
    build(company.shop)
    return company
