"""Drafts become the columns that the writer makes: texts, keys, instants and money."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

import numpy as np
from numpy.typing import NDArray

from apps.ingestion.api import ContextFacts
from apps.reports.demo import drafts, world
from apps.reports.demo.drafts import Table

Columns = dict[str, list[Any]]


_SOURCE = ("channel", "source", "medium", "campaign", "term", "content", "click_id_kind", "referrer_host", "has_source")


@dataclass(frozen=True, slots=True)
class Doors:
    """Ids of the property as made, and ingestion's own rules: so that what is loaded equals what is collected."""

    property_id: int
    streams: tuple[int, int, int]  # web, app, server
    links: tuple[int, ...]  # in the order of world.LINKS
    source_facts: Callable[[str, str], ContextFacts]  # of a page's address and referrer
    device_key: Callable[[str], int]  # of an anonymous id
    user_key: Callable[[str], int]  # of a user id


def _table(texts: Iterable[object]) -> NDArray[np.object_]:
    values = list(texts)
    table = np.empty(len(values), dtype=object)
    table[:] = values
    return table


def _landing(origin: world.Origin, page: world.Page) -> str:
    query = f"?{origin.query}" if origin.query else ""
    return f"https://{world.DOMAIN}{page.path}{query}"


def source_columns(rows: Table, doors: Doors, marks: Sequence[str], clicks: Sequence[str]) -> Columns:
    """Return where each event came from, as ingestion reads it from an address and a referrer.

    *marks* are texts, one a row, that make the platforms' click ids unique; *clicks* are the ids of clicks on links,
    one a visit. A click or an impression itself has neither: its link states the campaign.
    """
    table = [_facts(doors, origin) for origin in world.ORIGINS]
    table += [doors.source_facts(f"?{origin.query}", "") for origin in world.ORIGINS]
    table.append(doors.source_facts(f"https://{world.DOMAIN}/", ""))  # what -1 stands for
    is_link = np.isin(rows["kind"], (drafts.CLICK, drafts.IMPRESSION))
    place = rows["origin"] + np.where(is_link, len(world.ORIGINS), 0)
    columns = {name: _table(getattr(fact, name) for fact in table)[place].tolist() for name in _SOURCE}
    trips = _table([*clicks, ""])[rows["trip"]].tolist()
    columns["click_id"] = [
        (click if kind == world.OWN_CLICK else mark) if kind else ""
        for kind, mark, click in zip(columns["click_id_kind"], marks, trips, strict=True)
    ]
    return columns


def _facts(doors: Doors, origin: world.Origin) -> ContextFacts:
    kind = origin.click_kind
    query = f"{origin.query}&{kind}=x" if kind else origin.query
    return doors.source_facts(f"https://{world.DOMAIN}/?{query}", origin.referrer)


def page_columns(rows: Table, click_ids: Sequence[str]) -> Columns:
    """Return address, path and title; a landing page's address carries its campaign and click id."""
    page, origin = rows["page"], rows["origin"]
    is_web = (rows["stream"] == drafts.WEB) & (page >= 0)
    origins = [*world.ORIGINS, world.Origin("", "", 0, 0, 0, 0)]
    grid = _table([_landing(o, p) for p in world.PAGES for o in origins] + [""])
    at = np.where(is_web, page * len(origins) + origin % len(origins), len(grid) - 1)
    with_id = _table([f"&{o.click_kind}=" if o.click_kind else "" for o in world.ORIGINS] + [""])
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
    """Return the name of each event: what was tracked, a page's or screen's own, or the address of a link."""
    names = _table([*drafts.NAMES, *(page.name for page in world.PAGES), *(link.slug for link in world.LINKS)])
    first_page, first_link = len(drafts.NAMES), len(drafts.NAMES) + len(world.PAGES)
    is_page = np.isin(rows["kind"], (drafts.PAGE, drafts.SCREEN))
    place = np.where(is_page, first_page + rows["page"], rows["name"])
    return names[np.where(rows["link"] >= 0, first_link + rows["link"], place)].tolist()


def id_columns(rows: Table, doors: Doors, devices: Sequence[str]) -> Columns:
    """Return the ids of the device and the user with their keys; *devices* are anonymous ids, one a device."""
    size = len(devices) // 2
    users = [f"customer-{number:06d}" for number in range(size)]
    of_devices, of_users = _table([*devices, ""]), _table([*users, ""])
    device_keys = np.array([doors.device_key(text) for text in devices], dtype=np.uint64)
    user_keys = np.array([doors.user_key(text) for text in users], dtype=np.uint64)
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
    stored = np.minimum(
        np.maximum.accumulate(received + rng.integers(150, 900, len(received))), int(now.timestamp() * 1000)
    )
    return {
        "occurred_at": rows["at"].tolist(),
        "received_at": received.tolist(),
        "logged_at": np.minimum(received + 2, stored).tolist(),
        "stored_at": stored.tolist(),
    }
