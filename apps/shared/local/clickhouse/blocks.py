"""
Blocks between the wire and the engine.

The engine reads and writes format Native as of revision 0. On the wire a block
has a prefix, and since revision 54454 a byte behind each column type that says
whether the column is serialized in a special way. We never do that, so the
byte is zero; it is put in on the way out and left out on the way in.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from .errors import INCORRECT_DATA, NOT_IMPLEMENTED, ClientGone, ProtocolError, ServerError
from .type_names import column_of
from .wire import Reader, string, varint

REVISION_WITH_SERIALIZATION_BYTE = 54454
MAX_COLUMNS = 10_000
PREFIX = b"\x01\x00\x02\xff\xff\xff\xff\x00"
EMPTY = PREFIX + b"\x00\x00"


@dataclass(frozen=True, slots=True)
class Shape:
    columns: int
    rows: int


def header(columns: list[tuple[str, str]], revision: int) -> bytes:
    """Return a block without rows, which tells names and types."""
    parts = [PREFIX, varint(len(columns)), varint(0)]
    for name, type_name in columns:
        parts += [string(name), string(type_name)]
        if revision >= REVISION_WITH_SERIALIZATION_BYTE:
            parts.append(b"\x00")
    return b"".join(parts)


def read_block(reader: Reader, revision: int, sink: Callable[[bytes], None] | None = None) -> Shape:
    """Read one block off the wire and hand it, as the engine wants it, to *sink* as it comes."""
    _skip_prefix(reader)
    if sink is not None:
        reader.capture(sink)
    shape = _read_shape(reader)
    for _ in range(shape.columns):
        _read_column(reader, shape.rows, revision)
    if sink is not None:
        reader.release()
    reader.forget()
    return shape


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A block of a result: its columns and the pieces to send."""

    columns: list[tuple[str, str]]
    pieces: list[bytes | memoryview]


def outgoing(chunk: bytes, revision: int) -> Iterator[Outgoing]:
    """Split what the engine returned into blocks as they travel."""
    reader = Reader(_no_more, chunk)
    view = memoryview(chunk)
    start = 0
    while start < len(chunk):
        columns, cuts = _walk(reader)
        pieces: list[bytes | memoryview] = [PREFIX]
        if revision >= REVISION_WITH_SERIALIZATION_BYTE:
            for cut in cuts:
                pieces += [view[start:cut], b"\x00"]
                start = cut
        pieces.append(view[start : reader.position])
        start = reader.position
        yield Outgoing(columns, pieces)


def _no_more() -> bytes:
    return b""


def _walk(reader: Reader) -> tuple[list[tuple[str, str]], list[int]]:
    """Pass one block of the engine; return its columns and where each one's type ends."""
    columns, cuts = [], []
    try:
        shape = _read_shape(reader)
        for _ in range(shape.columns):
            name, type_name = reader.text(), reader.text()
            column = column_of(type_name)
            columns.append((name, type_name))
            cuts.append(reader.position)
            if shape.rows:
                column.skip_prefix(reader)
                column.skip_rows(reader, shape.rows)
    except ProtocolError as error:
        raise ServerError((error.code, error.name), error.text) from None
    except ClientGone:
        raise ServerError(NOT_IMPLEMENTED, "The result has a form that does not travel over this connection") from None
    return columns, cuts


def _skip_prefix(reader: Reader) -> None:
    while field := reader.varint():
        if field > 2:
            raise ProtocolError(INCORRECT_DATA, f"Unknown field {field} before a block")
        reader.take(1 if field == 1 else 4)


def _read_shape(reader: Reader) -> Shape:
    shape = Shape(reader.varint(), reader.varint())
    if shape.columns > MAX_COLUMNS:
        raise ProtocolError(INCORRECT_DATA, f"A block of {shape.columns} columns is over the limit of {MAX_COLUMNS}")
    return shape


def _read_column(reader: Reader, rows: int, revision: int) -> None:
    reader.string()
    column = column_of(reader.text())
    if revision >= REVISION_WITH_SERIALIZATION_BYTE:
        reader.require(1)
        if reader.data[reader.position]:
            raise ProtocolError(NOT_IMPLEMENTED, "Sparse columns are not taken: send them in full")
        reader.leave_out(1)
    if rows:
        column.skip_prefix(reader)
        column.skip_rows(reader, rows)
