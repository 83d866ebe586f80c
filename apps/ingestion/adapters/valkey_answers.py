"""First answers to requests with an idempotency key, kept in Valkey for a day."""

import msgspec
import structlog

from apps.ingestion.domain.repeats import Kept, Repeat
from apps.shared.valkey_wire import Wires

log = structlog.get_logger(__name__)
_TIMEOUT = 0.5
_BEING_ANSWERED = b"15000"  # milliseconds; whoever died in between is not waited for longer
_KEPT_FOR = b"86400000"
_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Kept).decode


class ValkeyAnswers:
    """Keeps answers. Without its server a repeated request is judged anew, and its ids keep it from counting."""

    def __init__(self, url: str, *, prefix: str) -> None:
        self._wires = Wires(url, _TIMEOUT)
        self._prefix = f"{prefix}:answer:"

    def begin(self, repeat: Repeat) -> Kept | None:
        """Return what was answered before, or None: then the caller answers, and others wait."""
        mark = _encode(Kept(repeat.fingerprint))
        found = self._call(b"SET", self._key(repeat), mark, b"NX", b"GET", b"PX", _BEING_ANSWERED)
        if not isinstance(found, bytes):
            return None
        try:
            return _decode(found)
        except msgspec.MsgspecError:
            return None

    def keep(self, repeat: Repeat, answer: Kept) -> None:
        """Keep *answer* for a day."""
        self._call(b"SET", self._key(repeat), _encode(answer), b"PX", _KEPT_FOR)

    def forget(self, repeat: Repeat) -> None:
        """Let the request be sent again: it was not answered."""
        self._call(b"DEL", self._key(repeat))

    def _key(self, repeat: Repeat) -> bytes:
        return f"{self._prefix}{repeat.name}".encode()

    def _call(self, *command: bytes) -> object:
        try:
            return self._wires.wire.call(*command)
        except OSError as error:
            log.warning("kept_answers.unavailable", error=str(error))
            return None
