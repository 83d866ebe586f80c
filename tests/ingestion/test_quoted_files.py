"""Quotes in separated text: whatever stands open, rows are told as trying each of them tells, and in linear time."""

import csv
import gzip
import random
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from apps.ingestion.adapters.row_files import NumberedRow, RowFile, UnreadableFile, read_rows

_SHAPES = ('1,2', 'z","w', '1,z","w', '12" p,"3', '"a,b', 'a,"b', 'b",c', '"', 'a,"b"', '"a"x,b', "", "1,2,3", ",",
           '"x""y,1', 'q"",2', '","', '","a\rb",c', '1,"2"')  # fmt: skip


def read(folder: Path, text: str, name: str = "a.csv") -> list[NumberedRow]:
    """Return the rows of a file that holds *text*."""
    file = folder / name
    file.write_bytes(gzip.compress(text.encode()) if name.endswith(".gz") else text.encode())
    return list(read_rows(file, RowFile("csv")))


def tried(text: str, cells: int) -> Iterator[tuple[int, list[str] | None]]:
    """Yield the line and the cells of each row below the header: none of one whose quote is open or swallows rows."""
    lines = text.splitlines(keepends=True)
    place = 1
    while place < len(lines):
        below = iter(lines[place:])
        row = next(csv.reader(below))
        taken = lines[place : len(lines) - len(list(below))]
        is_open = not _is_strict([*taken], cells, is_loose=True)
        if row and (is_open or (len(taken) > 1 and _has_swallowed(taken, cells))):
            yield place + 1, None
            place += 1
            continue
        if row:
            yield place + 1, row if len(row) == cells else []
        place += len(taken)


def _has_swallowed(taken: list[str], cells: int) -> bool:
    closing = taken[-1].replace('""', "  ")
    ends_a_cell = closing[closing.find('"') + 1 :][:1] in ("", ",", "\r", "\n")
    return not _is_strict(taken, cells) and (_is_strict(taken[1:], cells) or not ends_a_cell)


def _is_strict(lines: list[str], cells: int, *, is_loose: bool = False) -> bool:
    """Tell whether *lines* are rows of so many cells; if *is_loose*, whether their quotes are closed at all."""
    try:
        if is_loose:
            return len(list(csv.reader([*lines, "end\n"]))) == 2
        return all(len(row) == cells for row in csv.reader(lines, strict=True) if row)
    except csv.Error:
        return False


@pytest.mark.parametrize("seed", range(20))
def test_rows_are_what_trying_each_line_makes_of_them(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    for _ in range(100):
        lines = chance.choices(_SHAPES, k=chance.randrange(1, 30))
        text = "h,i\n" + "".join(line + chance.choice(["\n", "\r\n", "\r"]) for line in lines)

        told = read(tmp_path, text)

        found = [(one.line, list(one.row.values()) if one.row else None) for one in told if "cells" not in one.problem]
        assert found == [(line, row) for line, row in tried(text, 2) if row != []], text
        assert [one.number for one in told] == list(range(1, len(told) + 1))
        assert len(told) == len(list(tried(text, 2)))


@pytest.mark.parametrize(
    "text",
    [
        '2026-11-01,z","w\n' * 20_000,
        '12" pipe,"3\n' * 20_000,
        '2026-11-01,z","w\n' * 20_000 + 'x"q,y\n',
        '2026-11-01,z","w\n' * 20_000 + '""' * 200_000 + 'x"q,y\n',
        '"a,b\n' * 20_000,
        '"a,b\n1,2\n' * 10_000,
        ('1,z","w' + "x" * 900 + "\n") * 20_000,
        '"' + "\n" * 400_000,
    ],
    ids=["quotes", "inches", "closed", "closed far behind", "opened", "every other", "long lines", "empty lines"],
)
def test_quotes_that_stay_open_take_no_time_of_the_lines_below(tmp_path: Path, text: str) -> None:
    """R11: each of them was looked for in all of the rest: 4,000 lines were seconds, a megabyte was hours."""
    began = time.process_time()

    told = read(tmp_path, "h,i\n" + text)

    assert time.process_time() - began < 5
    assert told[0].line == 2
    assert told[0].row is None


def test_cell_is_as_long_as_a_row_may_be(tmp_path: Path) -> None:
    long, lines = "x" * 900_000, "y\n" * 450_000

    told = read(tmp_path, f'h,i\n1,{long}\n2,"{lines}"\n3,4\n')

    assert [(one.row or {}).get("i") for one in told] == [long, lines, "4"]


def test_quotes_of_more_than_a_row_cost_their_line_alone(tmp_path: Path) -> None:
    told = read(tmp_path, 'h,i\n1,"a\n' + "2,b\n" * 300_000 + '3,c"\n4,d\n')

    assert [one.line for one in told if one.row is None] == [2]
    assert [told[-1].row, told[-1].line] == [{"h": "4", "i": "d"}, 300_004]


def test_line_that_is_too_long_below_an_open_quote_is_told_itself(tmp_path: Path) -> None:
    told = read(tmp_path, 'h,i\n1,"a\n2,b\n3,' + "x" * 1_000_000 + "\n4,d\n")

    assert [(one.line, one.row is None) for one in told] == [(2, True), (3, False), (4, True), (5, False)]
    assert "not closed" in told[0].problem
    assert "longer than 1,000,000" in told[2].problem


def test_rows_below_an_open_quote_are_read_up_to_where_the_file_is_broken(tmp_path: Path) -> None:
    chance = random.Random(1)
    rows = "".join(f"{chance.random()},b\n" for _ in range(20_000))
    file = tmp_path / "a.csv.gz"
    file.write_bytes(gzip.compress(f'h,i\n1,"a\n{rows}'.encode())[:-1_000])

    told = list(read_rows(file, RowFile("csv")))

    assert len(told) > 15_000
    assert [place for place, one in enumerate(told) if one.row is None] == [0, len(told) - 1]
    assert "broken from here on" in told[-1].problem


def test_header_whose_quote_is_open_is_no_longer_than_a_row(tmp_path: Path) -> None:
    """R11: packed, gigabytes of such lines are a few kilobytes."""
    with pytest.raises(UnreadableFile, match="longer than 1,000,000"):
        read(tmp_path, 'h,z","w\n' * 200_000, "a.csv.gz")
