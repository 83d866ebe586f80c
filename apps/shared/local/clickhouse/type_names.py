"""From the name of a ClickHouse type to its shape on the wire."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

from .columns import Array, Column, Fixed, JsonText, LowCardinality, Nullable, Strings, Tuple
from .errors import NOT_IMPLEMENTED, ProtocolError

MAX_DEPTH = 64
MAX_LENGTH = 1 << 16
WIDTHS = {
    **{f"{sign}Int{bits}": bits // 8 for sign in ("", "U") for bits in (8, 16, 32, 64, 128, 256)},
    "Bool": 1,
    "Float32": 4,
    "Float64": 8,
    "BFloat16": 2,
    "UUID": 16,
    "IPv4": 4,
    "IPv6": 16,
    "Date": 2,
    "Date32": 4,
    "DateTime": 4,
    "DateTime32": 4,
    "DateTime64": 8,
    "Time": 4,
    "Time64": 8,
    "Enum8": 1,
    "Enum16": 2,
    "Nothing": 1,
    "Null": 1,
    "Decimal32": 4,
    "Decimal64": 8,
    "Decimal128": 16,
    "Decimal256": 32,
}
GEO = {
    "Point": "Tuple(Float64, Float64)",
    "Ring": "Array(Point)",
    "LineString": "Array(Point)",
    "Polygon": "Array(Ring)",
    "MultiLineString": "Array(LineString)",
    "MultiPolygon": "Array(Polygon)",
}

WRAPPERS: dict[str, Callable[[Column], Column]] = {
    "Nullable": Nullable,
    "LowCardinality": LowCardinality,
    "Array": Array,
}


@lru_cache(maxsize=2048)
def column_of(type_name: str, depth: int = 0) -> Column:
    """Return the shape of a type, or say that it cannot travel."""
    if depth > MAX_DEPTH:
        raise ProtocolError(NOT_IMPLEMENTED, f"A type nests deeper than {MAX_DEPTH} levels")
    name = type_name.partition("(")[0].strip()
    if name in GEO:
        return column_of(GEO[name], depth + 1)
    if name.startswith("Interval"):
        return Fixed(8)
    if name in WIDTHS:
        return Fixed(WIDTHS[name])
    if len(type_name) > MAX_LENGTH:
        raise ProtocolError(NOT_IMPLEMENTED, f"The name of a type is longer than {MAX_LENGTH} characters")
    return _with_arguments(name, _arguments(type_name), type_name, depth)


def _with_arguments(name: str, arguments: list[str], type_name: str, depth: int) -> Column:
    column = _leaf(name, arguments) or _nest(name, arguments, depth)
    if column is None:
        raise ProtocolError(NOT_IMPLEMENTED, f"Type {type_name} does not travel over this connection")
    return column


def _leaf(name: str, arguments: list[str]) -> Column | None:
    match name, arguments:
        case "String", _:
            return Strings()
        case "JSON", _:
            return JsonText()
        case "FixedString", [width] if width.isdecimal() and len(width) < 8:
            return Fixed(int(width))
        case "Decimal", [precision, *_] if precision.isdecimal():
            return Fixed(_decimal_width(int(precision)))
    return None


def _nest(name: str, arguments: list[str], depth: int) -> Column | None:
    if name == "SimpleAggregateFunction":
        return column_of(arguments[-1], depth + 1) if len(arguments) > 1 else None
    if name == "Tuple":
        return _tuple(arguments, depth)
    if name in {"Map", "Nested"}:
        return Array(_tuple(arguments, depth)) if arguments else None
    if name not in WRAPPERS or len(arguments) != 1:
        return None
    nested = column_of(arguments[0], depth + 1)
    if name == "LowCardinality" and isinstance(nested, Nullable):
        nested = nested.nested  # null is a key of its dictionary
    return WRAPPERS[name](nested)


def _tuple(elements: list[str], depth: int) -> Column:
    if not elements:
        return Fixed(1)  # an empty tuple is one byte a row
    return Tuple(tuple(column_of(_without_name(element), depth + 1) for element in elements))


def _decimal_width(precision: int) -> int:
    return next(width for limit, width in ((9, 4), (18, 8), (38, 16), (10**9, 32)) if precision <= limit)


def _without_name(element: str) -> str:
    """Drop the name of a named element: a space outside brackets and quotes ends it."""
    for position, character in _outside(element):
        if character == " ":
            return element[position + 1 :]
    return element


def _arguments(type_name: str) -> list[str]:
    _, bracket, rest = type_name.rstrip().partition("(")
    if not bracket:
        return []
    if not rest.endswith(")"):
        raise ProtocolError(NOT_IMPLEMENTED, f"Type {type_name[:200]} is not closed")
    return split_arguments(rest[:-1])


def split_arguments(body: str) -> list[str]:
    parts, start = [], 0
    for position, character in _outside(body):
        if character == ",":
            parts.append(body[start:position].strip())
            start = position + 1
    parts.append(body[start:].strip())
    return parts if parts != [""] else []


def _outside(text: str) -> list[tuple[int, str]]:
    """Return the spaces and commas that stand outside brackets and quotes."""
    found: list[tuple[int, str]] = []
    depth, quote, escaped = 0, "", False
    for position, character in enumerate(text):
        if quote:
            if escaped:
                escaped = False
            elif character == "\\":
                escaped = True
            elif character == quote:
                quote = ""
        elif character in "'`\"":
            quote = character
        elif character in "()":
            depth += 1 if character == "(" else -1
        elif depth == 0 and character in " ,":
            found.append((position, character))
    return found
