"""The last calls that a stream's clients were turned away with, in Valkey, for a few days.

Whoever knows a write key, which stands in web pages, can make such calls. So what they can do is bounded: a number
of notes for each stream and each kind of answer, by which wrong calls push out no overload; a number a second that a
process makes; and a server that does not answer is not asked again for a while.
"""

import time

import structlog

from apps.ingestion.domain.turned_away import Note, read
from apps.shared.valkey_wire import Wires

log = structlog.get_logger(__name__)
KEPT_DAYS, MOST, MOST_A_SECOND = 3, 100, 10
KINDS = ("limited", "unavailable", "refused")
_TIMEOUT, _PAUSE = 0.1, 5.0
_ADD = (
    b"redis.call('LPUSH', KEYS[1], ARGV[1]) redis.call('LTRIM', KEYS[1], 0, ARGV[2]) "
    b"return redis.call('EXPIRE', KEYS[1], ARGV[3])"
)


class ValkeyNotes:
    """Notes are made where they can be, and cost a call that fails anyway a tenth of a second at most."""

    def __init__(self, url: str, *, prefix: str) -> None:
        self._wires = Wires(url, _TIMEOUT)
        self._prefix = f"{prefix}:turned-away:"
        self._second, self._made, self._rests_until = 0, 0, 0.0

    def may_add(self) -> bool:
        """Tell whether one more note may be made in this second."""
        now = time.monotonic()
        if now < self._rests_until:
            return False
        if int(now) != self._second:
            self._second, self._made = int(now), 0
        self._made += 1
        return self._made <= MOST_A_SECOND

    def add(self, stream_id: int, status: int, text: bytes) -> None:
        """Keep a note of a stream."""
        bounds = str(MOST - 1).encode(), str(KEPT_DAYS * 86_400).encode()
        try:
            self._wires.wire.call(b"EVAL", _ADD, b"1", self._key(stream_id, _kind(status)), text, *bounds)
        except OSError as error:
            self._rests_until = time.monotonic() + _PAUSE
            log.warning("notes.unavailable", error=str(error))

    def of_stream(self, stream_id: int) -> list[Note]:
        """Return the notes of a stream, the newest of each kind first. Raises OSError."""
        found: list[Note] = []
        for kind in KINDS:
            texts = self._wires.wire.call(b"LRANGE", self._key(stream_id, kind), b"0", b"-1")
            notes = map(read, texts if isinstance(texts, list) else [])
            found += [one for one in notes if one is not None]
        return found

    def _key(self, stream_id: int, kind: str) -> bytes:
        return f"{self._prefix}{stream_id}:{kind}".encode()


def _kind(status: int) -> str:
    return {429: "limited", 503: "unavailable"}.get(status, "refused")
