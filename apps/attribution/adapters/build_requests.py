"""Requests for builds, so that a hundred blocks a second ask for one build and not for a hundred."""

import math
from datetime import datetime

from django.core.cache import cache

# If a worker dies between taking a request and building, the next block may ask again after this many seconds.
_FORGOTTEN_AFTER = 20


def is_first(property_id: int) -> bool:
    """Note that a build is wanted, and tell whether nobody had said so since the last one began."""
    return bool(cache.add(_name(property_id), 1, timeout=_FORGOTTEN_AFTER))


def forget(property_id: int) -> None:
    """Let the next block ask again: what it stored comes after what this build will read."""
    cache.delete(_name(property_id))


def rest_until(property_id: int, until: datetime, *, seconds: float) -> None:
    """Have the next build wait until an instant, which is *seconds* away."""
    cache.set(_name(property_id, "rest"), until.timestamp(), timeout=math.ceil(seconds))


def rest_left(property_id: int, now: datetime) -> float:
    """Return the seconds that the next build has to wait; 0 or less when it need not."""
    return float(cache.get(_name(property_id, "rest"), 0.0)) - now.timestamp()


def _name(property_id: int, what: str = "wanted") -> str:
    return f"journeys-{what}-{property_id}"
