"""Where a column ends: the wire shape of every type, walked without decoding it."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Protocol

from .errors import INCORRECT_DATA, ProtocolError
from .wire import Reader

JSON_AS_STRING = 1
INDEX_WIDTH_MASK = 0xF
NEEDS_GLOBAL_DICTIONARY = 0x100
HAS_ADDITIONAL_KEYS = 0x200


class Column(Protocol):
    """A shape on the wire: a prefix once, then the rows."""

    def skip_prefix(self, reader: Reader) -> None: ...

    def skip_rows(self, reader: Reader, rows: int) -> None: ...


@dataclass(frozen=True, slots=True)
class Fixed:
    width: int

    def skip_prefix(self, reader: Reader) -> None:
        """Nothing stands before the rows."""

    def skip_rows(self, reader: Reader, rows: int) -> None:
        reader.skip(self.width * rows)


@dataclass(frozen=True, slots=True)
class Strings:
    def skip_prefix(self, reader: Reader) -> None:
        """Nothing stands before the rows."""

    def skip_rows(self, reader: Reader, rows: int) -> None:
        reader.skip_strings(rows)


@dataclass(frozen=True, slots=True)
class JsonText:
    """JSON as the text that the engine is asked to send (its binary forms are not walked)."""

    def skip_prefix(self, reader: Reader) -> None:
        version = reader.uint64()
        if version != JSON_AS_STRING:
            raise ProtocolError(INCORRECT_DATA, "A JSON column is taken as text only: send strings")

    def skip_rows(self, reader: Reader, rows: int) -> None:
        reader.skip_strings(rows)


@dataclass(frozen=True, slots=True)
class Nullable:
    nested: Column

    def skip_prefix(self, reader: Reader) -> None:
        self.nested.skip_prefix(reader)

    def skip_rows(self, reader: Reader, rows: int) -> None:
        reader.skip(rows)
        self.nested.skip_rows(reader, rows)


@dataclass(frozen=True, slots=True)
class Array:
    nested: Column

    def skip_prefix(self, reader: Reader) -> None:
        self.nested.skip_prefix(reader)

    def skip_rows(self, reader: Reader, rows: int) -> None:
        if not rows:
            return
        reader.skip(8 * (rows - 1))
        self.nested.skip_rows(reader, reader.uint64())


@dataclass(frozen=True, slots=True)
class Tuple:
    elements: tuple[Column, ...]

    def skip_prefix(self, reader: Reader) -> None:
        for element in self.elements:
            element.skip_prefix(reader)

    def skip_rows(self, reader: Reader, rows: int) -> None:
        for element in self.elements:
            element.skip_rows(reader, rows)


@dataclass(frozen=True, slots=True)
class LowCardinality:
    keys: Column

    def skip_prefix(self, reader: Reader) -> None:
        reader.skip(8)

    def skip_rows(self, reader: Reader, rows: int) -> None:
        if not rows:
            return
        flags = reader.uint64()
        width = 1 << (flags & INDEX_WIDTH_MASK)
        for flag in (NEEDS_GLOBAL_DICTIONARY, HAS_ADDITIONAL_KEYS):
            if flags & flag:
                self.keys.skip_rows(reader, reader.uint64())
        (indexes,) = struct.unpack("<Q", reader.take(8))
        if width > 8 or indexes != rows:
            raise ProtocolError(INCORRECT_DATA, "A LowCardinality column says a wrong number of rows")
        reader.skip(width * rows)
