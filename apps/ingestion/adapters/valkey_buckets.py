"""Token buckets in Valkey, one for each stream, shared by every process of the door."""

import time
from typing import cast

import structlog

from apps.ingestion.domain.limits import Limit, Verdict
from apps.shared.valkey_wire import Wires

log = structlog.get_logger(__name__)

# The server's own clock fills the bucket, so that doors whose clocks differ agree. A bucket that nobody has touched
# for as long as it takes to fill is full: it may be forgotten.
_TAKE = b"""
local rate, burst, cost = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
local kept = redis.call('HMGET', KEYS[1], 'tokens', 'at')
local passed = math.max(0, now - (tonumber(kept[2]) or now))
local tokens = math.min(burst, (tonumber(kept[1]) or burst) + passed * rate / 1000)
local taken = 0
if tokens >= cost then tokens = tokens - cost; taken = 1 end
redis.call('HSET', KEYS[1], 'tokens', tostring(tokens), 'at', now)
redis.call('PEXPIRE', KEYS[1], math.ceil(burst / rate * 1000) + 1000)
return {taken, math.floor(tokens), taken == 1 and 0 or math.ceil((cost - tokens) / rate * 1000)}
"""
_TIMEOUT = 0.25
_PAUSE = 1.0  # after a failure nobody waits for the server again during these seconds


class ValkeyBuckets:
    """Takes tokens. A server that does not answer limits nobody: collecting comes first (R12)."""

    def __init__(self, url: str, *, prefix: str) -> None:
        self._wires = Wires(url, _TIMEOUT)
        self._prefix = f"{prefix}:bucket:".encode()
        self._rests_until = 0.0

    def take(self, name: str, limit: Limit, cost: int) -> Verdict | None:
        """Take *cost* tokens from the bucket *name*, or none; None when the server cannot be asked.

        More than the bucket holds costs a whole bucket: it has to wait, and is not refused for ever.
        """
        if time.monotonic() < self._rests_until:
            return None
        numbers = (limit.per_second, limit.burst, min(cost, limit.burst))
        try:
            answer = self._wires.wire.call(
                b"EVAL", _TAKE, b"1", self._prefix + name.encode(), *(str(number).encode() for number in numbers)
            )
        except OSError as error:
            self._rests_until = time.monotonic() + _PAUSE
            log.warning("limits.unavailable", error=str(error))
            return None
        is_taken, left, wait_ms = cast("tuple[int, int, int]", answer)
        return Verdict(limit, bool(is_taken), left, wait_ms)
