"""One client's conversation, from Hello to goodbye."""

import hmac
import socket
from dataclasses import dataclass

from . import packets
from .engine import Connection, Engine
from .errors import (
    AUTHENTICATION_FAILED,
    UNEXPECTED_PACKET_FROM_CLIENT,
    ClientGone,
    ProtocolError,
    ServerError,
)
from .line import Line
from .queries import answer
from .watcher import Watcher

NOT_NATIVE = b"HTTP/1.0 400 Bad Request\r\n\r\nThis port speaks ClickHouse's native protocol, not HTTP.\r\n"


@dataclass(frozen=True, slots=True)
class Account:
    """Who may come in. Without a password, anyone on this machine who names the user."""

    user: str = "default"
    password: str = ""

    def admits(self, user: str, password: str) -> bool:
        return user in {self.user, ""} and hmac.compare_digest(password.encode(), self.password.encode())


class Session:
    """Reads packets in order and answers each; a query's errors are answers, the protocol's end the session."""

    def __init__(
        self, connection: socket.socket, engine: Engine, watcher: Watcher, account: Account, mark: str
    ) -> None:
        self._line = Line(connection, watcher)
        self._engine = engine
        self._account = account
        self._mark = mark

    def run(self) -> None:
        """Serve until the client leaves or breaks the protocol."""
        database: Connection | None = None
        try:
            database = self._greet()
            while True:
                self._serve_packet(database)
        except ProtocolError as error:
            self._part(error)
        except (ClientGone, OSError):
            return
        finally:
            if database is not None:
                database.close()

    def _greet(self) -> Connection:
        kind = self._line.reader.byte()
        if kind in b"GPHDO":  # GET, POST, HEAD ...
            self._line.send(NOT_NATIVE)
            raise ClientGone
        if kind != packets.HELLO:
            raise ProtocolError(UNEXPECTED_PACKET_FROM_CLIENT, f"Expected Hello, got packet {kind}")
        hello = packets.read_hello(self._line.reader)
        self._line.revision = hello.revision
        if not self._account.admits(hello.user, hello.password):
            raise ProtocolError(
                AUTHENTICATION_FAILED,
                f"{hello.user}: Authentication failed: password is incorrect, or there is no user with such name.",
            )
        database = self._open(hello.database)
        self._line.send(packets.hello(self._engine.version, self._engine.time_zone))
        if self._line.revision >= packets.WITH_ADDENDUM:
            self._line.reader.string()
        return database

    def _open(self, name: str) -> Connection:
        database = self._engine.connect(self._mark)
        if name:
            try:
                database.use(name)
            except ServerError as error:
                database.close()
                raise ProtocolError((error.code, error.name), error.text) from None
        return database

    def _serve_packet(self, database: Connection) -> None:
        kind = self._line.reader.varint()
        if kind == packets.PING:
            self._line.send(packets.PONG)
        elif kind == packets.QUERY:
            query = packets.read_query(self._line.reader, self._line.revision)
            self._line.is_compressed = query.is_compressed
            answer(self._line, database, query)
        elif kind == packets.DATA:
            self._line.read_block()  # the rest of an insert that has failed
        elif kind != packets.CANCEL:  # one that came after the end of its query means nothing
            raise ProtocolError(UNEXPECTED_PACKET_FROM_CLIENT, f"Packet {kind} is not expected here")
        self._line.reader.forget()

    def _part(self, error: ProtocolError) -> None:
        """Tell why, then close in an order that lets the client read it."""
        try:
            self._line.send(packets.exception(error))
            self._line.socket.shutdown(socket.SHUT_WR)
            self._line.socket.settimeout(1)
            for _ in range(1000):
                if not self._line.socket.recv(1 << 16):
                    break
        except OSError:
            return
