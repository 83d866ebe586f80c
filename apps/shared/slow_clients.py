"""Clients that send a byte now and then, so that a thread waits for them: how many may, and for how long.

The server hands over a request when its head has come, and reading the body then blocks without a bound. So a body is
read before the request takes its turn, no address keeps more than a share of the threads, and a watch ends
connections on which a request stays unfinished. It asks the kernel about them: nobody else knows (ADR 0089).

What the kernel knows is when something came and when something was sent. A body behind an answer to another request, or
behind "100 Continue", that does not come at all looks like a connection at rest. While one is overdue, those are ended,
too, which have rested for nearly as long; the server closes the others sooner (ADR 0117).
"""

import os
import socket
import struct
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

import structlog

TOO_SLOW = "tributary.too_slow"  # in the environment of a request whose body did not come in time
log = structlog.get_logger(__name__)
_SUSPECT_AFTER = 5.0  # seconds for which a body may be on its way before anybody looks
_ESTABLISHED = 1
_SIZE = 136  # bytes of `struct tcp_info` up to the last field that is read here
_LAST_SENT, _LAST_RECEIVED, _SENT, _RECEIVED = 44, 52, 120, 128  # offsets in it

Peer = tuple[str, int]
Suspects = dict[Peer, tuple[int, float]]  # what each had been sent when it was first seen, and when that was


class Connection(NamedTuple):
    """What the kernel knows about one connection."""

    peer: Peer
    sent: int  # bytes that the other side has acknowledged
    is_asking: bool  # something came that has not been answered
    rests_since: float  # seconds in which nothing came and nothing was sent


class SlowClients:
    """Counts the bodies that are on their way, and ends those that take longer than *patience* seconds."""

    def __init__(self, *, most: int, patience: float) -> None:
        self._most, self._patience, self._port = most, patience, 0
        self._by_address: dict[str, int] = {}
        self._since: dict[int, float] = {}
        self._lock = threading.Lock()
        self._watch: threading.Thread | None = None

    def begin(self, address: str, *, port: int) -> float | None:
        """Count a body of *address*, which came to *port*, until `end`, and return when; None where it must not begin.

        Two calls rather than one `with`: every event passes here, and entering a block costs more than both.
        """
        self._port = port
        with self._lock:
            on_their_way = self._by_address.get(address, 0)
            if on_their_way >= self._most:
                return None
            self._by_address[address] = on_their_way + 1
            began = self._since[threading.get_ident()] = time.monotonic()
        if self._watch is None:
            self._start()
        return began

    def end(self, address: str) -> None:
        """Count the body of *address* that this thread has read no longer."""
        with self._lock:
            self._since.pop(threading.get_ident(), None)
            left = self._by_address[address] - 1
            if left:
                self._by_address[address] = left
            else:
                del self._by_address[address]

    def _start(self) -> None:
        with self._lock:
            if self._watch is None:
                self._watch = threading.Thread(target=self._look, name="slow clients", daemon=True)
                self._watch.start()

    def _look(self) -> None:
        suspects: Suspects = {}
        while True:
            time.sleep(1.0)
            oldest = min(list(self._since.values()), default=None)
            now = time.monotonic()
            if oldest is None or now - oldest < _SUSPECT_AFTER:
                suspects.clear()
                continue
            suspects = self._sift(suspects, now, is_overdue=now - oldest >= self._patience)

    def _sift(self, suspects: Suspects, now: float, *, is_overdue: bool) -> Suspects:
        """Return who still owes the rest of a request, and end those who owe it for too long."""
        owing: Suspects = {}
        ended: Counter[str] = Counter()
        for handle, one in connections(self._port):
            if not one.is_asking:
                if is_overdue and one.rests_since >= self._patience - 1:
                    ended[one.peer[0]] += 1
                    cut_off(handle)
                continue
            sent, since = suspects.get(one.peer, (one.sent, now))
            since = since if sent == one.sent else now
            if now - since < self._patience - _SUSPECT_AFTER:
                owing[one.peer] = (one.sent, since)
                continue
            ended[one.peer[0]] += 1
            cut_off(handle)
        if ended:
            log.warning("slow_clients.ended", connections=dict(ended.most_common(20)))
        return owing


def connections(port: int) -> Iterator[tuple[int, Connection]]:
    """Yield this process's TCP connections from clients of *port*, with their handles."""
    for entry in Path("/proc/self/fd").iterdir():
        with suppress(OSError, ValueError):
            if not str(entry.readlink()).startswith("socket:"):
                continue
            with _borrowed(int(entry.name)) as one:
                if one.family not in (socket.AF_INET, socket.AF_INET6) or one.type != socket.SOCK_STREAM:
                    continue
                if one.getsockname()[1] != port:
                    continue  # our own to a store
                peer = one.getpeername()
                known = one.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, _SIZE)
            if len(known) == _SIZE and known[0] == _ESTABLISHED:
                sent_ago, received_ago = _quiet(known)
                asks = _is_asking(known, sent_ago, received_ago)
                yield int(entry.name), Connection(peer[:2], _sent(known), asks, min(sent_ago, received_ago) / 1_000)


def cut_off(handle: int) -> None:
    """Let nothing more come in on a connection: who reads from it hears its end, and can still answer."""
    with suppress(OSError), _borrowed(handle) as one:
        one.shutdown(socket.SHUT_RD)


@contextmanager
def _borrowed(handle: int) -> Iterator[socket.socket]:
    with socket.socket(fileno=os.dup(handle)) as one:
        yield one


def _sent(known: bytes) -> int:
    return int(struct.unpack_from("=Q", known, _SENT)[0])


def _quiet(known: bytes) -> tuple[int, int]:
    """Return for how many milliseconds nothing was sent, and nothing received."""
    (sent_ago,), (received_ago,) = (struct.unpack_from("=I", known, place) for place in (_LAST_SENT, _LAST_RECEIVED))
    return int(sent_ago), int(received_ago)


def _is_asking(known: bytes, sent_ago: int, received_ago: int) -> bool:
    (received,) = struct.unpack_from("=Q", known, _RECEIVED)
    return bool(received) and (not _sent(known) or received_ago < sent_ago)
