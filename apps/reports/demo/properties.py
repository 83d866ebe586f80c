"""What events say beside their columns, as the JSON that a client sends."""

from typing import Any

import msgspec
import numpy as np

from apps.reports.demo import drafts, world
from apps.reports.demo.drafts import Table
from apps.reports.demo.orders import Orders


def _json(**values: object) -> str:
    return msgspec.json.encode(values).decode()


def property_column(rows: Table, orders: Orders, order_ids: list[str], currencies: list[str]) -> list[Any]:
    """Return the properties of each event: the good looked at, the goods bought, or nothing."""
    goods = [
        _json(product_id=good.sku, name=good.name, category=good.category, price=good.price) for good in world.GOODS
    ]
    texts = np.array(["", _json(method="email"), *goods, *_bought(orders, order_ids)], dtype=object)
    name, good, order = rows["name"], rows["good"], rows["order"]
    column = np.where(good >= 0, 2 + good, 0)
    column = np.where(name == drafts.SIGNED_UP, 1, column)
    column = np.where(name == drafts.COMPLETED, 2 + len(goods) + order, column)
    told = texts[column]
    for row in np.flatnonzero(name == drafts.REFUNDED).tolist():
        amount = -int(rows["cents"][row]) / 100
        told[row] = _json(order_id=order_ids[int(order[row])], revenue=amount, currency=currencies[row])
    return told.tolist()


def _bought(orders: Orders, order_ids: list[str]) -> list[str]:
    """Return the properties of each order: its goods by number and its money."""
    skus = [good.sku for good in world.GOODS]
    return [
        _json(order_id=order_id, revenue=cents / 100, products=[skus[good] for good in goods if good >= 0])
        for order_id, cents, goods in zip(order_ids, orders.cents.tolist(), orders.goods.tolist(), strict=True)
    ]
