"""Events before they get their texts: a table of small numbers, one array a column."""

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

Table = dict[str, NDArray[np.int64]]

WEB, IOS, SERVER, NO_STREAM = range(4)
KINDS: Final = ("track", "page", "screen", "identify", "click", "impression")
TRACK, PAGE, SCREEN, IDENTIFY, CLICK, IMPRESSION = range(6)
NAMES: Final = (
    "",
    "Product Viewed",
    "Product Added",
    "Checkout Started",
    "Order Completed",
    "Order Refunded",
    "Signed Up",
    "Application Opened",
)
NO_NAME, VIEWED, ADDED, CHECKOUT, COMPLETED, REFUNDED, SIGNED_UP, OPENED = range(8)
NO_VALUE: Final = np.iinfo(np.int64).min

# What a column holds where a piece does not say: `person` and `device` are always said.
_DEFAULTS: Final = {
    "stream": WEB,
    "kind": TRACK,
    "name": NO_NAME,
    "at": 0,
    "delay": 0,  # milliseconds until it was received
    "person": 0,
    "device": 0,  # person * 2 + slot
    "is_anonymous": 1,  # carries the device's anonymous id
    "is_known": -1,  # carries the user id; -1: when the device was known by then
    "origin": -1,
    "link": -1,
    "trip": -1,  # the visit that begins here, or that a click leads to
    "page": -1,
    "good": -1,
    "order": -1,
    "cents": NO_VALUE,
}


def draft(size: int, **said: NDArray[np.int64] | NDArray[np.bool_] | int) -> Table:
    """Return *size* rows with what is said, and the defaults for the rest."""
    return {
        column: np.broadcast_to(np.asarray(said.get(column, default), dtype=np.int64), (size,))
        for column, default in _DEFAULTS.items()
    }


def join(pieces: Sequence[Table]) -> Table:
    """Return all rows, piece after piece."""
    return {column: np.concatenate([piece[column] for piece in pieces]) for column in _DEFAULTS}


def where(rows: Table, chosen: NDArray[np.bool_] | NDArray[np.int64]) -> Table:
    """Return the chosen rows."""
    return {column: values[chosen] for column, values in rows.items()}
