"""Drafts become the columns that the writer makes: texts, keys, instants and money."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from apps.reports.demo import drafts, world
from apps.reports.demo.drafts import Table

Columns = dict[str, list[Any]]


class SourceFacts(Protocol):
    """What ingestion says about where an event came from."""

    channel: str
    source: str
    medium: str
    campaign: str
    term: str
    content: str
    click_id_kind: str
    click_id: str
    referrer_host: str
    has_source: bool


@dataclass(frozen=True, slots=True)
class Doors:
    """Ids of the property as made, and ingestion's own rules: so that what is loaded equals what is collected."""

    property_id: int
    streams: tuple[int, int, int]
    links: tuple[int, ...]
    source_facts: Callable[[str, str], SourceFacts]  # of a page's address and referrer
    key: Callable[[str], int]


def _table(texts: Iterable[object]) -> NDArray[np.object_]:
    values = list(texts)
    table = np.empty(len(values), dtype=object)
    table[:] = values
    return table


def _landing(origin: world.Origin, page: world.Page) -> str:
    query = f"?{origin.query}" if origin.query else ""
    return f"https://{world.DOMAIN}{page.path}{query}"


def source_columns(rows: Table, doors: Doors, marks: Sequence[str]) -> Columns:
    """Return where each event came from, as ingestion reads it from the landing page's address.

    *marks* are texts, one a row, that make click ids unique.
    """
    with_ids = [f"{o.query}&{o.click_id}=x" if o.click_id else o.query for o in world.ORIGINS]
    addresses = [f"https://{world.DOMAIN}/?{query}" for query in with_ids]
    facts = [doors.source_facts(address, o.referrer) for address, o in zip(addresses, world.ORIGINS, strict=True)]
    facts.append(doors.source_facts(f"https://{world.DOMAIN}/", ""))  # what -1 stands for
    origin = rows["origin"]
    named = ("channel", "source", "medium", "campaign", "term", "content", "click_id_kind", "referrer_host", "has_source")
    columns = {name: _table(getattr(fact, name) for fact in facts)[origin].tolist() for name in named}
    has_id = _table([bool(o.click_id) for o in world.ORIGINS] + [False])[origin].tolist()
    columns["click_id"] = [mark if has else "" for mark, has in zip(marks, has_id, strict=True)]
    return columns


def page_columns(rows: Table, click_ids: Sequence[str]) -> Columns:
    """Return address, path and title; a landing page's address carries its campaign and click id."""
    page, origin = rows["page"], rows["origin"]
    is_web = (rows["stream"] == drafts.WEB) & (page >= 0)
    origins = [*world.ORIGINS, world.Origin("", "", 0, 0, 0, 0)]
    grid = _table([_landing(o, p) for p in world.PAGES for o in origins] + [""])
    at = np.where(is_web, page * len(origins) + origin % len(origins), len(grid) - 1)
    with_id = _table([f"&{o.click_id}=" if o.click_id else "" for o in world.ORIGINS] + [""])
    marks = np.where(is_web, origin, len(world.ORIGINS))
    urls = [
        f"{url}{mark}{click_id}" if mark else url
        for url, mark, click_id in zip(grid[at].tolist(), with_id[marks].tolist(), click_ids, strict=True)
    ]
    paths, titles = _table([p.path for p in world.PAGES] + [""]), _table([p.title for p in world.PAGES] + [""])
    return {
        "page_url": urls,
        "page_path": paths[np.where(is_web, page, -1)].tolist(),
        "title": titles[np.where(is_web, page, -1)].tolist(),
    }


def name_column(rows: Table) -> list[Any]:
    """Return the name of each event: a page's or screen's own, or the name of what was tracked."""
    names = _table([*drafts.NAMES, *(page.name for page in world.PAGES)])
    is_page = (rows["kind"] == drafts.PAGE) | (rows["kind"] == drafts.SCREEN)
    return names[np.where(is_page, len(drafts.NAMES) + rows["page"], rows["name"])].tolist()


def id_columns(rows: Table, doors: Doors, devices: Sequence[str]) -> Columns:
    """Return the ids of the device and the user with their keys; *devices* are anonymous ids, one a device."""
    size = len(devices) // 2
    users = [f"customer-{number:06d}" for number in range(size)]
    of_devices, of_users = _table([*devices, ""]), _table([*users, ""])
    device_keys = np.array([doors.key(f"a:{text}") for text in devices], dtype=np.uint64)
    user_keys = np.array([doors.key(f"u:{text}") for text in users], dtype=np.uint64)
    device, person = rows["device"], rows["person"]
    is_anonymous, is_known = rows["is_anonymous"] == 1, rows["is_known"] == 1
    return {
        "anonymous_id": of_devices[np.where(is_anonymous, device, -1)].tolist(),
        "user_id": of_users[np.where(is_known, person, -1)].tolist(),
        "device_key": np.where(is_anonymous, device_keys[device], user_keys[person]).tolist(),
        "person_key": np.where(is_known, user_keys[person], device_keys[device]).tolist(),
    }


def machine_columns(rows: Table, machines: NDArray[np.int64], countries: NDArray[np.int64]) -> Columns:
    """Return country, device, system, browser and language; *machines* has one element a device."""
    machine, country = machines[rows["device"]], countries[rows["person"]]
    return {
        "country": _table(name for name, _, _ in world.COUNTRIES)[country].tolist(),
        "locale": _table(locale for _, locale, _ in world.COUNTRIES)[country].tolist(),
        "device": _table(m.device for m in world.MACHINES)[machine].tolist(),
        "os": _table(m.os for m in world.MACHINES)[machine].tolist(),
        "browser": _table(m.browser for m in world.MACHINES)[machine].tolist(),
    }


def money_columns(rows: Table, countries: NDArray[np.int64], order_ids: Sequence[str]) -> Columns:
    """Return value, currency and order: the Swiss pay in francs, everyone else in euros."""
    cents = rows["cents"]
    paid = cents != drafts.NO_VALUE
    values = np.full(len(cents), None, dtype=object)
    values[paid] = [Decimal(amount).scaleb(-2) for amount in cents[paid].tolist()]
    in_francs = countries[rows["person"]] == world.SWISS
    return {
        "value": values.tolist(),
        "currency": _table(["", "EUR", "CHF"])[np.where(paid, 1 + in_francs, 0)].tolist(),
        "order_id": _table([*order_ids, ""])[rows["order"]].tolist(),
    }


def time_columns(rng: np.random.Generator, rows: Table, now: datetime) -> Columns:
    """Return when each event was received, logged and stored; the store's clock never goes back."""
    received = rows["at"] + rows["delay"]
    stored = np.minimum(np.maximum.accumulate(received + rng.integers(150, 900, len(received))), int(now.timestamp() * 1000))
    return {
        "occurred_at": rows["at"].tolist(),
        "received_at": received.tolist(),
        "logged_at": np.minimum(received + 2, stored).tolist(),
        "stored_at": stored.tolist(),
    }
