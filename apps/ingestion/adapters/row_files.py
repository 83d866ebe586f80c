"""Rows of files, one after the other, with their numbers; a file of any size passes in little memory."""

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

NumberedRow = tuple[int, dict[str, Any] | None, str]
_FORMATS = {
    ".csv": "csv",
    ".tsv": "tsv",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".json": "jsonl",
    ".parquet": "parquet",
}


class UnknownFormat(ValueError):
    """The name of the file does not tell its format."""


def format_of(path: Path) -> str:
    """Return the format that the name of *path* tells. Raises UnknownFormat."""
    try:
        return _FORMATS[path.suffix.lower()]
    except KeyError:
        raise UnknownFormat(f"{path.name}: say --format csv, tsv, jsonl or parquet.") from None


def read_rows(path: Path, form: str) -> Iterator[NumberedRow]:
    """Yield (number from 1, row, "") for what could be read, and (number, None, why not) for what could not."""
    if form == "parquet":
        yield from _parquet(path)
    elif form == "jsonl":
        yield from _json_lines(path)
    else:
        yield from _separated(path, "\t" if form == "tsv" else ",")


def _separated(path: Path, separator: str) -> Iterator[NumberedRow]:
    with path.open(encoding="utf-8-sig", errors="replace", newline="") as lines:
        reader = csv.reader(lines, delimiter=separator)
        header = next(reader, [])
        number = 0
        while True:
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                number += 1
                yield number, None, str(error)
                continue
            number += 1
            if len(cells) == len(header):
                yield number, dict(zip(header, cells, strict=True)), ""
            elif cells:
                yield number, None, f"{len(cells)} cells where the header has {len(header)}"


def _json_lines(path: Path) -> Iterator[NumberedRow]:
    decode = msgspec.json.Decoder(dict[str, Any]).decode
    with path.open("rb") as lines:
        for number, line in enumerate(lines, 1):
            if not line.strip():
                continue
            try:
                yield number, decode(line), ""
            except (msgspec.MsgspecError, UnicodeError, RecursionError) as error:
                yield number, None, str(error)


def _parquet(path: Path) -> Iterator[NumberedRow]:
    from pyarrow import parquet

    number = 0
    with parquet.ParquetFile(path) as file:
        for part in file.iter_batches(batch_size=10_000):
            for row in part.to_pylist():
                number += 1
                yield number, {name: _plain(value) for name, value in row.items()}, ""


def _plain(value: Any) -> Any:
    return value.isoformat() if hasattr(value, "isoformat") else value
