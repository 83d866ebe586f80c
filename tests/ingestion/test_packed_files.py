"""Packings and layouts that other programs choose: each ends with all of its rows, or with what to do about it (R9)."""

import bz2
import csv
import gzip
import io
import lzma
import resource
import tempfile
import time
import zipfile
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
import zstandard
from django.core.management import CommandError
from pyarrow import parquet

from apps.ingestion.adapters.row_files import RowFile, read_rows

PAIRS = ("--map", "userId=who", "timestamp=at", "properties.value=paid", "event='Order'", "type='track'")
NOON = datetime(2026, 5, 1, 12)  # noqa: DTZ001  as most files have it, without a zone
ROW = '{"who":"ann","at":"2026-05-01T12:00:00Z","paid":1.5}'
_OTHER = ROW.replace("ann", "bob")


def told(file: Path) -> list[tuple[str, str, str]]:
    """Return row, line and detail of what was not understood."""
    report = file.parent / f"{file.name}.rejected.csv"
    rows = csv.DictReader(report.read_text().splitlines()) if report.exists() else []
    return [(row["row"], row["line"], row["detail"]) for row in rows]


def write(file: Path, encoding: str, **columns: Any) -> Path:
    """Write *columns* beside two persons, whose ids are packed by *encoding*."""
    table = pa.table({"who": ["ann", "bob"], "at": [NOON, NOON], "paid": [1, 2], **columns})
    parquet.write_table(table, file, use_dictionary=False, column_encoding={"who": encoding}, compression="zstd")
    return file


@pytest.mark.parametrize("encoding", ["DELTA_BYTE_ARRAY", "DELTA_LENGTH_BYTE_ARRAY", "PLAIN"])
def test_texts_of_parquet_are_read_however_they_are_packed(run: Any, tmp_path: Path, encoding: str) -> None:
    """The second version of Parquet packs texts without a dictionary, as Spark and DuckDB can be told to write it."""
    file = write(tmp_path / "a.parquet", encoding)

    assert [event["userId"] for event in run(file, *PAIRS)] == ["ann", "bob"]
    assert told(file) == []


