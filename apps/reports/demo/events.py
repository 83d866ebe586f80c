"""The events of the whole period, ready for the writer's table."""

from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from apps.reports.demo import advertising, browsing, columns, drafts, orders, people, properties, seasons, visits, world
from apps.reports.demo.columns import Columns, Doors
from apps.reports.demo.drafts import Table

_PERIOD_MS = world.DAYS * seasons.DAY_MS
_OFFLINE_SHARE = 0.02  # of the app's events, sent when the phone is back on a network
_WITH_WARM_UP = 1.2  # of those who first come in the warm-up, about a third come again later
_ROOM_MS = 5_000  # nothing was received in the last moments, so that all of it is stored by now


def make_events(*, seed: int, size: int, now: datetime, doors: Doors) -> Columns:
    """Return the columns of every event of about *size* people up to *now*, in the order they were received in."""
    makers = [np.random.default_rng(child) for child in np.random.SeedSequence(seed).spawn(8)]
    start_ms = seasons.milliseconds(now) - world.DAYS * seasons.DAY_MS
    crowd = people.make_people(makers[0], int(size * _WITH_WARM_UP), now)
    trips = visits.make_visits(makers[1], crowd, now)
    steps = browsing.make_steps(makers[2], trips)
    known = browsing.known_from(trips, steps, crowd)
    bought = orders.make_orders(makers[3], trips, steps, known)
    bought = orders.with_telephone_orders(makers[3], bought, crowd.size, start_ms)
    rows = drafts.join(
        [
            *browsing.browsing(makers[4], trips, steps, crowd),
            *browsing.identities(trips, steps, crowd),
            bought.rows,
            orders.make_refunds(makers[3], bought),
            advertising.impressions(makers[5], crowd, start_ms),
            advertising.clicks(trips),
        ]
    )
    rows = _received(makers[6], rows, known, now)
    return _columns(makers[7], rows, crowd, bought, now, doors, trips.size)


def _received(rng: np.random.Generator, rows: Table, known: NDArray[np.int64], now: datetime) -> Table:
    """Return the rows that had been received by *now*, in that order, with their delays and user ids decided."""
    size = len(rows["at"])
    usual = rng.lognormal(np.log(340), 0.5, size).astype(np.int64)
    is_offline = (rows["stream"] == drafts.IOS) & (rng.random(size) < _OFFLINE_SHARE)
    late = rng.integers(600_000, 30 * seasons.HOUR_MS, size)
    delay = np.where(rows["delay"] > 0, rows["delay"], np.where(is_offline, late, usual))
    knows = rows["at"] >= known[np.minimum(rows["device"], len(known) - 1)]
    is_known = np.where(rows["is_known"] < 0, knows, rows["is_known"])
    rows = {**rows, "delay": delay, "is_known": is_known.astype(np.int64)}
    received = rows["at"] + delay
    arrived = (received < seasons.milliseconds(now) - _ROOM_MS) & (rows["at"] >= seasons.milliseconds(now) - _PERIOD_MS)
    order = np.argsort(received, kind="stable")
    return drafts.where(rows, order[arrived[order]])


def _columns(
    rng: np.random.Generator,
    rows: Table,
    crowd: people.People,
    bought: orders.Orders,
    now: datetime,
    doors: Doors,
    trips: int,
) -> Columns:
    size = len(rows["at"])
    everyone = crowd.size + int(crowd.size * advertising.STRANGERS)
    machines, countries = _with_strangers(rng, crowd, everyone)
    devices = [f"{t[:8]}-{t[8:12]}-4{t[13:16]}-a{t[17:20]}-{t[20:]}" for t in _marks(rng, 2 * everyone)]
    marks, clicks = _marks(rng, size), _marks(rng, trips)
    order_ids = [f"FW{100000 + number}" for number in range(len(bought.cents))]
    money = columns.money_columns(rows, countries, order_ids)
    sources = columns.source_columns(rows, doors, marks, clicks)
    is_click = (rows["kind"] == drafts.CLICK).tolist()
    message_ids = [
        clicks[trip] if click else f"demo-{mark}"
        for mark, click, trip in zip(marks, is_click, rows["trip"].tolist(), strict=True)
    ]
    return {
        "property_id": [doors.property_id] * size,
        "stream_id": np.array([*doors.streams, 0])[rows["stream"]].tolist(),
        "message_id": message_ids,
        "kind": np.array(drafts.KINDS, dtype=object)[rows["kind"]].tolist(),
        "name": columns.name_column(rows),
        **columns.time_columns(rng, rows, now),
        **columns.id_columns(rows, doors, devices),
        **money,
        **sources,
        "link_id": np.array([*doors.links, 0])[rows["link"]].tolist(),
        **columns.page_columns(rows, sources["click_id"]),
        **columns.machine_columns(rows, machines, countries),
        "properties": properties.property_column(rows, bought, order_ids, money["currency"]),
    }


def _with_strangers(
    rng: np.random.Generator, crowd: people.People, everyone: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the machine of each device and the country of each person, also of those who only see banners."""
    more = everyone - crowd.size
    shares = np.array([machine.share for machine in world.MACHINES])
    machines = np.zeros((everyone, 2), dtype=np.int64)
    machines[: crowd.size] = np.maximum(crowd.machines, 0)
    machines[crowd.size :, 0] = seasons.draw_from(rng, more, shares)
    strangers = seasons.draw_from(rng, more, np.array([share for _, _, share in world.COUNTRIES]))
    return machines.reshape(-1), np.concatenate([crowd.countries, strangers])


def _marks(rng: np.random.Generator, size: int) -> list[str]:
    """Return random texts of 32 hexadecimal digits."""
    text = rng.bytes(16 * size).hex()
    return [text[at : at + 32] for at in range(0, 32 * size, 32)]
