"""Schemas are learned from the first week; what differs is drift until it is accepted, and the past stays as it was."""

from datetime import datetime, timedelta
from typing import Any

import msgspec
import pytest
from django.test import Client
from django.utils import timezone
from pytest_django.asserts import assertContains, assertRedirects

from apps.ingestion import api as ingestion
from apps.quality import queries, services
from apps.quality.models import Drift, EventSchema
from tests.factories.company import Company

pytestmark = pytest.mark.stores
PAGE = "/o/fernweh/p/shop/quality/schemas/"


def store(company: Company, prefix: str, at: datetime, *documents: dict[str, Any], name: str = "Order") -> None:
    size = len(documents)
    moments = [int((at + timedelta(minutes=number)).timestamp() * 1000) for number in range(size)]
    ingestion.store_events({
        "property_id": [company.shop.pk] * size,
        "stream_id": [company.shop.streams.get().pk] * size,
        "message_id": [f"{prefix}{number}" for number in range(size)],
        "kind": ["track"] * size,
        "name": [name] * size,
        "occurred_at": moments, "received_at": moments, "logged_at": moments, "stored_at": moments,
        "properties": [msgspec.json.encode(one).decode() for one in documents],
    })  # fmt: skip


@pytest.fixture
def learned(company: Company) -> EventSchema:
    """The schema of an event that has come for ten days."""
    now = timezone.now()
    first = [
        {"revenue": 1.5 * (n % 7), "colour": "red" if n % 2 else "blue", "order_id": f"A{n}", "lines": [{"sku": n}]}
        for n in range(60)
    ]
    store(company, "first-", now - timedelta(days=10), *first)
    store(company, "young-", now - timedelta(days=2), *first[:30], name="Young")
    assert services.learn_schemas(property_id=company.shop.pk, now=now) == 1
    assert services.learn_schemas(property_id=company.shop.pk, now=now) == 0
    return EventSchema.objects.get()


def test_first_week_gives_types_shares_and_values(learned: EventSchema) -> None:
    fields = learned.fields

    assert (learned.name, learned.version, learned.events, learned.made_by) == ("Order", 1, 60, None)
    assert fields["revenue"] == {"share": 1.0, "types": ["number"], "values": None}
    assert fields["colour"] == {"share": 1.0, "types": ["string"], "values": ["blue", "red"]}
    assert fields["order_id"] == {"share": 1.0, "types": ["string"], "values": None}
    assert fields["lines[].sku"]["types"] == ["integer"]


def test_event_that_came_seldom_in_its_first_week_is_learned_when_it_has_come_often(company: Company) -> None:
    now = timezone.now()
    store(company, "first-", now - timedelta(days=20), *[{"n": number} for number in range(5)])
    assert services.learn_schemas(property_id=company.shop.pk, now=now) == 0

    store(company, "later-", now - timedelta(days=3), *[{"n": number} for number in range(15)])

    assert services.learn_schemas(property_id=company.shop.pk, now=now) == 1
    assert EventSchema.objects.get().events == 20


def test_drift_is_noted_with_its_share_and_closed_when_it_goes(company: Company, learned: EventSchema) -> None:
    now = timezone.now()
    odd: list[dict[str, Any]] = [{"revenue": "9", "colour": "green", "lines": [], "extra": 1} for _ in range(10)]
    good = [{"revenue": 9, "colour": "red", "order_id": "A", "lines": []} for _ in range(30)]
    store(company, "odd-", now - timedelta(hours=3), *odd, *good)

    services.learn_schemas(property_id=company.shop.pk, now=now)

    found = {(row.kind, row.field): row.share for row in queries.open_drifts(company.shop.pk)}
    assert found == {
        ("changed_type", "revenue"): 0.25, ("unseen_value", "colour"): 0.25,
        ("new_field", "extra"): 0.25, ("missing_field", "order_id"): 0.25,
    }  # fmt: skip
    later = now + timedelta(days=2)
    store(company, "later-", later - timedelta(hours=2), *good)
    services.learn_schemas(property_id=company.shop.pk, now=later)
    assert not queries.open_drifts(company.shop.pk).exists()
    assert Drift.objects.filter(closed_at=later).count() == 4


