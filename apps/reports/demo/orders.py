"""Orders and refunds, as the shop's server reports them: seconds later mostly, hours later sometimes."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from apps.reports.demo import drafts, world
from apps.reports.demo.advertising import STRANGERS
from apps.reports.demo.browsing import Steps
from apps.reports.demo.drafts import Table
from apps.reports.demo.seasons import DAY_MS, HOUR_MS, draw_from
from apps.reports.demo.visits import Visits
from apps.reports.demo.world import DAYS

_LATE_SHARE, _REFUND_SHARE, _WHOLE_REFUND, _TELEPHONE_SHARE = 0.07, 0.065, 0.75, 0.025
_FREE_SHIPPING_FROM, _SHIPPING = 6_000, 495  # cents
_MOST_GOODS = 4


@dataclass(frozen=True, slots=True)
class Orders:
    """One element an order: the goods in it (-1: fewer than the most), what they cost, and its draft."""

    goods: NDArray[np.int64]
    cents: NDArray[np.int64]
    rows: Table


def make_orders(rng: np.random.Generator, visits: Visits, steps: Steps, known: NDArray[np.int64]) -> Orders:
    """Return the order of every visit that buys; a guest's carries the anonymous id, a customer's the user id."""
    chosen = np.flatnonzero(visits.buys)
    size, at = len(chosen), steps.at[steps.lasts[chosen]]
    persons = visits.persons[chosen]
    devices = persons * 2 + visits.slots[chosen]
    goods = draw_from(rng, size * _MOST_GOODS, 1 / np.arange(1, len(world.GOODS) + 1) ** 0.4).reshape(size, -1)
    count = np.minimum(rng.geometric(0.55, size), _MOST_GOODS)
    goods[np.arange(_MOST_GOODS) >= count[:, None]] = -1
    prices = np.array([good.price for good in world.GOODS] + [0]) * 100
    cents = prices[goods].sum(axis=1)
    has_voucher = np.array([origin.query.endswith("voucher-sites") for origin in world.ORIGINS])
    cents = np.where(has_voucher[visits.origins[chosen]], cents * 9 // 10, cents)
    cents = np.where(cents < _FREE_SHIPPING_FROM, cents + _SHIPPING, cents)
    is_known = at >= known[devices]
    rows = drafts.draft(
        size, stream=drafts.SERVER, name=drafts.COMPLETED, at=at, delay=_delays(rng, size), person=persons,
        device=devices, is_anonymous=~is_known, is_known=is_known, order=np.arange(size), cents=cents,
    )  # fmt: skip
    return Orders(goods, cents, rows)


def _delays(rng: np.random.Generator, size: int) -> NDArray[np.int64]:
    soon = rng.integers(900, 8_000, size)
    return np.where(rng.random(size) < _LATE_SHARE, rng.integers(HOUR_MS, 9 * HOUR_MS, size), soon)


def with_telephone_orders(rng: np.random.Generator, orders: Orders, first_stranger: int, start_ms: int) -> Orders:
    """Add orders of customers whom the site never saw; each has the goods of some other order."""
    size = int(len(orders.cents) * _TELEPHONE_SHARE)
    persons = first_stranger + rng.permutation(int(first_stranger * STRANGERS))[:size]
    like = rng.integers(0, len(orders.cents), len(persons))
    at = start_ms + (rng.random(len(persons)) * DAYS * DAY_MS).astype(np.int64)
    rows = drafts.draft(
        len(persons),
        stream=drafts.SERVER,
        name=drafts.COMPLETED,
        at=at,
        delay=rng.integers(900, 8_000, len(persons)),
        person=persons,
        device=persons * 2,
        is_anonymous=0,
        is_known=1,
        order=len(orders.cents) + np.arange(len(persons)),
        cents=orders.cents[like],
    )
    return Orders(
        np.concatenate([orders.goods, orders.goods[like]]),
        np.concatenate([orders.cents, orders.cents[like]]),
        drafts.join([orders.rows, rows]),
    )


def make_refunds(rng: np.random.Generator, orders: Orders) -> Table:
    """Return the orders that came back, whole or in part, one to twenty days later."""
    size = len(orders.cents)
    back = np.flatnonzero(rng.random(size) < _REFUND_SHARE)
    rows = drafts.where(orders.rows, back)
    share = np.where(rng.random(len(back)) < _WHOLE_REFUND, 1.0, rng.uniform(0.3, 0.6, len(back)))
    told = drafts.draft(len(back), name=drafts.REFUNDED, delay=rng.integers(900, 8_000, len(back)))
    at = rows["at"] + rng.integers(DAY_MS, 20 * DAY_MS, len(back))
    return {
        **rows,
        "name": told["name"],
        "delay": told["delay"],
        "at": at,
        "cents": -(rows["cents"] * share).astype(np.int64),
    }
