"""Requests for builds, so that a hundred blocks a second ask for one build and not for a hundred."""

from django.core.cache import cache

# If a worker dies between taking a request and building, the next block may ask again after this many seconds.
_FORGOTTEN_AFTER = 20


def is_first(property_id: int) -> bool:
    """Note that a build is wanted, and tell whether nobody had said so since the last one began."""
    return bool(cache.add(_name(property_id), 1, timeout=_FORGOTTEN_AFTER))


def forget(property_id: int) -> None:
    """Let the next block ask again: what it stored comes after what this build will read."""
    cache.delete(_name(property_id))


def _name(property_id: int) -> str:
    return f"journeys-wanted-{property_id}"