def test_text_of_differences_that_repeats_holds_nobody_up(run: Any, tmp_path: Path) -> None:
    """R11: a text that is the one before it takes a byte in the file."""
    many = 5_000
    who = pa.array(["x" * 400_000] * 100)
    table = pa.table({"who": pa.chunked_array([who] * (many // 100)), "at": [NOON] * many, "paid": [1] * many})
    file = tmp_path / "a.parquet"
    parquet.write_table(
        table, file, use_dictionary=False, column_encoding={"who": "DELTA_BYTE_ARRAY"}, compression="zstd"
    )
    del table, who
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

    assert run(file, *PAIRS) == []
    assert len(told(file)) == many
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 500_000  # kilobytes


def test_lists_of_differences_are_told(run: Any, tmp_path: Path) -> None:
    table = pa.table({"who": ["ann"], "at": [NOON], "paid": [["a", "b"]]})
    file = tmp_path / "a.parquet"
    packed = {"paid.list.element": "DELTA_BYTE_ARRAY"}
    parquet.write_table(table, file, use_dictionary=False, column_encoding=packed)

    with pytest.raises(CommandError, match="'paid' are packed as differences"):
        run(file, *PAIRS)


def test_amount_of_single_precision_is_what_was_written(run: Any, tmp_path: Path) -> None:
    """The nearest number of single precision, 1234.56005859375, is a hundredth of a cent more (R4)."""
    paid = pa.array([1234.56, float("nan")], pa.float32())
    file = write(tmp_path / "a.parquet", "PLAIN", paid=paid)

    (event,) = run(file, *PAIRS)

    assert event["properties"]["value"] == 1234.56
    assert [row for row, _, _ in told(file)] == ["2"]


def packed(content: bytes, by: str) -> bytes:
    """Return *content* packed *by* one of the programs that are known."""
    if by != "zip":
        return gzip.compress(content) if by == "gz" else zstandard.compress(content)
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as files:
        files.writestr("inside.parquet", content)
    return archive.getvalue()


@pytest.mark.parametrize("name", ["a.parquet.gz", "a.parquet.zst", "a.parquet.zip", "a.zip", "a.gz"])
def test_parquet_is_unpacked(run: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """It was called corrupted, although the form promises it."""
    beside = tmp_path / "beside"
    beside.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(beside))
    file = tmp_path / name
    file.write_bytes(packed(write(tmp_path / "plain", "PLAIN").read_bytes(), name.rpartition(".")[2]))

    assert [event["userId"] for event in run(file, *PAIRS)] == ["ann", "bob"]
    assert told(file) == []
    assert list(beside.iterdir()) == []


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (gzip.compress(b"PAR1" + bytes(400_000_000), 1), "a.parquet.gz has more than 250 MB unpacked: unpack it first"),
        (gzip.compress(b"PAR1" + bytes(range(256)) * 9_000, 1)[:-2_000], "a.parquet.gz cannot be unpacked"),
        (gzip.compress(b"PAR1" + bytes(100)), "a.parquet.gz is no Parquet file that can be read"),
    ],
    ids=["bomb", "broken off", "no Parquet"],
)
def test_parquet_that_cannot_be_unpacked_is_told(
    run: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: bytes, says: str
) -> None:
    """R11: a megabyte of zeros and nothing else would be gigabytes of a disk."""
    beside = tmp_path / "beside"
    beside.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(beside))
    file = tmp_path / "a.parquet.gz"
    file.write_bytes(content)
    began = time.process_time()

    with pytest.raises(CommandError, match=says):
        run(file, *PAIRS)

    assert time.process_time() - began < 5
    assert list(beside.iterdir()) == []


_SINGLE = pa.float32()


@pytest.mark.parametrize(
    ("kind", "value", "becomes"),
    [
        (pa.struct([("total", _SINGLE), ("rate", pa.float64())]), {"total": 98765.43, "rate": 0.1}, None),
        (pa.list_(_SINGLE), [98765.43, None, 0.1], None),
        (pa.list_(_SINGLE, 2), [98765.43, 1234.56], None),
        (pa.large_list(pa.struct([("total", _SINGLE)])), [{"total": 98765.43}, {"total": None}], None),
        (pa.struct([("lines", pa.list_(pa.struct([("total", _SINGLE)])))]), {"lines": [{"total": 98765.43}]}, None),
        (pa.map_(pa.string(), _SINGLE), [("total", 98765.43)], {"total": 98765.43}),
        (pa.struct([("total", _SINGLE)]), {"total": float("inf")}, {"total": "inf"}),
    ],
    ids=["struct", "list", "list of one length", "list of structs", "list in a struct", "map", "infinite"],
)
def test_amount_of_single_precision_is_what_was_written_however_deep(
    tmp_path: Path, kind: pa.DataType, value: Any, becomes: Any
) -> None:
    """R4: 98765.43 in a struct was read as 98765.4296875, the nearest number of single precision."""
    file = write(tmp_path / "a.parquet", "PLAIN", details=pa.array([value, None], kind))

    first, second = read_rows(file, RowFile("parquet"))

    assert (first.row or {})["details"] == (becomes or value)
    assert (second.row or {"details": ""})["details"] is None


@pytest.mark.parametrize("between", ["\n", "", "\r\n\r\n", " \n "])
def test_lists_one_below_the_other_are_all_read(run: Any, tmp_path: Path, between: str) -> None:
    """Streams write a list of events for each batch; all but the first list were lost without a word."""
    file = tmp_path / "a.json"
    file.write_text(f"[{ROW}]{between}[]{between}[{_OTHER},\n{ROW}]\n")

    assert [event["userId"] for event in run(file, *PAIRS)] == ["ann", "bob", "ann"]
    assert told(file) == []


@pytest.mark.parametrize(
    "value", ["NaN", "Infinity", "-Infinity", "1e999", "9" * 5_000, '"\\ud800"'], ids=lambda value: value[:9]
)
def test_row_of_a_list_that_is_no_json_is_told_as_it_is_on_a_line(run: Any, tmp_path: Path, value: str) -> None:
    """R9: its amount silently became nothing, and thousands of digits hid the rows behind it."""
    bad = ROW.replace("1.5", value)
    listed, lines = tmp_path / "a.json", tmp_path / "a.jsonl"
    listed.write_text(f"[{ROW},\n{bad},\n{_OTHER}]")
    lines.write_text(f"{ROW}\n{bad}\n{_OTHER}\n")

    assert [event["userId"] for event in run(listed, *PAIRS)] == ["ann", "bob"]
    assert [event["userId"] for event in run(lines, *PAIRS)] == ["ann", "bob"]
    assert told(listed) == told(lines)
    assert [(row, line) for row, line, _ in told(listed)] == [("2", "2")]


def test_what_stands_behind_a_list_is_told(run: Any, tmp_path: Path) -> None:
    file = tmp_path / "a.json"
    file.write_text(f"[{ROW}]\n\n{_OTHER}\n")

    assert [event["userId"] for event in run(file, *PAIRS)] == ["ann"]
    assert told(file) == [("2", "3", "Behind the list stands something else, which is not read.")]


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("a.csv.bz2", bz2.compress(b"who,at\nann,2026-05-01\n"), "packed by bzip2"),
        ("a.csv.xz", lzma.compress(b"who,at\nann,2026-05-01\n"), "packed by xz"),
        ("a.csv", b"7z\xbc\xaf\x27\x1c", "packed by 7-Zip"),
        ("a.parquet", b"PARE" + bytes(40) + b"PARE", "encrypted"),
    ],
)
def test_file_of_another_packing_says_what_to_do(
    run: Any, tmp_path: Path, name: str, content: bytes, says: str
) -> None:
    file = tmp_path / name
    file.write_bytes(content)

    with pytest.raises(CommandError, match=says):
        run(file, *PAIRS)
