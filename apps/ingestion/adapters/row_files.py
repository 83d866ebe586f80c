"""Rows of files, one after the other, with their numbers; a file of any size passes in little memory."""

import csv
import gzip
import io
import zlib
from collections.abc import Callable, Iterator
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
    """Return the format that the name of *path* tells, `.gz` behind it or not. Raises UnknownFormat."""
    name = path.with_suffix("") if _is_zipped(path) else path
    try:
        return _FORMATS[name.suffix.lower()]
    except KeyError:
        raise UnknownFormat(f"{path.name}: say --format csv, tsv, jsonl or parquet.") from None


def read_rows(path: Path, form: str, rename: Callable[[str], str] = str) -> Iterator[NumberedRow]:
    """Yield (number from 1, row, "") for what could be read, and (number, None, why not) for what could not.

    *rename* turns a column's name into the one that the row has.
    """
    rows = _parquet(path) if form == "parquet" else _lines(path, form)
    for number, row, problem in rows:
        yield number, row and {rename(name): value for name, value in row.items()}, problem


def _lines(path: Path, form: str) -> Iterator[NumberedRow]:
    number = 0
    try:
        for number, row, problem in _json_lines(path) if form == "jsonl" else _separated(path, form):
            yield number, row, problem
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        yield number + 1, None, f"the compressed file is broken from here on: {error}"


def _open(path: Path) -> gzip.GzipFile | io.BufferedReader:
    return gzip.open(path) if _is_zipped(path) else path.open("rb")


def _is_zipped(path: Path) -> bool:
    return path.suffix.lower() == ".gz"


def _separated(path: Path, form: str) -> Iterator[NumberedRow]:
    separator = "\t" if form == "tsv" else ","
    with _open(path) as raw, io.TextIOWrapper(raw, encoding="utf-8-sig", errors="replace", newline="") as lines:
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
    with _open(path) as lines:
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
