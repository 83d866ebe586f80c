"""One client's conversation, from Hello to goodbye."""

import hmac
import socket
from collections.abc import Callable
from dataclasses import dataclass

from . import blocks, packets
from .compression import compressed_reader, frames
from .engine import Connection, Engine
from .errors import (
    AUTHENTICATION_FAILED,
    UNEXPECTED_PACKET_FROM_CLIENT,
    ClientGone,
    ProtocolError,
    ServerError,
)
from .outbox import Outbox
from .queries import answer
from .watcher import Watcher
from .wire import Reader, socket_reader

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
        self.socket = connection
        self.watcher = watcher
        self.outbox = Outbox(connection)
        self.send = self.outbox.send
        self.reader: Reader = socket_reader(connection)
        self.revision = packets.REVISION
        self.is_compressed = False
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

    def send_block(self, pieces: list[bytes | memoryview]) -> None:
        """Send one Data packet."""
        self.send(packets.DATA_HEAD, *(frames(pieces) if self.is_compressed else pieces))

    def read_data(self, sink: Callable[[bytes], None] | None = None) -> tuple[str, blocks.Shape]:
        """Read one Data packet: the name of its table, empty for an INSERT, and its shape."""
        kind = self.reader.varint()
        if kind == packets.CANCEL:
            raise ClientGone
        if kind != packets.DATA:
            raise ProtocolError(UNEXPECTED_PACKET_FROM_CLIENT, f"Expected a block of data, got packet {kind}")
        return self.read_block(sink)

    def read_block(self, sink: Callable[[bytes], None] | None = None) -> tuple[str, blocks.Shape]:
        """Read what follows the kind of a Data packet."""
        name = self.reader.text()
        source = compressed_reader(self.reader) if self.is_compressed else self.reader
        return name, blocks.read_block(source, self.revision, sink)

    def _greet(self) -> Connection:
        kind = self.reader.byte()
        if kind in b"GPHDO":  # GET, POST, HEAD ...
            self.send(NOT_NATIVE)
            raise ClientGone
        if kind != packets.HELLO:
            raise ProtocolError(UNEXPECTED_PACKET_FROM_CLIENT, f"Expected Hello, got packet {kind}")
        hello = packets.read_hello(self.reader)
        self.revision = hello.revision
        if not self._account.admits(hello.user, hello.password):
            raise ProtocolError(
                AUTHENTICATION_FAILED,
                f"{hello.user}: Authentication failed: password is incorrect, or there is no user with such name.",
            )
        database = self._open(hello.database)
        self.send(packets.hello(self._engine.version, self._engine.time_zone))
        if self.revision >= packets.WITH_ADDENDUM:
            self.reader.string()
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
        kind = self.reader.varint()
        if kind == packets.PING:
            self.send(packets.PONG)
        elif kind == packets.QUERY:
            query = packets.read_query(self.reader, self.revision)
            self.is_compressed = query.is_compressed
            answer(self, database, query)
        elif kind == packets.DATA:
            self.read_block()  # the rest of an insert that has failed
        elif kind != packets.CANCEL:  # one that came after the end of its query means nothing
            raise ProtocolError(UNEXPECTED_PACKET_FROM_CLIENT, f"Packet {kind} is not expected here")
        self.reader.forget()

    def _part(self, error: ProtocolError) -> None:
        """Tell why, then close in an order that lets the client read it."""
        try:
            self.send(packets.exception(error))
            self.socket.shutdown(socket.SHUT_WR)
            self.socket.settimeout(1)
            for _ in range(1000):
                if not self.socket.recv(1 << 16):
                    break
        except OSError:
            return
