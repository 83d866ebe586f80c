"""Rows of Parquet files, part by part, as plain values."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from apps.ingestion.adapters.file_bytes import UnreadableFile
from apps.ingestion.adapters.text_rows import NamesOf, NumberedRow

_ROWS_AT_ONCE = 10_000


def parquet_rows(path: Path, names_of: NamesOf) -> Iterator[NumberedRow]:
    """Yield the rows of *path*, with the names for its columns. Raises UnreadableFile."""
    import pyarrow as pa  # half a second, which only Parquet is worth
    from pyarrow import parquet

    try:
        file = parquet.ParquetFile(path)
    except (pa.ArrowException, OSError) as error:
        raise UnreadableFile(f"{path.name} is no Parquet file that can be read: {error}") from None
    with file:
        yield from _rows(file, names_of(list(file.schema_arrow.names)))


def _rows(file: Any, names: list[str]) -> Iterator[NumberedRow]:
    import pyarrow as pa

    number = 0
    kept = pa.schema([field.with_type(_kept(field.type)) for field in file.schema_arrow])
    try:
        for part in file.iter_batches(batch_size=_ROWS_AT_ONCE):
            for row in pa.Table.from_batches([part]).cast(kept, safe=False).rename_columns(names).to_pylist():
                number += 1
                yield NumberedRow(number, {name: _plain(value) for name, value in row.items()}, "", number)
    except (pa.ArrowException, OSError, OverflowError, ValueError) as error:
        yield NumberedRow(number + 1, None, f"the file is broken from here on: {error}", number + 1)


def _kept(kind: Any) -> Any:
    """Return *kind* with microseconds where it has nanoseconds, which no clock of Python's tells."""
    import pyarrow as pa

    is_of = pa.types
    if (is_of.is_timestamp(kind) or is_of.is_duration(kind) or is_of.is_time64(kind)) and kind.unit == "ns":
        plain = {is_of.is_duration: pa.duration("us"), is_of.is_time64: pa.time64("us")}
        return next((other for holds, other in plain.items() if holds(kind)), None) or pa.timestamp("us", tz=kind.tz)
    if is_of.is_struct(kind):
        return pa.struct([field.with_type(_kept(field.type)) for field in kind])
    if is_of.is_list(kind) or is_of.is_large_list(kind):
        make = pa.list_ if is_of.is_list(kind) else pa.large_list
        return make(kind.value_field.with_type(_kept(kind.value_type)))
    return kind


def _plain(value: Any) -> Any:
    return value.isoformat() if hasattr(value, "isoformat") else value
