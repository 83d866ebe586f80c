"""Numbers and strings of the protocol, read from a growing buffer."""

import socket
import struct
from collections.abc import Callable

from .errors import INCORRECT_DATA, ClientGone, ProtocolError

MAX_STRING = 1 << 30  # the engine itself takes no longer string
RECEIVE = 1 << 18
STRINGS_AT_ONCE = 8192
HAND_OVER = 1 << 20


class Reader:
    """
    Read protocol values; optionally hand every consumed byte on to a sink.

    `more` returns the next bytes of the source, or none at its end. What was
    consumed is dropped unless `keeps` is set.
    """

    def __init__(self, more: Callable[[], bytes | memoryview], data: bytes = b"", *, keeps: bool = False) -> None:
        self._more = more
        self._keeps = keeps
        self.data = bytearray(data)
        self.position = 0
        self._sink: Callable[[memoryview], None] | None = None
        self._captured = 0

    def require(self, count: int) -> None:
        """Have at least *count* bytes after the position."""
        while len(self.data) - self.position < count:
            chunk = self._more()
            if not chunk:
                raise ClientGone
            self.data += chunk

    def take(self, count: int) -> bytes:
        if count > MAX_STRING:
            raise ProtocolError(INCORRECT_DATA, f"A value of {count} bytes is longer than the limit of {MAX_STRING}")
        self.require(count)
        start, self.position = self.position, self.position + count
        return bytes(self.data[start : self.position])

    def byte(self) -> int:
        self.require(1)
        self.position += 1
        return self.data[self.position - 1]

    def varint(self) -> int:
        value = shift = 0
        while shift < 70:
            byte = self.byte()
            value |= (byte & 0x7F) << shift
            if byte < 0x80:
                return value
            shift += 7
        raise ProtocolError(INCORRECT_DATA, "A variable-length number has more than ten bytes")

    def string(self) -> bytes:
        return self.take(self.varint())

    def text(self) -> str:
        return self.string().decode(errors="replace")

    def uint64(self) -> int:
        return int(struct.unpack("<Q", self.take(8))[0])

    def skip(self, count: int) -> None:
        """Pass over *count* bytes, a piece at a time."""
        while count:
            piece = min(count, HAND_OVER)
            self.require(piece)
            self.position += piece
            count -= piece
            self.hand_over()

    def skip_strings(self, count: int) -> None:
        """Pass over *count* strings. The hot loop of an insert: about 50 ns a string."""
        while count:
            count -= self._skip_some(min(count, STRINGS_AT_ONCE))
            self.hand_over()

    def _skip_some(self, count: int) -> int:
        """Pass over the strings that have come, at most *count*, or wait for one; return how many it were."""
        data, position, done = self.data, self.position, 0
        try:
            for done in range(count):  # noqa: B007 (read after the loop)
                size = data[position]
                if size < 128:
                    position += size + 1
                    continue
                high = data[position + 1]
                if high > 127:
                    break
                position += (size & 127 | high << 7) + 2
            else:
                done = count
        except IndexError:
            pass
        self.require(position - self.position)  # the last one may reach beyond what has come
        self.position = position
        if done:
            return done
        self._skip_long()
        return 1

    def _skip_long(self) -> None:
        size = self.varint()
        if size > MAX_STRING:
            raise ProtocolError(INCORRECT_DATA, f"A string of {size} bytes is longer than the limit of {MAX_STRING}")
        self.require(size)
        self.position += size

    def capture(self, sink: Callable[[memoryview], None]) -> None:
        """From here on give what is consumed to *sink*, which must not keep it."""
        self._sink, self._captured = sink, self.position

    def leave_out(self, count: int) -> None:
        """Consume bytes that the sink must not see."""
        self.hand_over(least=1)
        self.require(count)
        self.position += count
        self._captured = self.position

    def release(self) -> None:
        """End a capture."""
        self.hand_over(least=1)
        self._sink = None
        self.forget()

    def hand_over(self, least: int = HAND_OVER) -> None:
        """Give consumed bytes to the sink once they are worth a call."""
        if self._sink is not None:
            if self.position - self._captured < least:
                return
            with memoryview(self.data)[self._captured : self.position] as piece:
                self._sink(piece)
            self._captured = self.position
        self.forget()

    def forget(self) -> None:
        """Drop consumed bytes, so that the buffer stays small."""
        if not self._keeps and (self.position > RECEIVE or self.position == len(self.data)):
            del self.data[: self.position]
            self._captured -= self.position
            self.position = 0


def socket_reader(connection: socket.socket) -> Reader:
    """Read from a socket."""
    received = memoryview(bytearray(RECEIVE))

    def more() -> memoryview:
        try:
            return received[: connection.recv_into(received)]
        except OSError:
            raise ClientGone from None

    return Reader(more)


def varint(value: int) -> bytes:
    parts = bytearray()
    while value > 0x7F:
        parts.append(value & 0x7F | 0x80)
        value >>= 7
    parts.append(value)
    return bytes(parts)


def string(value: str | bytes) -> bytes:
    encoded = value.encode(errors="surrogateescape") if isinstance(value, str) else value
    return varint(len(encoded)) + encoded
