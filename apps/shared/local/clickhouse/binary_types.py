"""
Type names out of the engine's binary type encoding.

As text, format Native tells old clients `DateTime` for `DateTime('UTC')`, and
the engine always takes us for an old client. The binary encoding keeps the zone.
"""

from __future__ import annotations

from collections.abc import Callable

from .errors import NOT_IMPLEMENTED, ServerError
from .wire import Reader

_NUMBERS = ("Int8", "Int16", "Int32", "Int64", "Int128", "Int256")
_IN_ORDER = (
    "Nothing",
    *(f"U{name}" for name in _NUMBERS),
    *_NUMBERS,
    "Float32",
    "Float64",
    "Date",
    "Date32",
    "DateTime",
)
_PLAIN = {
    **dict(enumerate(_IN_ORDER)),
    0x15: "String",
    0x1D: "UUID",
    0x28: "IPv4",
    0x29: "IPv6",
    0x2D: "Bool",
    0x31: "BFloat16",
    0x32: "Time",
}
JSON_PATHS, JSON_TYPES = 1024, 32  # what plain JSON stands for
_WRAPPERS = {0x1E: "Array", 0x23: "Nullable", 0x26: "LowCardinality"}
_INTERVALS = (
    *("Nanosecond", "Microsecond", "Millisecond", "Second", "Minute", "Hour"),
    *("Day", "Week", "Month", "Quarter", "Year"),
)
_ESCAPES = str.maketrans({
    "\\": "\\\\", "'": "\\'", "\n": "\\n", "\t": "\\t", "\r": "\\r", "\0": "\\0", "\b": "\\b", "\f": "\\f",
})  # fmt: skip


def read_type(reader: Reader) -> str:
    """Read one encoded type and return its name."""
    code = reader.byte()
    if code in _PLAIN:
        return _PLAIN[code]
    if code in _WRAPPERS:
        return f"{_WRAPPERS[code]}({read_type(reader)})"
    if code in _READERS:
        return _READERS[code](reader)
    text = (
        "The result has a type that does not travel over this connection: convert it in the query, as with toString()"
    )
    raise ServerError(NOT_IMPLEMENTED, text)


def _quoted(text: str) -> str:
    return f"'{text.translate(_ESCAPES)}'"


def _zone(reader: Reader) -> str:
    return f"DateTime({_quoted(reader.text())})"


def _date_time_64(reader: Reader) -> str:
    return f"DateTime64({reader.byte()})"


def _date_time_64_zone(reader: Reader) -> str:
    return f"DateTime64({reader.byte()}, {_quoted(reader.text())})"


def _fixed_string(reader: Reader) -> str:
    return f"FixedString({reader.varint()})"


def _enum(name: str, width: int) -> Callable[[Reader], str]:
    def read(reader: Reader) -> str:
        values = []
        for _ in range(reader.varint()):
            label = _quoted(reader.text())
            values.append(f"{label} = {int.from_bytes(reader.take(width), 'little', signed=True)}")
        return f"{name}({', '.join(values)})"

    return read


def _decimal(reader: Reader) -> str:
    return f"Decimal({reader.byte()}, {reader.byte()})"


def _tuple(reader: Reader) -> str:
    return f"Tuple({', '.join(read_type(reader) for _ in range(reader.varint()))})"


def _named(word: str) -> Callable[[Reader], str]:
    def read(reader: Reader) -> str:
        elements = [f"{_identifier(reader.text())} {read_type(reader)}" for _ in range(reader.varint())]
        return f"{word}({', '.join(elements)})"

    return read


def _identifier(name: str) -> str:
    is_plain = name.isidentifier() and name.isascii()
    return name if is_plain else "`" + name.replace("\\", "\\\\").replace("`", "\\`") + "`"


def _map(reader: Reader) -> str:
    return f"Map({read_type(reader)}, {read_type(reader)})"


def _interval(reader: Reader) -> str:
    return f"Interval{_INTERVALS[reader.byte()]}"


def _custom(reader: Reader) -> str:
    return reader.text()  # Point and the other types with a name of their own


def _time_64(reader: Reader) -> str:
    return f"Time64({reader.byte()})"


def _simple_aggregate(reader: Reader) -> str:
    name = reader.text()
    parameters = [_number(reader) for _ in range(reader.varint())]
    call = f"{name}({', '.join(parameters)})" if parameters else name
    types = [read_type(reader) for _ in range(reader.varint())]
    return f"SimpleAggregateFunction({', '.join([call, *types])})"


def _number(reader: Reader) -> str:
    if reader.byte() != 1:  # parameters of the functions allowed here are counts
        raise ServerError(NOT_IMPLEMENTED, "The result has an aggregate function with a parameter that is no number")
    return str(reader.varint())


def _json(reader: Reader) -> str:
    reader.byte()  # version of the type's own encoding
    paths, types = reader.varint(), reader.byte()
    arguments = [f"max_dynamic_types={types}"] if types != JSON_TYPES else []
    arguments += [f"max_dynamic_paths={paths}"] if paths != JSON_PATHS else []
    arguments += [f"{reader.text()} {read_type(reader)}" for _ in range(reader.varint())]
    arguments += [f"SKIP {reader.text()}" for _ in range(reader.varint())]
    arguments += [f"SKIP REGEXP {_quoted(reader.text())}" for _ in range(reader.varint())]
    return f"JSON({', '.join(arguments)})" if arguments else "JSON"


_READERS: dict[int, Callable[[Reader], str]] = {
    0x12: _zone,
    0x13: _date_time_64,
    0x14: _date_time_64_zone,
    0x16: _fixed_string,
    0x17: _enum("Enum8", 1),
    0x18: _enum("Enum16", 2),
    **dict.fromkeys(range(0x19, 0x1D), _decimal),
    0x1F: _tuple,
    0x20: _named("Tuple"),
    0x22: _interval,
    0x27: _map,
    0x2C: _custom,
    0x2E: _simple_aggregate,
    0x2F: _named("Nested"),
    0x30: _json,
    0x34: _time_64,
}
