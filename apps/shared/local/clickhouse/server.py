"""Listens, gives each connection a thread, and stops in order."""

import contextlib
import itertools
import socket
import threading
from time import monotonic

from .engine import Engine
from .session import Account, Session
from .watcher import Watcher

BACKLOG = 128
MAX_CONNECTIONS = 512
GRACE = 3.0  # seconds that running queries get at a stop before they are cancelled


class Server:
    def __init__(self, engine: Engine, listener: socket.socket, account: Account) -> None:
        self._engine = engine
        self._listener = listener
        self._account = account
        self._watcher = Watcher(engine.kill)
        self._numbers = itertools.count(1)
        self._open: dict[threading.Thread, socket.socket] = {}
        self._lock = threading.Lock()

    def start(self) -> None:
        self._watcher.start()
        threading.Thread(target=self._accept, name="accept", daemon=True).start()

    def stop(self) -> bool:
        """Let running queries end, cancel what is left, and return whether all connections are closed."""
        self._listener.close()
        with self._lock:
            threads = dict(self._open)
        for connection in threads.values():
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RD)
        self._join(list(threads), GRACE)
        self._watcher.cancel_all()
        return self._join(list(threads), GRACE)

    def _join(self, threads: list[threading.Thread], seconds: float) -> bool:
        end = monotonic() + seconds
        for thread in threads:
            thread.join(max(0.0, end - monotonic()))
        return not any(thread.is_alive() for thread in threads)

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            thread = threading.Thread(target=self._serve, args=(connection,), daemon=True)
            with self._lock:
                self._open[thread] = connection
            thread.start()

    def _serve(self, connection: socket.socket) -> None:
        try:
            Session(connection, self._engine, self._watcher, self._account, f"connection {next(self._numbers)}").run()
        finally:
            connection.close()
            with self._lock:
                del self._open[threading.current_thread()]
