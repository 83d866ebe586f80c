"""
Blocks between the wire and the engine.

The engine reads and writes format Native as of revision 0. On the wire a block
has a prefix, and since revision 54454 a byte behind each column type that says
whether the column is serialized in a special way. We never do that, so the
byte is zero; it is put in on the way out and left out on the way in. Types come
out of the engine in its binary encoding, see `binary_types`.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from .binary_types import read_type
from .errors import INCORRECT_DATA, NOT_IMPLEMENTED, ClientGone, ProtocolError, ServerError
from .type_names import column_of
from .wire import Reader, string, varint

REVISION_WITH_SERIALIZATION_BYTE = 54454
MAX_COLUMNS = 10_000
PREFIX = b"\x01\x00\x02\xff\xff\xff\xff\x00"
EMPTY = PREFIX + b"\x00\x00"


@dataclass(frozen=True, slots=True)
class Shape:
    columns: tuple[tuple[str, str], ...]
    rows: int


def header(columns: list[tuple[str, str]], revision: int) -> bytes:
    """Return a block without rows, which tells names and types."""
    parts = [PREFIX, varint(len(columns)), varint(0)]
    for name, type_name in columns:
        parts += [string(name), string(type_name)]
        if revision >= REVISION_WITH_SERIALIZATION_BYTE:
            parts.append(b"\x00")
    return b"".join(parts)


def read_block(reader: Reader, revision: int, sink: Callable[[memoryview], None] | None = None) -> Shape:
    """Read one block off the wire and hand it, as the engine wants it, to *sink* as it comes."""
    _skip_prefix(reader)
    count, rows = _read_size(reader)
    if sink is not None and count:
        sink(memoryview(varint(count) + varint(rows)))
        reader.capture(sink)
    columns = tuple(_read_column(reader, rows, revision) for _ in range(count))
    reader.release()
    return Shape(columns, rows)


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A block of a result: its columns and the pieces to send."""

    columns: list[tuple[str, str]]
    pieces: list[bytes | memoryview]


def outgoing(chunk: bytes, revision: int) -> Iterator[Outgoing]:
    """Split what the engine returned into blocks as they travel."""
    reader = Reader(_no_more, chunk, keeps=True)
    view = memoryview(chunk)
    while reader.position < len(chunk):
        yield _block(reader, view, revision)


def _no_more() -> bytes:
    return b""


def _block(reader: Reader, view: memoryview, revision: int) -> Outgoing:
    """Take one block; only the types are written anew."""
    behind_type = b"\x00" if revision >= REVISION_WITH_SERIALIZATION_BYTE else b""
    columns: list[tuple[str, str]] = []
    pieces: list[bytes | memoryview] = [PREFIX]
    start = reader.position
    try:
        count, rows = _read_size(reader)
        for _ in range(count):
            name = reader.text()
            pieces.append(view[start : reader.position])
            type_name = read_type(reader)
            pieces.append(string(type_name) + behind_type)
            start = reader.position
            columns.append((name, type_name))
            _skip_data(reader, type_name, rows)
    except ProtocolError as error:
        raise ServerError((error.code, error.name), error.text) from None
    except ClientGone:
        raise ServerError(NOT_IMPLEMENTED, "The result has a form that does not travel over this connection") from None
    pieces.append(view[start : reader.position])
    return Outgoing(columns, pieces)


def _skip_data(reader: Reader, type_name: str, rows: int) -> None:
    column = column_of(type_name)
    if rows:
        column.skip_prefix(reader)
        column.skip_rows(reader, rows)


def _skip_prefix(reader: Reader) -> None:
    while field := reader.varint():
        if field > 2:
            raise ProtocolError(INCORRECT_DATA, f"Unknown field {field} before a block")
        reader.take(1 if field == 1 else 4)


def _read_size(reader: Reader) -> tuple[int, int]:
    columns, rows = reader.varint(), reader.varint()
    if columns > MAX_COLUMNS:
        raise ProtocolError(INCORRECT_DATA, f"A block of {columns} columns is over the limit of {MAX_COLUMNS}")
    return columns, rows


def _read_column(reader: Reader, rows: int, revision: int) -> tuple[str, str]:
    name, type_name = reader.text(), reader.text()
    if revision >= REVISION_WITH_SERIALIZATION_BYTE:
        reader.require(1)
        if reader.data[reader.position]:
            raise ProtocolError(NOT_IMPLEMENTED, "Sparse columns are not taken: send them in full")
        reader.leave_out(1)
    _skip_data(reader, type_name, rows)
    return name, type_name
