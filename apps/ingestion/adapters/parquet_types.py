"""Types of Parquet columns: as Python can read them, what they weigh, and which files hold too much for anybody."""

from collections.abc import Iterable
from typing import Any, NamedTuple

from apps.ingestion.adapters.file_bytes import UnreadableFile

# A part of a file (a row group) is unpacked at once. What repeats is written once: values can be a million times more.
_LARGEST_PART = 1_000_000_000  # bytes
_MOST_VALUES = 20_000_000  # of a column with several values in a row
_WIDEST = 1_000  # bytes of a value of fixed length
_AS_DIFFERENCES = "DELTA_BYTE_ARRAY"  # a text says how much of the one before it repeats: again a million times more
_NO_DICTIONARY = frozenset({_AS_DIFFERENCES, "DELTA_LENGTH_BYTE_ARRAY"})  # pyarrow reads these as plain texts alone
_AT_ONCE, _LARGEST_AT_ONCE = 10_000, 100_000_000  # rows, and bytes that texts of differences may become
_TEXTS = ("STRING", "NONE", "JSON", "BSON", "ENUM")


class Bounds(NamedTuple):
    """The columns of texts that are held as they are written, and how many rows are read at once."""

    repeated: list[str]
    rows: int


def bounded(file: Any) -> Bounds:
    """Return how *file* is read in bounded memory. Raises UnreadableFile where a column is too much."""
    columns = [file.schema.column(place) for place in range(len(file.schema))]
    for place, column in enumerate(columns):
        parts = [file.metadata.row_group(one).column(place) for one in range(file.metadata.num_row_groups)]
        is_nested = column.max_repetition_level > 0
        most = max((part.num_values for part in parts), default=0)
        if (is_nested and most > _MOST_VALUES) or (column.length or 0) > _WIDEST:
            raise UnreadableFile(f"The column {column.path.split('.')[0]!r} holds more than an event can.")
    for one in range(file.metadata.num_row_groups):
        if file.metadata.row_group(one).total_byte_size > _LARGEST_PART:
            raise UnreadableFile("A row group of the file is too large: write it with smaller ones.")
    packings = {column.path: _packings(file, place) for place, column in enumerate(columns)}
    texts = [
        column.path for column in columns if column.physical_type == "BYTE_ARRAY" and column.logical_type.type in _TEXTS
    ]
    repeated = [path for path in texts if not packings[path] & _NO_DICTIONARY]
    return Bounds(repeated, _rows_at_once(file, columns, packings))


def _packings(file: Any, place: int) -> set[str]:
    """Return how the values of a column are packed in any part."""
    parts = range(file.metadata.num_row_groups)
    return {name for one in parts for name in file.metadata.row_group(one).column(place).encodings}


def _rows_at_once(file: Any, columns: Iterable[Any], packings: dict[str, set[str]]) -> int:
    """Return how many rows may be read at once: no text of differences is longer than all of them as written."""
    size = 0
    for place, column in enumerate(columns):
        if column.physical_type == "BYTE_ARRAY" and _AS_DIFFERENCES in packings[column.path]:
            if column.max_repetition_level:
                name = column.path.split(".")[0]
                raise UnreadableFile(f"The lists in the column {name!r} are packed as differences: use a dictionary.")
            parts = range(file.metadata.num_row_groups)
            size += max(file.metadata.row_group(one).column(place).total_uncompressed_size for one in parts)
    return max(1, min(_AT_ONCE, _LARGEST_AT_ONCE // size)) if size else _AT_ONCE


def weight(values: Any) -> int:
    """Return about how many bytes a table or an array takes as plain values."""
    import pyarrow as pa

    if isinstance(values, pa.Table):
        return sum(weight(chunk) for column in values.columns for chunk in column.chunks)
    of, kind = pa.types, values.type
    if of.is_dictionary(kind) and _has_length(kind.value_type):
        return _total(_lengths(values.dictionary).take(values.indices))
    if _has_length(kind):
        return _total(_lengths(values))
    inner = _inner(values)
    return sum(map(weight, inner)) if inner else 8 * len(values)


def _inner(values: Any) -> list[Any]:
    """Return the arrays of what an array of structs, maps or lists holds."""
    import pyarrow as pa

    of, kind = pa.types, values.type
    if of.is_struct(kind):
        return list(values.flatten())
    if of.is_map(kind):
        first, last = values.offsets[0].as_py(), values.offsets[-1].as_py()
        return [part.slice(first, last - first) for part in (values.keys, values.items)]
    is_list = of.is_list(kind) or of.is_large_list(kind) or of.is_fixed_size_list(kind)
    return [values.flatten()] if is_list else []


def readable(kind: Any) -> Any:
    """Return *kind* as Python reads it: microseconds for nanoseconds, and UTC for a zone that nobody knows."""
    import pyarrow as pa

    of = pa.types
    if of.is_dictionary(kind):
        return readable(kind.value_type)
    if of.is_struct(kind):
        return pa.struct([field.with_type(readable(field.type)) for field in kind])
    if of.is_map(kind):
        return pa.map_(readable(kind.key_type), readable(kind.item_type))
    if of.is_fixed_size_list(kind):
        return pa.list_(kind.value_field.with_type(readable(kind.value_type)), kind.list_size)
    if of.is_list(kind) or of.is_large_list(kind):
        make = pa.list_ if of.is_list(kind) else pa.large_list
        return make(kind.value_field.with_type(readable(kind.value_type)))
    return _readable_time(kind)


def _readable_time(kind: Any) -> Any:
    import pyarrow as pa

    of = pa.types
    if of.is_timestamp(kind):
        return pa.timestamp("us" if kind.unit == "ns" else kind.unit, tz=_zone(kind.tz))
    if of.is_duration(kind) and kind.unit == "ns":
        return pa.duration("us")
    if of.is_float32(kind):
        return pa.float64()
    return pa.time64("us") if of.is_time64(kind) else kind


def has_bytes(kind: Any) -> bool:
    """Tell whether there are bytes in *kind* that may be letters."""
    import pyarrow as pa

    of = pa.types
    if of.is_binary(kind) or of.is_large_binary(kind) or of.is_fixed_size_binary(kind):
        return True
    return any(has_bytes(kind.field(place).type) for place in range(kind.num_fields))


def has_single(kind: Any) -> bool:
    """Tell whether there are numbers of single precision in *kind*."""
    import pyarrow as pa

    if pa.types.is_dictionary(kind):
        return has_single(kind.value_type)
    return bool(pa.types.is_float32(kind)) or any(
        has_single(kind.field(place).type) for place in range(kind.num_fields)
    )


def _zone(name: str | None) -> str | None:
    import pyarrow as pa

    if name is None:
        return None
    try:
        pa.scalar(0, pa.timestamp("us", tz=name)).as_py()
    except (pa.ArrowException, LookupError, ValueError, OSError):
        return "UTC"  # the instant is in UTC, whatever the zone is called
    return name


def _has_length(kind: Any) -> bool:
    import pyarrow as pa

    of = pa.types
    return any(is_so(kind) for is_so in (of.is_string, of.is_large_string, of.is_binary, of.is_large_binary))


def _lengths(values: Any) -> Any:
    from pyarrow import compute

    return compute.cast(compute.binary_length(values), "int64")


def _total(lengths: Any) -> int:
    from pyarrow import compute

    return int(compute.sum(lengths).as_py() or 0)
