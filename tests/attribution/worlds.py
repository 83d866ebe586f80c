"""Random worlds of events, their rows in ClickHouse, and what the engine makes of them: the brute force (R4)."""

import json
import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from xxhash import xxh64_intdigest

import attribution as engine
from apps.shared import clickhouse

START = datetime(2026, 3, 1, tzinfo=UTC)
CHANNELS = (
    ("Direct", "(direct)", "(none)", ""),
    ("Email", "news", "email", "spring"),
    ("Paid Search", "google", "cpc", "brand"),
    ("Paid Search", "google", "cpc", "shoes"),
    ("Organic Search", "google", "organic", ""),
    ("Paid Social", "facebook", "paid", "spring"),
)


@dataclass(frozen=True, slots=True)
class Sent:
    """An event as the engine reads it, with the properties that only goals read."""

    event: engine.Event
    properties: dict[str, object]


def key(text: str) -> int:
    """Return the hash that the writer stores of an id."""
    return xxh64_intdigest(text.encode())


def random_world(rng: random.Random, size: int) -> list[Sent]:
    """Return events of a few people on shared devices, with ties, aliases, refunds, late and repeated orders."""
    return [_random_event(rng, number) for number in range(size)]


def random_crowd(rng: random.Random, size: int) -> list[Sent]:
    """Return events of many people, of whom many never convert: small worlds beside each other."""
    return [moved(one, f"w{number}") for number in range(size) for one in random_world(rng, rng.choice([3, 12, 40]))]


def moved(sent: Sent, prefix: str) -> Sent:
    """Return an event with its ids in a world of their own."""
    names = ("id", "anonymous_id", "user_id", "previous_id", "own_click", "order_id")
    own = {name: f"{prefix}{value}" for name in names if (value := getattr(sent.event, name))}
    return replace(sent, event=replace(sent.event, **own))  # type: ignore[arg-type]


def _random_event(rng: random.Random, number: int) -> Sent:
    kind = rng.choices(
        ["page", "track", "click", "impression", "identify", "alias", "screen"], [30, 25, 12, 15, 6, 2, 5]
    )[0]
    # Whole minutes on few days make ties and gaps of exactly the visit gap frequent.
    occurred_at = START + timedelta(days=rng.choice([0, 1, 1, 2, 30, 95, 140]), minutes=rng.choice(range(0, 240, 5)))
    anonymous = rng.choice(["", *(f"dev{n}" for n in range(8))])
    user = rng.choice(["", "", "", *(f"user{n}" for n in range(6))])
    if kind in {"identify", "alias"}:
        user = user or "user1"
    if not anonymous and not user:
        anonymous = "dev0"
    channel = rng.choice(CHANNELS) if rng.random() < 0.6 else CHANNELS[0]
    event = engine.Event(
        id=f"{rng.randrange(10**6):06d}-{number}",
        kind=kind,
        occurred_at=occurred_at,
        received_at=occurred_at + timedelta(seconds=rng.choice([0, 0, 1, 90_000])),
        anonymous_id=anonymous,
        user_id=user,
        previous_id=rng.choice(["user0", "user3", "dev5"]) if kind == "alias" else "",
        channel=channel[0],
        source=channel[1],
        medium=channel[2],
        campaign=channel[3],
        ad_group=("boots", "hats", "")[number % 3] if channel[3] else "",
        has_source=channel[0] != "Direct",
        # One in eight is a click, often of the same few people: a landing meets its own click, another's or none.
        own_click=_click_id(rng.randrange(number + 1)) if kind in {"page", "screen", "track"} else "",
    )
    if kind == "click":
        event = replace(event, id=_click_id(number))
    if kind != "track":
        return Sent(event, {})
    return _track(rng, event)


def _click_id(number: int) -> str:
    return f"{key(str(number)) % 10**6:06d}-click{number}"


def _track(rng: random.Random, event: engine.Event) -> Sent:
    name = rng.choices(["Order Completed", "Order Refunded", "Signed Up", "Other"], [50, 15, 25, 10])[0]
    properties: dict[str, object] = {"plan": rng.choice(["free", "pro"]), "seats": rng.choice([1, 5, "12"])}
    value = None
    if name.startswith("Order"):
        value = Decimal(rng.choice([1, 5, 999, 1000, 12_345, 0])) / 100
        if name == "Order Refunded" or rng.random() < 0.1:
            value = -value
        properties["margin"] = str(value / 2)
    return Sent(
        replace(
            event,
            name=name,
            value=value,
            currency=rng.choice(["", "EUR", "EUR", "USD"]) if value is not None else "",
            order_id=rng.choice(["", *(f"o{n}" for n in range(12))]) if name.startswith("Order") else "",
        ),
        properties,
    )


def store(property_id: int, events: Iterable[Sent], stored_at: datetime) -> None:
    """Insert events as the writer does."""
    rows = list(events)
    if not rows:
        return
    columns: dict[str, Sequence[object]] = {
        "property_id": [property_id] * len(rows),
        "stream_id": [7] * len(rows),
        "message_id": [one.event.id for one in rows],
        "stored_at": [stored_at] * len(rows),
        "device_key": [key(one.event.device_key or "u:") for one in rows],
        "person_key": [key(one.event.own_key or "u:") for one in rows],
        "properties": [json.dumps(one.properties) for one in rows],
        "country": ["DE"] * len(rows),
        "device": ["desktop"] * len(rows),
        "click_id_kind": ["tbclid" if one.event.own_click else "gclid" for one in rows],
        "click_id": [one.event.own_click or "ad" for one in rows],
    }
    columns["term"] = [one.event.ad_group for one in rows]
    for column in (
        "kind", "name", "occurred_at", "received_at", "anonymous_id", "user_id", "previous_id", "value", "currency",
        "order_id", "channel", "source", "medium", "campaign", "has_source",
    ):  # fmt: skip
        columns[column] = [getattr(one.event, column) for one in rows]
    clickhouse.insert("events", columns)
