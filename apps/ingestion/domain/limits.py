"""How much a stream may send: a bucket of tokens, one for each event, that fills at a steady rate."""

import math
from typing import NamedTuple


class Limit(NamedTuple):
    """A stream's allowance: *per_second* events on average, *burst* at once."""

    per_second: int
    burst: int


class Verdict(NamedTuple):
    """Whether a request may pass, how many events are left now, and in how many milliseconds it would pass."""

    limit: Limit
    is_passed: bool
    left: int
    wait_ms: int

    def headers(self, *, now: float) -> dict[str, str]:
        """Return what the answer tells the client; *now* in seconds since 1970.

        `X-RateLimit-Reset` is the second in which a refused request would pass, or in which the bucket is full.
        """
        seconds = self.wait_ms / 1000 if not self.is_passed else (self.limit.burst - self.left) / self.limit.per_second
        headers = {
            "X-RateLimit-Limit": str(self.limit.per_second),
            "X-RateLimit-Remaining": str(max(self.left, 0)),
            "X-RateLimit-Reset": str(math.ceil(now + seconds)),
        }
        if not self.is_passed:
            headers["Retry-After"] = str(max(math.ceil(seconds), 1))
        return headers
