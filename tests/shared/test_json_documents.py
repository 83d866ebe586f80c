"""JSON of others is read whatever numbers it holds: no page, no expectation and no answer fails on one (R11)."""

from typing import Any

import pytest

from apps.shared.json_documents import read_json

LONG = "1" + "0" * 5_000


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ('{"a": 1e999, "b": [-1e999], "c": 1.5}', {"a": "1e999", "b": ["-1e999"], "c": 1.5}),
        (f'{{"a": {LONG}, "sku": "x"}}', {"a": LONG, "sku": "x"}),
        ("[9007199254740993, 18446744073709551617, 0.1]", [9007199254740993, 18446744073709551617, 0.1]),
    ],
)
def test_number_that_no_program_holds_stays_a_text(text: str, read: Any) -> None:
    assert read_json(text) == read


@pytest.mark.parametrize("text", ["", "{", "NaN", "-Infinity", "[1,]", "1e"])
def test_what_is_no_json_is_said_so(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        read_json(text)
