"""Notices that a client cancels or leaves while its query runs, and stops the query."""

import contextlib
import select
import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from .packets import CANCEL

RETRY = 0.1  # seconds; a query that is not registered yet is killed at the next try


@dataclass(slots=True)
class Watched:
    connection: socket.socket
    mark: str
    is_cancelled: bool = False


class Watcher:
    """One thread for all running queries: while one runs, its client has nothing to say but Cancel."""

    def __init__(self, kill: Callable[[str], None]) -> None:
        self._kill = kill
        self._poll = select.epoll()
        self._running: dict[int, Watched] = {}
        self._lock = threading.Lock()

    def start(self) -> None:
        threading.Thread(target=self._watch, name="watcher", daemon=True).start()

    @contextlib.contextmanager
    def watching(self, connection: socket.socket, mark: str) -> Iterator[Watched]:
        """Watch a connection for the time that a query runs on it."""
        watched = Watched(connection, mark)
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

    def cancel_all(self) -> None:
        with self._lock:
            for watched in self._running.values():
                watched.is_cancelled = True

    def _watch(self) -> None:
        while True:
            ready = self._poll.poll(RETRY if self._has_cancelled() else -1)
            with self._lock:
                for number, _ in ready:
                    self._notice(number)
                marks = [watched.mark for watched in self._running.values() if watched.is_cancelled]
            for mark in marks:
                with contextlib.suppress(RuntimeError):  # the engine is closing: every query ends anyway
                    self._kill(mark)

    def _has_cancelled(self) -> bool:
        with self._lock:
            return any(watched.is_cancelled for watched in self._running.values())

    def _notice(self, number: int) -> None:
        watched = self._running.get(number)
        if watched is None:
            return
        try:
            following = watched.connection.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT)
        except BlockingIOError:
            return
        except OSError:
            following = b""
        if following in {b"", bytes([CANCEL])}:
            watched.is_cancelled = True
