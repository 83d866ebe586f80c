"""Answers kept in the cache of their region under the name of the state of the journeys that they were read from."""

from collections.abc import Mapping, Sequence
from typing import Any

import structlog
from django.core.cache import caches
from redis.exceptions import RedisError

from apps.shared import regions

log = structlog.get_logger(__name__)
# Figures of a state that nobody asks for any more.
_FORGOTTEN_AFTER = 3600


def read(region: str, state: str, names: Sequence[str]) -> dict[str, Any]:
    """Return what is kept, by name. Without a cache every question is asked anew."""
    keys = {_key(state, name): name for name in names}
    try:
        return {keys[key]: rows for key, rows in _cache(region).get_many(keys).items()}
    except RedisError:
        log.warning("kept_answers.not_read", exc_info=True)
        return {}


def keep(region: str, state: str, answers: Mapping[str, Any]) -> None:
    """Keep answers for whoever asks the same of the same state."""
    try:
        _cache(region).set_many({_key(state, name): rows for name, rows in answers.items()}, timeout=_FORGOTTEN_AFTER)
    except RedisError:
        log.warning("kept_answers.not_kept", exc_info=True)


def _cache(region: str) -> Any:
    return caches[regions.stores(region).cache]


def _key(state: str, name: str) -> str:
    return f"answer-{state}-{name}"
