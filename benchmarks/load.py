"""A small load client: some connections in one thread, each sends its next request when its answer has come."""

import selectors
import socket
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass
class Result:
    """What a load run saw."""

    seconds: float = 0.0
    waits: list[float] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)

    @property
    def per_second(self) -> float:
        """Requests a second."""
        return len(self.waits) / self.seconds if self.seconds else 0.0

    def percentile(self, share: float) -> float:
        """Return the wait, in milliseconds, that *share* of the requests did not exceed."""
        waits = sorted(self.waits)
        return waits[min(len(waits) - 1, int(share * len(waits)))] * 1000 if waits else 0.0


class _Connection:
    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=30)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.sent_at = 0.0
        self.seen = b""

    def send(self, request: bytes) -> None:
        self.seen, self.sent_at = b"", time.perf_counter()
        self.socket.sendall(request)

    def answer(self) -> int | None:
        """Read what is there; return the status once the answer is whole."""
        part = self.socket.recv(1 << 18)
        if not part:
            raise ConnectionError("The server closed the connection.")
        self.seen += part
        head, blank, rest = self.seen.partition(b"\r\n\r\n")
        if not blank:
            return None
        lowered = head.lower()
        if b"content-length:" in lowered:
            length = int(lowered.partition(b"content-length:")[2].partition(b"\r\n")[0])
            is_whole = len(rest) >= length
        else:
            is_whole = rest.endswith(b"0\r\n\r\n")
        return int(head[9:12]) if is_whole else None


def run(port: int, request: Callable[[], bytes], *, connections: int, seconds: float) -> Result:
    """Send *request()* after *request()* over every connection for *seconds*."""
    result, selector = Result(), selectors.DefaultSelector()
    for _ in range(connections):
        connection = _Connection(port)
        selector.register(connection.socket, selectors.EVENT_READ, connection)
        connection.send(request())
    started = time.perf_counter()
    end, waiting = started + seconds, connections
    while waiting:
        for key, _ in selector.select(30):
            status = key.data.answer()
            if status is None:
                continue
            now = time.perf_counter()
            result.waits.append(now - key.data.sent_at)
            result.statuses[status] += 1
            if now < end:
                key.data.send(request())
            else:
                waiting -= 1
    result.seconds = time.perf_counter() - started
    for key in list(selector.get_map().values()):
        key.data.socket.close()
    return result


def http(method: str, path: str, body: bytes = b"", headers: str = "") -> bytes:
    """Return the bytes of a request."""
    return (
        f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: {len(body)}\r\n{headers}\r\n".encode() + body
    )
