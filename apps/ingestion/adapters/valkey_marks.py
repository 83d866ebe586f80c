"""Small words kept in Valkey for a while: the first click of a double click, and what a click hands to an app."""

import structlog

from apps.shared.valkey_wire import Wires

log = structlog.get_logger(__name__)
_TIMEOUT = 0.25


class ValkeyMarks:
    """The first to set a mark is the one that stands. Without its server every mark is new, and none is found."""

    def __init__(self, url: str, *, prefix: str) -> None:
        self._wires = Wires(url, _TIMEOUT)
        self._prefix = f"{prefix}:mark:"

    def first(self, name: str, value: str, *, milliseconds: int) -> str:
        """Return the value that stands under *name*: *value*, unless another came before it within that time."""
        found = self._call(b"SET", self._key(name), value.encode(), b"NX", b"GET", b"PX", str(milliseconds).encode())
        return found.decode() if isinstance(found, bytes) else value

    def take(self, name: str, *, milliseconds: int) -> bool:
        """Tell whether nobody took *name* within that time. Raises OSError where that cannot be known."""
        taken = self._wires.wire.call(b"SET", self._key(name), b"1", b"NX", b"PX", str(milliseconds).encode())
        return taken is not None

    def ask(self, name: str) -> str:
        """Return the value under *name*, empty where there is none. Raises OSError where that cannot be known."""
        found = self._wires.wire.call(b"GET", self._key(name))
        return found.decode() if isinstance(found, bytes) else ""

    def _key(self, name: str) -> bytes:
        return f"{self._prefix}{name}".encode()

    def _call(self, *command: bytes) -> object:
        try:
            return self._wires.wire.call(*command)
        except OSError as error:
            log.warning("marks.unavailable", error=str(error))
            return None