def test_accepted_schema_is_the_next_version_and_closes_drift(company: Company, learned: EventSchema) -> None:
    now = timezone.now()
    store(company, "new-", now - timedelta(hours=3), *({"revenue": f"{number}", "extra": True} for number in range(40)))
    services.learn_schemas(property_id=company.shop.pk, now=now)
    ada = company.client_of(company.ada)
    page = f"{PAGE}{learned.pk}/"
    assertContains(ada.get(page), "extra")

    answer = ada.post(f"{page}accept/")

    fresh = EventSchema.objects.get(version=2)
    assertRedirects(answer, f"{PAGE}{fresh.pk}/")
    assert (fresh.made_by, fresh.fields["revenue"]["types"]) == (company.ada, ["string"])
    assert EventSchema.objects.get(version=1).fields == learned.fields
    assert not queries.open_drifts(company.shop.pk).exists()
    assertContains(ada.get(page), "earlier version")


@pytest.mark.parametrize(
    ("reports", "document", "words"),
    [
        (["new_field"], {"revenue": 1, "order_id": "A", "lines": [], "colour": "red", "extra": 1}, "extra is new"),
        (["missing_field"], {"revenue": 1, "lines": [], "colour": "red"}, "order_id is missing"),
        (["changed_type"], {"revenue": "1", "order_id": "A", "lines": [], "colour": "red"}, "revenue is '1'"),
        (["unseen_value"], {"revenue": 1, "order_id": "A", "lines": [], "colour": "pink"}, "colour is 'pink'"),
    ],
)
def test_event_that_differs_fails_an_expectation_of_schema(  # noqa: PLR0917  fixtures
    send: Any, write: Any, expect: Any, kept: Any, stored: Any, learned: EventSchema,
    reports: list[str], document: dict[str, Any], words: str,
) -> None:  # fmt: skip
    expect("schema", parameters={"reports": reports})
    good = {"revenue": 1, "order_id": "A", "lines": [{"sku": 1}], "colour": "blue"}
    send({"messageId": "good", "properties": good}, {"messageId": "odd", "properties": document},
         {"messageId": "unknown", "event": "Young", "properties": document})  # fmt: skip

    write()

    assert set(kept()) == {"odd"}
    assert words in kept()["odd"].detail
    assert {"good", "unknown"} <= set(stored())


def test_pages_show_what_is_learned_and_what_is_in_its_first_week(company: Company, learned: EventSchema) -> None:
    ada: Client = company.client_of(company.ada)

    page = ada.get(PAGE)

    assertContains(page, "Not learned yet")
    assertContains(page, "Young")
    assertContains(ada.get(f"{PAGE}{learned.pk}/"), "lines[].sku")
    assert company.client_of(company.mallory).get(f"/o/cinder/p/shop/quality/schemas/{learned.pk}/").status_code == 404


def test_values_of_persons_are_neither_learned_nor_said(company: Company) -> None:
    """R8: a schema and its drift outlive the persons that they were learned from, and more people may read them."""
    now = timezone.now()
    names = [{"first_name": "Grace" if n % 2 else "Ada", "plan": "basic"} for n in range(60)]
    store(company, "first-", now - timedelta(days=10), *names)
    services.learn_schemas(property_id=company.shop.pk, now=now)
    store(company, "later-", now, {"first_name": 7_031_969, "plan": "gold"})
    services.learn_schemas(property_id=company.shop.pk, now=now + timedelta(minutes=1))

    fields = EventSchema.objects.get().fields
    assert (fields["first_name"]["values"], fields["plan"]["values"]) == (None, ["basic"])
    said = dict(Drift.objects.values_list("field", "detail"))
    assert said == {"first_name": "is integer, not string", "plan": "is 'gold', which was not seen before"}
