"""The last hours of the shop as its clients sent them: through the door, so that every page shows what it would.

The 90 days before are stored as whole columns, past the door and the writer, because that takes seconds instead of
minutes. What those two make of events is seen in these few hundred alone: what is kept of a payload, what fails an
expectation, what is repeated, what cannot be read. They hold no order that counts and no sign-up, so that the figures
of the shop are those of the 90 days. The installs of the app lie in the weeks before.
"""

import random
import uuid
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import msgspec

from apps.ingestion import api as ingestion
from apps.quality import api as quality
from apps.reports.demo import live, world
from apps.reports.demo.company import Company

Body = dict[str, Any]
_HOURS, _VISITORS, _REQUESTS = 3.0, 25, 240
_REPEATED, _INSTALLS, _PACKED = 9, 60, 90
_COUNTED = frozenset({"Order Completed", "Signed Up"})
_NETWORKS = (("Google Ads", "cpc"), ("Meta Ads", "paid"), ("TikTok Ads", "paid"), ("", ""), ("", ""))
EXPECTATIONS: tuple[dict[str, Any], ...] = (
    {"name": "Orders carry money", "kind": "range", "event": "Order *", "field": "properties.revenue",
     "parameters": {"min": 1, "max": 5_000}, "severity": "quarantine"},
    {"name": "Orders name their goods", "kind": "not_null", "event": "Order *", "field": "properties.products",
     "severity": "flag"},
    {"name": "Goods have a price", "kind": "type", "event": "Product *", "field": "properties.price",
     "parameters": {"types": ["number"]}, "severity": "flag"},
    {"name": "Visitors keep coming", "kind": "freshness", "event": "page", "parameters": {"within": "7d"},
     "severity": "flag"},
)  # fmt: skip


def expect(made: Company, *, made_by: Any) -> None:
    """Say what the shop expects of its events."""
    for one in EXPECTATIONS:
        quality.create_expectation(property_id=made.property.id, made_by=made_by, **one)


def arrive(made: Company, *, seed: int, now: datetime) -> int:
    """Send the last hours, and return how many events that were. Raises LogUnavailable."""
    rng = random.Random(seed)  # noqa: S311  a made-up shop
    web, app, server = made.streams
    visits = list(_visits(rng, now))
    batches = (
        (web, "web", visits),
        (web, "web", visits[:_REPEATED]),  # a client that heard no answer sends again
        (server, "server", list(_orders(rng, now))),
        (app, "ios", list(_installs(rng, now))),
    )
    for stream_id, kind, bodies in batches:
        raw = [msgspec.json.encode(body) for body in bodies]
        ingestion.take_in(made.property, raw, stream_id=stream_id, stream_kind=kind)
    return sum(len(bodies) for _stream, _kind, bodies in batches)


def _visits(rng: random.Random, now: datetime) -> Iterator[Body]:
    """Yield what visitors look at; every ninth of the goods has its price as a text."""
    crowd = live.Crowd(rng, _VISITORS)
    for number in range(_REQUESTS):
        body = crowd.next_request().body
        if body.get("event") in _COUNTED:
            continue
        if number % 9 == 0 and "price" in body.get("properties", {}):
            body["properties"]["price"] = f"{body['properties']['price']} €"
        yield _stamped(rng, body, now - timedelta(hours=_HOURS * (1 - number / _REQUESTS)))


def _orders(rng: random.Random, now: datetime) -> Iterator[Body]:
    """Yield the orders of a till whose new version is not right yet, so that none of them can be counted as it is.

    What the till says of packing is right.
    """
    wrong: tuple[Body, ...] = (
        *[{"currency": "Euro"}] * 6,
        *[{"revenue": "49,90 €"}] * 4,
        *[{"revenue": 0}] * 5,
        {"revenue": 88_000},
    )
    for number, one in enumerate((*wrong, *[{}] * _PACKED)):
        goods = rng.choices(world.GOODS, k=rng.randint(1, 3))
        order = {
            "order_id": f"T{rng.getrandbits(40):010X}",
            "revenue": sum(good.price for good in goods),
            "currency": "EUR",
            "products": [good.sku for good in goods],
        }
        name = "Order Completed" if one else "Order Packed"
        body = {"type": "track", "event": name, "userId": f"till-{number}", "properties": order | one}
        yield _stamped(rng, body, now - timedelta(minutes=rng.uniform(1, 60 * _HOURS)))


def _installs(rng: random.Random, now: datetime) -> Iterator[Body]:
    """Yield the clicks on ads of networks and the first openings of the app that follow, or follow nothing."""
    for _ in range(_INSTALLS):
        phone, opened = _id(rng), now - timedelta(days=rng.uniform(0.2, 20))
        network, medium = rng.choice(_NETWORKS)
        if network:
            campaign = {"source": network, "medium": medium, "name": "autumn-app"}
            click = {"type": "click", "anonymousId": phone, "context": {"campaign": campaign}}
            yield _stamped(rng, click, opened - timedelta(hours=rng.uniform(0.02, 30)))
        body = {"type": "track", "event": "Application Installed", "anonymousId": phone, "properties": {}}
        yield _stamped(rng, body, opened)


def _stamped(rng: random.Random, body: Body, at: datetime) -> Body:
    return {"messageId": _id(rng), "timestamp": at.isoformat(), **body}


def _id(rng: random.Random) -> str:
    return str(uuid.UUID(int=rng.getrandbits(128), version=4))
