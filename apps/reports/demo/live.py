"""Visits that happen now: each visitor is a generator of the requests that a browser, an app or a server would send."""

import random
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from apps.reports.demo import world

WEB, SERVER = "web", "server"
_RETURNING = 0.3


@dataclass(frozen=True, slots=True)
class Request:
    """An event for a stream; with `link` it is the landing page behind a click on the link of that address."""

    to: str
    body: dict[str, Any]
    link: str = ""


class Crowd:
    """A crowd of visitors, about *size* of them in the shop at once; whoever leaves is replaced."""

    def __init__(self, rng: random.Random, size: int) -> None:
        self._rng = rng
        self._names: list[str] = []
        self._visits = [self._visit() for _ in range(size)]

    def next_request(self) -> Request:
        """Return what the next visitor does."""
        place = self._rng.randrange(len(self._visits))
        for request in self._visits[place]:
            return request
        self._visits[place] = self._visit()
        return next(self._visits[place])

    def _visit(self) -> Iterator[Request]:
        rng = self._rng
        is_back = bool(self._names) and rng.random() < _RETURNING
        visitor = rng.choice(self._names) if is_back else str(uuid.UUID(int=rng.getrandbits(128), version=4))
        if not is_back:
            self._names.append(visitor)
        weights = [
            0.0 if origin.only_launch else (origin.later if is_back else origin.first) for origin in world.ORIGINS
        ]
        return visit(rng, visitor, rng.choices(world.ORIGINS, weights)[0])


def visit(rng: random.Random, visitor: str, origin: world.Origin) -> Iterator[Request]:
    """Yield one visit: landing, a few pages, goods, and sometimes an account and an order."""
    machine = rng.choices(world.MACHINES, [machine.share for machine in world.MACHINES])[0]
    who = {"anonymousId": visitor}
    locale = rng.choices(world.COUNTRIES, [share for _, _, share in world.COUNTRIES])[0][1]
    landing = f"/?{origin.query}" if origin.query else "/"
    if origin.click_id:
        landing += f"&{origin.click_id}={rng.getrandbits(64):016x}"
    yield replace(_page(who, landing, origin.referrer, locale), link=origin.link)
    basket: list[world.Good] = []
    for _ in range(rng.randint(1, 7)):
        good = rng.choice(world.GOODS)
        yield _page(who, f"/p/{good.sku.lower()}", f"https://{world.DOMAIN}/", locale)
        yield _track(who, WEB, "Product Viewed", {"product_id": good.sku, "name": good.name, "price": good.price})
        if rng.random() < 0.25:
            basket.append(good)
            yield _track(who, WEB, "Product Added", {"product_id": good.sku, "price": good.price})
    if basket and rng.random() < 0.6:
        yield from _order(rng, who, visitor, basket, machine)


def _order(
    rng: random.Random, who: dict[str, str], visitor: str, basket: list[world.Good], machine: world.Machine
) -> Iterator[Request]:
    """Yield a checkout; half of the buyers make an account, and the order then knows them by it alone."""
    yield _track(who, WEB, "Checkout Started", {"items": len(basket)})
    if rng.random() < 0.5:
        who = {**who, "userId": f"live-{visitor[:8]}"}
        yield Request(WEB, {"type": "identify", **who, "traits": {"device": machine.device}})
        yield _track(who, WEB, "Signed Up", {"method": "email"})
    order = {
        "order_id": f"L{rng.getrandbits(40):010X}",
        "revenue": sum(good.price for good in basket),
        "currency": "EUR",
        "products": [good.sku for good in basket],
    }
    buyer = {"userId": who["userId"]} if "userId" in who else who
    yield _track(buyer, SERVER, "Order Completed", order)


def _page(who: dict[str, str], path: str, referrer: str, locale: str) -> Request:
    name = "Home" if path.startswith("/?") or path == "/" else "Product"
    page = {"url": f"https://{world.DOMAIN}{path}", "referrer": referrer, "title": name}
    return Request(WEB, {"type": "page", "name": name, **who, "context": {"page": page, "locale": locale}})


def _track(who: dict[str, str], stream: str, name: str, properties: dict[str, Any]) -> Request:
    return Request(stream, {"type": "track", "event": name, **who, "properties": properties})
