"""Listens, gives each connection a thread, and stops in order."""

import contextlib
import itertools
import socket
import threading
import traceback
from collections.abc import Callable, Iterable
from time import monotonic, sleep

from .engine import Engine
from .errors import TOO_MANY_CONNECTIONS, ServerError
from .packets import exception
from .session import Account, Session
from .watcher import Watcher

BACKLOG = 128
MAX_CONNECTIONS = 512
GRACE = 3.0  # seconds that running queries get at a stop before they are cancelled
FULL = ServerError(TOO_MANY_CONNECTIONS, f"More than {MAX_CONNECTIONS} connections are open")


class Server:
    """Owns the listening socket and the threads of its connections."""

    def __init__(self, engine: Engine, listener: socket.socket, account: Account, log: Callable[..., None]) -> None:
        self._engine = engine
        self._listener = listener
        self._account = account
        self._log = log
        self._watcher = Watcher(engine.kill, engine.give_memory_back)
        self._numbers = itertools.count(1)
        self._open: dict[threading.Thread, socket.socket] = {}
        self._lock = threading.Lock()
        self._is_stopping = False

    def start(self) -> None:
        self._watcher.start()
        threading.Thread(target=self._accept, name="accept", daemon=True).start()

    def stop(self) -> bool:
        """Let running queries end, cancel what is left, and return whether all connections are closed."""
        self._is_stopping = True
        _shut(self._listener, socket.SHUT_RDWR)  # wakes the thread that waits in accept, which close does not
        self._listener.close()
        self._watcher.let_finish()
        with self._lock:
            threads = dict(self._open)
        for connection in threads.values():
            _shut(connection, socket.SHUT_RD)
        if _joined(threads, GRACE):
            return True
        self._watcher.cancel_all()
        if _joined(threads, GRACE):
            return True
        for connection in threads.values():
            _shut(connection, socket.SHUT_RDWR)
        return _joined(threads, 1.0)

    def _accept(self) -> None:
        while not self._is_stopping:
            try:
                connection, _ = self._listener.accept()
            except OSError as error:
                if not self._is_stopping:
                    self._log("accept failed", level="error", reason=str(error))
                    sleep(0.1)  # too many open files, for instance: others must close first
                continue
            self._welcome(connection)

    def _welcome(self, connection: socket.socket) -> None:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
        thread = threading.Thread(target=self._serve, args=(connection,), daemon=True)
        with self._lock:
            is_full = len(self._open) >= MAX_CONNECTIONS
            if not is_full:
                self._open[thread] = connection
                thread.start()
        if is_full:
            with contextlib.suppress(OSError), connection:
                connection.send(exception(FULL), socket.MSG_DONTWAIT)

    def _serve(self, connection: socket.socket) -> None:
        mark = f"connection {next(self._numbers)}"
        try:
            Session(connection, self._engine, self._watcher, self._account, mark).run()
        except Exception:  # noqa: BLE001 (one connection must not take the others with it)
            self._log("connection failed", level="error", connection=mark, traceback=traceback.format_exc())
        finally:
            connection.close()
            with self._lock:
                del self._open[threading.current_thread()]


def _shut(connection: socket.socket, side: int) -> None:
    with contextlib.suppress(OSError):  # it is closed already
        connection.shutdown(side)


def _joined(threads: Iterable[threading.Thread], seconds: float) -> bool:
    end = monotonic() + seconds
    for thread in threads:
        thread.join(max(0.0, end - monotonic()))
    return not any(thread.is_alive() for thread in threads)
