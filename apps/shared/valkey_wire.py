"""One connection to Valkey for one thread, with nothing between it and the socket.

The door appends once per request, and there the general client costs four times what the request itself does
(measured: 244 against 64 microseconds of processor time). It knows no retries on purpose: whether a command that
broke off was carried out cannot be known, so the caller says "unavailable" and the client sends again.
"""

import ctypes
import select
import socket
import struct
import threading
import time
from urllib.parse import unquote, urlsplit

import hiredis

_PART = 65_536
_AT_ONCE = 16_384  # bytes of a command that the system takes in microseconds
# Python lets go of its lock around every send of its own; under load the thread waits to get it back (ADR 0050).
_send = ctypes.PyDLL(None).send
_send.argtypes, _send.restype = (ctypes.c_int, ctypes.c_char_p, ctypes.c_size_t, ctypes.c_int), ctypes.c_ssize_t
_WITHOUT_WAITING = socket.MSG_DONTWAIT | socket.MSG_NOSIGNAL
_FRESH = 0.1  # seconds after an answer in which a connection needs no look before its next command


class WireBroken(OSError):
    """The server closed the connection, or refused the command; the text says which."""


class Wire:
    """A blocking connection that is opened when needed. Not for use by two threads at once."""

    def __init__(self, url: str, timeout: float) -> None:
        parts = urlsplit(url)
        self._address = (parts.hostname or "127.0.0.1", parts.port or 6379)
        self._user, self._password = unquote(parts.username or ""), unquote(parts.password or "")
        self._database, self._timeout = parts.path.lstrip("/") or "0", timeout
        self._socket: socket.socket | None = None
        self._used_at = 0.0
        self._reader = hiredis.Reader()

    def call(self, *command: bytes) -> object:
        """Send one command and return its answer. Raises WireBroken or OSError."""
        connection = self._connection()
        try:
            _send_all(connection, _pack(command))
            answer = self._answer(connection)
        except OSError:
            self.close()
            raise
        self._used_at = time.monotonic()
        if isinstance(answer, hiredis.ReplyError):
            raise WireBroken(str(answer))
        return answer

    def close(self) -> None:
        """Let the connection go; the next call opens one."""
        if self._socket is not None:
            self._socket.close()
        self._socket = None

    def _connection(self) -> socket.socket:
        if self._socket is not None:
            was_just_used = time.monotonic() - self._used_at < _FRESH
            if was_just_used or not _has_ended(self._socket):
                return self._socket
        self.close()
        self._reader = hiredis.Reader()
        self._socket = socket.create_connection(self._address, timeout=self._timeout)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        # The system keeps the time: Python's own time-out asks it whether it may before every send and receive.
        self._socket.settimeout(None)
        for option in (socket.SO_RCVTIMEO, socket.SO_SNDTIMEO):
            self._socket.setsockopt(socket.SOL_SOCKET, option, _timeval(self._timeout))
        if self._password:
            user = (self._user.encode(),) if self._user else ()
            self._greet(b"AUTH", *user, self._password.encode())
        if self._database != "0":
            self._greet(b"SELECT", self._database.encode())
        return self._socket

    def _greet(self, *command: bytes) -> None:
        connection = self._socket
        if connection is None:
            raise WireBroken("There is no connection.")
        connection.sendall(_pack(command))
        answer = self._answer(connection)
        if isinstance(answer, hiredis.ReplyError):
            self.close()
            raise WireBroken(str(answer))

    def _answer(self, connection: socket.socket) -> object:
        while True:
            answer: object = self._reader.gets()
            if answer is not False:
                return answer
            part = connection.recv(_PART)
            if not part:
                raise WireBroken("The server closed the connection.")
            self._reader.feed(part)


class Wires(threading.local):
    """A connection for each thread."""

    def __init__(self, url: str, timeout: float) -> None:
        self.wire = Wire(url, timeout)


def _pack(command: tuple[bytes, ...]) -> bytes:
    packed: bytes = hiredis.pack_command(command)  # type: ignore[arg-type]  # its stub means a tuple of one
    return packed


def _send_all(connection: socket.socket, packed: bytes) -> None:
    """Send *packed*: a small one in the caller's own time, what the system does not take at once as sockets do."""
    sent = 0
    if len(packed) <= _AT_ONCE:
        sent = max(_send(connection.fileno(), packed, len(packed), _WITHOUT_WAITING), 0)
    if sent < len(packed):
        connection.sendall(packed[sent:])


def _timeval(seconds: float) -> bytes:
    return struct.pack("ll", int(seconds), int(seconds % 1 * 1_000_000))


def _has_ended(connection: socket.socket) -> bool:
    """Tell whether the server has closed an idle connection: better known before a command than after it."""
    poll = select.poll()
    poll.register(connection, select.POLLIN)
    return bool(poll.poll(0))  # nothing is due between two commands: what there is to read is the end
