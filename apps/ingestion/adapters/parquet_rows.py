"""Rows of Parquet files, part by part, as plain values: a cell that cannot be read costs its row, and no more."""

from collections.abc import Callable, Iterator
from math import isfinite, isnan
from pathlib import Path
from typing import Any

from apps.ingestion.adapters.file_bytes import UnreadableFile, unpacked
from apps.ingestion.adapters.parquet_types import bounded, has_bytes, has_single, readable, weight
from apps.ingestion.adapters.text_rows import NamesOf, NumberedRow

_LONGEST_ROW, _MOST_AT_ONCE = 1_000_000, 64_000_000  # bytes


def parquet_rows(path: Path, names_of: NamesOf) -> Iterator[NumberedRow]:
    """Yield the rows of *path*, with the names for its columns. Raises UnreadableFile."""
    with unpacked(path) as plain:
        file, at_once = _opened(plain, path.name)
        with file:
            yield from _rows(file, names_of(list(file.schema_arrow.names)), at_once)


def _opened(path: Path, name: str) -> tuple[Any, int]:
    """Return the file at *path*, which somebody calls *name*, and how many of its rows are read at once."""
    import pyarrow as pa  # half a second, which only Parquet is worth
    from pyarrow import parquet

    try:
        with parquet.ParquetFile(path) as file:
            repeated, at_once = bounded(file)
        # What a file says once and repeats is held once, however many rows it is in.
        return parquet.ParquetFile(path, read_dictionary=repeated), at_once
    except (pa.ArrowException, OSError) as error:
        raise UnreadableFile(f"{name} is no Parquet file that can be read: {error}") from None


def _rows(file: Any, names: list[str], at_once: int) -> Iterator[NumberedRow]:
    import pyarrow as pa

    number = 0
    columns = zip(names, file.schema_arrow, strict=True)
    kept = pa.schema([field.with_type(readable(field.type)).with_name(name) for name, field in columns])
    kinds = zip(names, file.schema_arrow.types, strict=True)
    single = [(name, _writer(kind)) for name, kind in kinds if has_single(kind) and not pa.types.is_float32(kind)]
    packed = [field.name for field in kept if has_bytes(field.type)]
    try:
        for part in file.iter_batches(batch_size=at_once):
            for row in _values(_shortest(pa.Table.from_batches([part]).rename_columns(names)), kept):
                number += 1
                if isinstance(row, str):
                    yield NumberedRow(number, None, row, number)
                else:
                    for name, write in single:
                        row[name] = write(row[name])
                    for name in packed:
                        row[name] = _lettered(row[name])
                    yield NumberedRow(number, {name: _plain(value) for name, value in row.items()}, "", number)
    except (pa.ArrowException, OSError) as error:
        yield NumberedRow(number + 1, None, f"the file is broken from here on: {error}", number + 1)


def _shortest(table: Any) -> Any:
    """Return *table* with single precision as it is written: 1234.56, and not the 1234.56005859375 that it is near."""
    import pyarrow as pa

    for place, field in enumerate(table.schema):
        if pa.types.is_float32(field.type):
            written = table.column(place).cast(pa.string()).cast(pa.float64())
            table = table.set_column(place, field.with_type(pa.float64()), written)
    return table


def _values(table: Any, kept: Any) -> Iterator[dict[str, Any] | str]:
    """Yield the rows of *table* as the types of *kept*, in the place of one what is wrong with it."""
    if weight(table) <= _MOST_AT_ONCE:
        whole = _read(table, kept)
        if not isinstance(whole, str):
            yield from whole
            return
    for place in range(table.num_rows):
        row = table.slice(place, 1)
        if weight(row) > _LONGEST_ROW:
            yield f"The row is longer than {_LONGEST_ROW:,} bytes."
            continue
        read = _read(row, kept)
        yield read if isinstance(read, str) else read[0]


def _read(table: Any, kept: Any) -> list[dict[str, Any]] | str:
    try:
        return list(table.cast(kept, safe=False).to_pylist(maps_as_pydicts="lossy"))
    except (OverflowError, ValueError) as error:  # a time beyond the calendar, or bytes that are no letters
        return f"A cell cannot be read: {error}"


def _writer(kind: Any) -> Callable[[Any], Any]:
    """Return what writes the single precision inside a value of *kind* as `_shortest` does that of whole columns."""
    import pyarrow as pa
    from numpy import float32

    if not has_single(kind):
        return lambda value: value
    if pa.types.is_struct(kind):
        members = {field.name: _writer(field.type) for field in kind}
        return lambda value: value and {name: write(value[name]) for name, write in members.items()}
    if pa.types.is_map(kind):
        key, item = _writer(kind.key_type), _writer(kind.item_type)
        return lambda value: value and {key(name): item(inner) for name, inner in value.items()}
    if kind.num_fields:
        each = _writer(kind.value_type)
        return lambda value: value and list(map(each, value))
    return lambda value: value if value is None else float(str(float32(value)))


def _plain(value: Any) -> Any:
    return value.isoformat() if hasattr(value, "isoformat") else _in_words(value)


def _in_words(value: Any) -> Any:
    """Return *value* with words for numbers that are none, as files of texts have: JSON would make them nothing."""
    if isinstance(value, float) and not isfinite(value):
        return "NaN" if isnan(value) else "inf" if value > 0 else "-inf"
    if isinstance(value, dict):
        return {name: _in_words(inner) for name, inner in value.items()}
    return list(map(_in_words, value)) if isinstance(value, list) else value


def _lettered(value: Any) -> Any:
    """Return *value* with texts for the bytes that are letters: many writers do not mark their texts as such."""
    if isinstance(value, bytes):
        try:
            return value.decode()
        except UnicodeDecodeError:
            return value  # leaves as base64
    if isinstance(value, dict):
        return {name: _lettered(inner) for name, inner in value.items()}
    return [_lettered(inner) for inner in value] if isinstance(value, list) else value
