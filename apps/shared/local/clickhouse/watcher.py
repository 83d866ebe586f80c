"""Looks after running queries: stops those whose client cancels or leaves, and tells the others that work goes on."""

import contextlib
import select
import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from time import monotonic

from .outbox import Outbox
from .packets import CANCEL, progress

BEAT = 1.0  # seconds between looks, and between signs of life: clients give up on a silent server
RETRY = 0.1  # seconds; a query that is not registered in the engine yet is killed at the next try
IDLE = 5.0  # seconds without a query before memory goes back to the system


@dataclass(slots=True)
class Watched:
    """A running query."""

    connection: socket.socket
    outbox: Outbox
    mark: str
    takes_progress: bool = False
    is_cancelled: bool = False
    is_cancelled_by_client: bool = False
    is_running: bool = True
    started_at: float = field(default_factory=monotonic)
    lock: threading.Lock = field(default_factory=threading.Lock)  # a kill never reaches the connection's next query


class Watcher:
    """One thread for all queries. While one runs, its client has nothing to say but Cancel."""

    def __init__(self, kill: Callable[[str], None], rest: Callable[[], None]) -> None:
        self._kill = kill
        self._rest = rest
        self._poll = select.epoll()
        self._running: dict[int, Watched] = {}
        self._lock = threading.Lock()
        self._heeds_clients = True
        self._last_query_at: float | None = None

    def start(self) -> None:
        threading.Thread(target=self._watch, name="watcher", daemon=True).start()

    @contextlib.contextmanager
    def watching(self, connection: socket.socket, outbox: Outbox, mark: str) -> Iterator[Watched]:
        """Watch a connection for the time that a query runs on it."""
        watched = Watched(connection, outbox, mark)
        number = connection.fileno()
        with self._lock:
            self._running[number] = watched
            self._poll.register(number, select.EPOLLIN | select.EPOLLRDHUP | select.EPOLLONESHOT)
        try:
            yield watched
        finally:
            with self._lock:
                del self._running[number]
                self._poll.unregister(number)
                self._last_query_at = monotonic()
            with watched.lock:
                watched.is_running = False

    def let_finish(self) -> None:
        """From now on a client that seems gone stops nothing: the server itself has closed that side."""
        with self._lock:
            self._heeds_clients = False

    def cancel_all(self) -> None:
        with self._lock:
            for watched in self._running.values():
                watched.is_cancelled = True

    def _watch(self) -> None:
        while True:
            ready = self._poll.poll(self._pause())
            with self._lock:
                for number, _ in ready:
                    self._notice(number)
                running = list(self._running.values())
            for watched in running:
                self._look_after(watched)
            if not running:
                self._rest_if_idle()

    def _pause(self) -> float:
        with self._lock:
            return RETRY if any(watched.is_cancelled for watched in self._running.values()) else BEAT

    def _look_after(self, watched: Watched) -> None:
        if watched.is_cancelled:
            with watched.lock, contextlib.suppress(RuntimeError):  # the engine is closing: every query ends anyway
                if watched.is_running:
                    self._kill(watched.mark)
        elif watched.takes_progress and monotonic() - watched.started_at > BEAT:
            watched.outbox.offer(progress(0, 0, 0))

    def _notice(self, number: int) -> None:
        watched = self._running.get(number)
        if watched is None or not self._heeds_clients:
            return
        try:
            following = watched.connection.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT)
        except BlockingIOError:
            return
        except OSError:
            following = b""
        if following in {b"", bytes([CANCEL])}:
            watched.is_cancelled = True
            watched.is_cancelled_by_client = following != b""

    def _rest_if_idle(self) -> None:
        if self._last_query_at is None or monotonic() - self._last_query_at < IDLE:
            return
        self._last_query_at = None
        with contextlib.suppress(RuntimeError):  # the engine is closing
            self._rest()
