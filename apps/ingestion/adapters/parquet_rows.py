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

    if pa.types.is_timestamp(kind) and kind.unit == "ns":
        return pa.timestamp("us", tz=kind.tz)
    if pa.types.is_duration(kind) and kind.unit == "ns":
        return pa.duration("us")
    if pa.types.is_time64(kind) and kind.unit == "ns":
        return pa.time64("us")
    if pa.types.is_struct(kind):
        return pa.struct([field.with_type(_kept(field.type)) for field in kind])
    if pa.types.is_list(kind):
        return pa.list_(kind.value_field.with_type(_kept(kind.value_type)))
    if pa.types.is_large_list(kind):
        return pa.large_list(kind.value_field.with_type(_kept(kind.value_type)))
    return kind


def _plain(value: Any) -> Any:
    return value.isoformat() if hasattr(value, "isoformat") else value
