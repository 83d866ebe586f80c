"""JSON of others, read to be shown or checked: a number that no program holds stays the text that it was written as."""

import json
from math import isinf
from typing import Any

import msgspec

_decode = msgspec.json.Decoder().decode
_MOST_DIGITS = 4_300  # Python makes no longer number of a text


def read_json(text: str) -> Any:
    """Return what *text* says; `1e999` and integers of thousands of digits as texts. Raises ValueError, RecursionError.

    Such a document is JSON, and is stored as it came: whoever reads it must not fail.
    """
    try:
        return _decode(text)
    except msgspec.MsgspecError:
        return json.loads(text, parse_float=_number, parse_int=_integer, parse_constant=_no_number)


def _number(text: str) -> float | str:
    value = float(text)
    return text if isinf(value) else value


def _integer(text: str) -> int | str:
    return text if len(text) > _MOST_DIGITS else int(text)


def _no_number(text: str) -> None:
    raise ValueError(f"{text} is not JSON.")
