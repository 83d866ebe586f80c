"""Columns as they travel to ClickHouse, made by numpy where the driver would go through them value by value.

Words of few distinct texts, instants in milliseconds and amounts are most of an event. What this module does not know,
in type or in value, the driver writes; so does every INSERT that is not columnar. Blocks are not compressed: the store
is near.
"""

import re
import struct
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any

import numpy as np
from clickhouse_driver import Client, defines
from clickhouse_driver.block import ColumnOrientedBlock
from clickhouse_driver.columns.service import write_column
from clickhouse_driver.streams.native import BlockOutputStream
from clickhouse_driver.varint import write_varint
from clickhouse_driver.writer import write_binary_str, write_binary_uint8

from apps.shared.repeated import Repeated

Column = Sequence[Any]
Write = Callable[[Column, Any], None]

_AMOUNT = re.compile(r"Nullable\(Decimal\(1[0-8], (\d+)\)\)")  # of eight bytes
# Of the format of LowCardinality: a dictionary of its own follows, and takes the place of the one before.
_OWN_DICTIONARY = (1 << 9) | (1 << 10)
_WIDTHS: tuple[tuple[int, type[np.unsignedinteger[Any]]], ...] = ((1 << 8, np.uint8), (1 << 16, np.uint16))


class ColumnClient(Client):
    """A client whose whole columns are sent as one block by this module."""

    def wait(self, seconds: float, *, greeting: float) -> None:
        """Wait for no answer longer than *seconds*, nor for a new connection's greeting longer than *greeting*."""
        line = self.connection
        if line.connected and not line.ping():
            line.disconnect()  # the driver would connect again with the patience of a query
        if not line.connected:
            line.send_receive_timeout = greeting
            line.connect()
        line.send_receive_timeout = seconds
        line.socket.settimeout(seconds)

    def send_data(self, sample_block: Any, data: Any, types_check: bool = False, columnar: bool = False) -> int:
        """Send *data*, whole columns in the order of *sample_block*, and return the number of rows."""
        if not columnar:
            return int(super().send_data(sample_block, data, types_check=types_check))
        block = ColumnOrientedBlock(sample_block.columns_with_types, data)
        self.connection.block_out = _Columns(self.connection.fout, self.connection.context)
        end = ColumnOrientedBlock()
        for part in (block, end) if block.num_rows else (end,):
            self.connection.send_data(part)
            self.receive_profile_events()
        return int(block.num_rows)


class _Columns(BlockOutputStream):
    def write(self, block: ColumnOrientedBlock) -> None:
        """Write *block*, in the revision that the driver's own stream writes."""
        block.info.write(self.fout)
        write_varint(block.num_columns, self.fout)
        write_varint(block.num_rows, self.fout)
        for (name, kind), column in zip(block.columns_with_types, block.get_columns(), strict=True):
            write_binary_str(name, self.fout)
            write_binary_str(kind, self.fout)
            if self.context.server_info.used_revision >= defines.DBMS_MIN_REVISION_WITH_CUSTOM_SERIALIZATION:
                write_binary_uint8(0, self.fout)
            write = _writer(kind, column)
            if write is not None:
                write(column, self.fout)
            else:
                write_column(self.context, name, kind, list(column), self.fout)
        self.finalize()


def _writer(kind: str, column: Column) -> Write | None:
    if kind == "LowCardinality(String)":
        return _write_words
    if kind.startswith("DateTime64(") and set(map(type, column)) == {int}:
        return _write_numbers
    amount = _AMOUNT.fullmatch(kind)
    if amount is not None and set(map(type, column)) <= {Decimal, type(None)}:
        scale = Decimal(10) ** int(amount[1])
        return lambda column, out: _write_amounts(column, out, scale)
    return None


def _write_words(column: Column, out: Any) -> None:
    values = column.values if isinstance(column, Repeated) else column
    words = dict.fromkeys(values[:1] if _is_constant(values) else values)
    numbers = dict(zip(words, range(len(words)), strict=True))
    width, kind = next(
        ((place, kind) for place, (most, kind) in enumerate(_WIDTHS) if len(words) <= most), (2, np.uint32)
    )
    out.write(struct.pack("<QQQ", 1, _OWN_DICTIONARY | width, len(words)))
    out.write_strings(list(words), encoding="utf-8")
    if len(words) == 1:
        codes = np.zeros(len(column), dtype=kind)
    else:
        codes = np.fromiter(map(numbers.__getitem__, values), dtype=kind, count=len(values))
        codes = codes[column.places] if isinstance(column, Repeated) else codes
    out.write(struct.pack("<Q", len(column)) + codes.tobytes())


def _is_constant(column: Column) -> bool:
    """Tell whether every value is the first; looking whether the last is spares most of the looking."""
    return column[0] == column[-1] and column.count(column[0]) == len(column)


def _write_numbers(column: Column, out: Any) -> None:
    out.write(np.array(column, dtype="<i8").tobytes())


def _write_amounts(column: Column, out: Any, scale: Decimal) -> None:
    ticks = {value: 0 if value is None else int(value * scale) for value in set(column)}
    out.write(np.fromiter((value is None for value in column), dtype=np.uint8, count=len(column)).tobytes())
    out.write(np.fromiter(map(ticks.__getitem__, column), dtype="<i8", count=len(column)).tobytes())
