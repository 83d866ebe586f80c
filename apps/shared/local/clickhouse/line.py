"""One client's connection as packets: what a query's answer and an insert's blocks go over."""

import socket
from collections.abc import Callable

from . import blocks, packets
from .compression import compressed_reader, frames
from .errors import UNEXPECTED_PACKET_FROM_CLIENT, ClientGone, ProtocolError
from .outbox import Outbox
from .watcher import Watcher
from .wire import Reader, socket_reader


class Line:
    """Sends and reads packets in the revision and the compression that the client asked for."""

    def __init__(self, connection: socket.socket, watcher: Watcher) -> None:
        self.socket = connection
        self.watcher = watcher
        self.outbox = Outbox(connection)
        self.send = self.outbox.send
        self.reader: Reader = socket_reader(connection)
        self.revision = packets.REVISION
        self.is_compressed = False

    def send_block(self, pieces: list[bytes | memoryview]) -> None:
        """Send one Data packet."""
        self.send(packets.DATA_HEAD, *(frames(pieces) if self.is_compressed else pieces))

    def read_data(self, sink: Callable[[memoryview], None] | None = None) -> tuple[str, blocks.Shape]:
        """Read one Data packet: the name of its table, empty for an INSERT, and its shape."""
        kind = self.reader.varint()
        if kind == packets.CANCEL:
            raise ClientGone
        if kind != packets.DATA:
            raise ProtocolError(UNEXPECTED_PACKET_FROM_CLIENT, f"Expected a block of data, got packet {kind}")
        return self.read_block(sink)

    def read_block(self, sink: Callable[[memoryview], None] | None = None) -> tuple[str, blocks.Shape]:
        """Read what follows the kind of a Data packet."""
        name = self.reader.text()
        source = compressed_reader(self.reader) if self.is_compressed else self.reader
        return name, blocks.read_block(source, self.revision, sink)
