"""A small load client: some connections in one thread, each sends its next request when its answer has come."""

import selectors
import socket
import time
from collections import Counter, deque
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

    def send(self, request: bytes, due: float) -> None:
        self.seen, self.sent_at = b"", due
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


def run(
    port: int, request: Callable[[], bytes], *, connections: int, seconds: float, rate: float | None = None
) -> Result:
    """Send *request()* after *request()* over every connection for *seconds*.

    With a *rate* they are due at even distances, that many a second over all connections, and each waits from then on:
    a server that stands still keeps all of them waiting, not only those that were under way.
    """
    result, selector = Result(), selectors.DefaultSelector()
    free = deque(_Connection(port) for _ in range(connections))
    for connection in free:
        selector.register(connection.socket, selectors.EVENT_READ, connection)
    started = now = due = time.perf_counter()
    end = started + seconds
    while len(free) < connections or now < end or now == started:  # every connection sends once, in no time as well
        while free and (now < end or now == started) and (rate is None or due <= now):
            free.popleft().send(request(), now if rate is None else due)
            due += 1 / rate if rate else 0.0
        rest = 30.0 if rate is None or not free else max(0.0, min(due, end) - now)
        for key, _ in selector.select(rest):
            status = key.data.answer()
            if status is not None:
                result.waits.append(time.perf_counter() - key.data.sent_at)
                result.statuses[status] += 1
                free.append(key.data)
        now = time.perf_counter()
    result.seconds = now - started
    for key in list(selector.get_map().values()):
        key.data.socket.close()
    return result


def http(method: str, path: str, body: bytes = b"", headers: str = "") -> bytes:
    """Return the bytes of a request."""
    return (
        f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: {len(body)}\r\n{headers}\r\n".encode() + body
    )
