"""Rate limits: a bucket of tokens per name in Valkey, filled by the store's own clock, emptied in one step."""

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import structlog
from django.conf import settings

if TYPE_CHECKING:
    import redis

log = structlog.get_logger(__name__)

# A bucket holds what one minute allows and fills evenly. One script, so that parallel requests cannot share a token.
_SCRIPT = """
local capacity, cost = tonumber(ARGV[1]), tonumber(ARGV[2])
local clock = redis.call('TIME')
local now = clock[1] + clock[2] / 1000000
local kept = redis.call('HMGET', KEYS[1], 'tokens', 'at')
local tokens, at = tonumber(kept[1]) or capacity, tonumber(kept[2]) or now
tokens = math.min(capacity, tokens + math.max(0, now - at) * capacity / 60)
local allowed = tokens >= cost
if allowed then tokens = tokens - cost end
redis.call('HSET', KEYS[1], 'tokens', tostring(tokens), 'at', tostring(now))
redis.call('EXPIRE', KEYS[1], 120)
local wait = 0
if not allowed then wait = (cost - tokens) * 60 / capacity end
return {allowed and 1 or 0, math.floor(tokens), tostring(wait)}
"""


@dataclass(frozen=True, slots=True)
class Taken:
    """Whether a token was there, how many are left, and after how many seconds there is one again."""

    is_allowed: bool
    limit: int
    remaining: int
    wait: float


@cache
def _client() -> "redis.Redis":
    import redis  # 19 MB, also in processes that limit nothing

    return redis.Redis.from_url(settings.REDIS_URL, socket_timeout=0.5, socket_connect_timeout=0.5)


def take(name: str, *, per_minute: int, cost: int = 1) -> Taken:
    """Take a token from the bucket *name*. Without Valkey everything is allowed: a limit is no reason to be down."""
    from redis.exceptions import RedisError

    key = f"{settings.CACHES['default']['KEY_PREFIX']}:bucket:{name}"
    try:
        allowed, remaining, wait = _client().eval(_SCRIPT, 1, key, per_minute, cost)
    except RedisError:
        log.warning("token_bucket.unavailable", exc_info=True)
        return Taken(is_allowed=True, limit=per_minute, remaining=per_minute, wait=0.0)
    return Taken(is_allowed=bool(allowed), limit=per_minute, remaining=int(remaining), wait=float(wait))
