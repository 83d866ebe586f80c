"""Files as spreadsheets, warehouses and strangers write them: read for what they are, or told why they cannot be."""

import codecs
import csv
import gzip
import io
import json
import zipfile
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
import zstandard
from django.core.management import CommandError
from pyarrow import parquet

from apps.ingestion.domain.row_words import FEWER_CELLS
from tests.fakes.event_log import MemoryLog

PAIRS = ("--map", "userId=who", "timestamp=at", "properties.value=paid", "event='Order'", "type='track'")
TEXT = "who,at,paid\nJörg,2026-05-01T12:00:00Z,1\nAda,2026-05-02T12:00:00Z,2\n"
LINES = '{"who":"Jörg","at":"2026-05-01T12:00:00Z","paid":1}\n{"who":"Ada","at":"2026-05-02T12:00:00Z","paid":2}\n'


def rejected(file: Path) -> list[dict[str, str]]:
    """Return the report of an import of *file*."""
    report = file.parent / f"{file.name}.rejected.csv"
    return list(csv.DictReader(report.read_text().splitlines())) if report.exists() else []


def zipped(name: str, text: str) -> bytes:
    """Return an archive that holds one file."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as files:
        files.writestr(name, text)
    return archive.getvalue()


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("plain.csv", TEXT.encode()),
        ("mark.csv", TEXT.encode("utf-8-sig")),
        ("excel.csv", TEXT.encode("utf-16")),
        ("big_endian.csv", TEXT.encode("utf-16-be")),
        ("semicolons.csv", TEXT.replace(",", ";").encode()),
        ("said.csv", ("sep=;\r\n" + TEXT.replace(",", ";").replace("\n", "\r\n")).encode()),
        ("tabs.csv", TEXT.replace(",", "\t").encode()),
        ("tabs.txt", TEXT.replace(",", "\t").encode()),
        ("old_mac.csv", TEXT.replace("\n", "\r").encode()),
        ("blank_lines.csv", ("\n\n" + TEXT.replace("\n", "\n\n")).encode()),
        ("index.csv", TEXT.replace("who", ",who").replace("Jö", "0,Jö").replace("Ada", "1,Ada").encode()),
        ("blanks.csv", TEXT.replace("who,at", " who , at ").encode()),
        ("not_named_so.csv", gzip.compress(TEXT.encode())),
        ("no_longer.csv.gz", TEXT.encode()),
        ("a.csv.zst", zstandard.compress(TEXT.encode())),
        ("a.csv.zip", zipped("inside.csv", TEXT)),
        ("a.zip", zipped("inside.csv", TEXT)),
        ("a.jsonl", LINES.encode()),
        ("mark.jsonl", LINES.encode("utf-8-sig")),
        ("wide.jsonl", LINES.encode("utf-16")),
        ("list.json", f"[\n  {LINES.strip().replace(chr(10), ',')}\n]".encode()),
        ("lines.csv", LINES.encode()),
        ("lines", LINES.encode()),
    ],
)
def test_file_is_read_for_what_it_is(run: Any, tmp_path: Path, name: str, content: bytes) -> None:
    file = tmp_path / name
    file.write_bytes(content)

    events = run(file, *PAIRS)

    assert [(event["userId"], str(event["properties"]["value"])) for event in events] == [("Jörg", "1"), ("Ada", "2")]
    assert rejected(file) == []


@pytest.mark.parametrize("text", [TEXT, '"who"' + TEXT[3:], LINES, f"[{LINES.strip().replace(chr(10), ',')}]"])
@pytest.mark.parametrize(
    ("mark", "written"), [(codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF8, "cp1252")]
)
def test_mark_at_the_beginning_is_no_part_of_a_name_whatever_encoding_is_said(
    run: Any, tmp_path: Path, text: str, mark: bytes, written: str
) -> None:
    file = tmp_path / "mark"
    file.write_bytes(mark + text.encode(written))

    assert [event["userId"] for event in run(file, *PAIRS, "--encoding", written)] == ["Jörg", "Ada"]
    assert rejected(file) == []


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("empty.csv", b"", "empty"),
        ("twice.csv", b"who,at,paid,who\na,2026-05-01,1,b\n", "'who' twice"),
        ("book.csv", zipped("xl/workbook.xml", "<workbook/>"), "Excel"),
        ("several.zip", b"", "several"),
        ("broken.parquet", b"PAR1 nothing PAR1", "Parquet"),
        ("other.csv", b"who;at,paid\xe4\na,b\n", "name the encoding, such as cp1252"),
        ("table.pdf", b"%PDF-1.7 \x00\x01", "let its name end in .csv, .tsv, .jsonl or .parquet"),
    ],
)
def test_file_that_cannot_be_read_is_told_why(run: Any, tmp_path: Path, name: str, content: bytes, told: str) -> None:
    file = tmp_path / name
    file.write_bytes(content)
    if name == "several.zip":
        with zipfile.ZipFile(file, "w") as files:
            files.writestr("a.csv", TEXT)
            files.writestr("b.csv", TEXT)

    with pytest.raises(CommandError, match=told):
        run(file, *PAIRS)


def test_file_without_rows_is_told_and_no_error(run: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "a.csv"
    file.write_text("who,at,paid\n")

    assert run(file, *PAIRS) == []
    assert "The file has no rows." in capsys.readouterr().out


def test_columns_that_become_one_name_are_told(run: Any, tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_text("Day,Cost,COST,Source\n2026-05-01,1,2,google\n")

    with pytest.raises(CommandError, match="'COST'"):
        run(file, "--mapping", "spend")


def test_letters_of_another_encoding_are_told_row_by_row_and_read_when_it_is_named(run: Any, tmp_path: Path) -> None:
    file = tmp_path / "western.csv"
    file.write_bytes(TEXT.encode("cp1252"))

    some = run(file, *PAIRS)
    report = rejected(file)
    whole = run(file, *PAIRS, "--encoding", "cp1252")

    assert [event["userId"] for event in some] == ["Ada"]
    assert [(row["row"], row["line"], row["reason"]) for row in report] == [("1", "2", "unreadable_row")]
    assert "name the encoding" in report[0]["detail"]
    assert [event["userId"] for event in whole] == ["Jörg", "Ada"]
    assert whole[1]["id"] == some[0]["id"]


def test_report_names_line_reason_and_the_row_itself(run: Any, tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_text(
        'who,at,paid\n"A\nB",2026-05-01,1\n=cmd(),tomorrow,1\n\nC,2026-05-01,"1,5"\nD,43303.86,1\nE,2026-05-01\n'
        '"F,2026-05-01,1\nG,2026-05-01,1\n'
    )

    events = run(file, *PAIRS)

    assert [event["userId"] for event in events] == ["A\nB", "G"]
    found = rejected(file)
    assert [(row["row"], row["line"], row["reason"]) for row in found] == [
        ("2", "4", "bad_time"),
        ("3", "6", "bad_amount"),
        ("4", "7", "too_old"),
        ("5", "8", "unreadable_row"),
        ("6", "9", "unreadable_row"),
    ]
    assert found[0]["content"] == "'=cmd(),tomorrow,1"  # no spreadsheet may run it
    assert "not closed" in found[4]["detail"]


@pytest.mark.parametrize(
    "opened",
    [
        '"Ada,2026-05-01,1',  # to the end of the file
        'Ada,2026-05-01,"1',  # in the last cell, where the number of cells is right
        'Ada,"2026-05-01,1',
    ],
)
@pytest.mark.parametrize(
    "below", ["", 'Eve,2026-05-03,"1"\nFay,2026-05-03,1\n'], ids=["no quote below", "a quote below"]
)
def test_quote_that_is_not_closed_costs_its_own_line_and_no_other(
    run: Any, tmp_path: Path, opened: str, below: str
) -> None:
    many = [f"p-{number},2026-05-02,1" for number in range(8_000)]  # more than a cell may hold
    file = tmp_path / "a.csv"
    file.write_text("who,at,paid\nJörg,2026-05-01,1\n" + opened + "\n" + "\n".join(many[:9]) + "\n" + below)
    long = tmp_path / "long.csv"
    long.write_text("who,at,paid\nJörg,2026-05-01,1\n" + opened + "\n" + "\n".join(many) + "\n")

    some, all_of_them = run(file, *PAIRS), run(long, *PAIRS)

    whole = ["Jörg", *(f"p-{number}" for number in range(9)), *(["Eve", "Fay"] if below else [])]
    assert [event["userId"] for event in some] == whole
    assert len(all_of_them) == 8_001
    for report in (rejected(file), rejected(long)):
        assert [(row["line"], row["reason"]) for row in report] == [("3", "unreadable_row")]
        assert "not closed" in report[0]["detail"]
        assert report[0]["content"].strip("'") == opened


def test_each_of_two_quotes_that_are_not_closed_costs_its_own_line(run: Any, tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_text('who,at,paid\nJörg,2026-05-01,1\n"Ada,2026-05-01,1\n"Eve,2026-05-01,1\nGrace,2026-05-01,1\n')

    assert [event["userId"] for event in run(file, *PAIRS)] == ["Jörg", "Grace"]
    assert [(row["line"], row["reason"]) for row in rejected(file)] == [(line, "unreadable_row") for line in "34"]


@pytest.mark.parametrize(
    ("row", "who"),
    [
        ('"a"b,2026-05-01,1\n', "ab"),
        ('a"b,2026-05-01,1\n', 'a"b'),
        ('"a\n""b"", c",2026-05-01,1\n', 'a\n"b", c'),
        ('"a\nb",2026-05-01,"1"0\n', "a\nb"),
        ('"' + "a\n" * 150 + '",2026-05-01,1\n', "a\n" * 150),
    ],
    ids=["text behind a quote", "quote in plain text", "doubled", "odd cell of another line", "many lines"],
)
def test_quotes_that_are_closed_cost_nothing(run: Any, tmp_path: Path, row: str, who: str) -> None:
    file = tmp_path / "a.csv"
    file.write_text("who,at,paid\n" + row + "Ada,2026-05-01,1\n")

    assert [event["userId"] for event in run(file, *PAIRS)] == [who, "Ada"]
    assert rejected(file) == []


def test_text_of_several_lines_in_a_cell_stays_one_row(run: Any, tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_text('who,at,paid\n"x,2026-05-01,1\ny,2026-05-01,1\n",2026-05-01,1\n"z\nz",2026-05-01\n')

    (event,) = run(file, *PAIRS)

    assert event["userId"] == "x,2026-05-01,1\ny,2026-05-01,1\n"
    assert [(row["line"], row["detail"]) for row in rejected(file)] == [
        ("5", f"2 cells where the header has 3, to line 6. {FEWER_CELLS}")
    ]


def test_decimal_commas_and_times_of_another_form_are_read_when_said(run: Any, tmp_path: Path) -> None:
    file = tmp_path / "deutsch.csv"
    file.write_text('who;at;paid\na;31.05.2026 14:30;"1.234,56"\nb;05/31/2026;12,5\nc;01.06.2026 00:00;-3\n')

    events = run(file, *PAIRS, "--decimal-comma", "--time-format", "%d.%m.%Y %H:%M", "--time-zone", "Europe/Berlin")

    assert [(event["timestamp"], event["properties"]["value"]) for event in events] == [
        ("2026-05-31T14:30:00+02:00", "1234.56"),
        ("2026-06-01T00:00:00+02:00", "-3"),
    ]
    assert [(row["line"], row["reason"]) for row in rejected(file)] == [("3", "bad_time")]


def test_days_of_a_spreadsheet_are_read_when_said(run: Any, tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_text("who,at,paid\na,46143.5,1\n")

    (event,) = run(file, *PAIRS, "--time-format", "excel")

    assert event["timestamp"] == "2026-05-01T12:00:00"


def test_parquet_of_any_type_is_read(run: Any, tmp_path: Path) -> None:
    moment = pa.array([1777636800000000123, 1777636800123456789], pa.timestamp("ns", tz="Europe/Berlin"))
    table = pa.table(
        {
            "who": pa.array(["a", "b"], pa.large_string()),
            "at": moment,
            "paid": pa.array([Decimal("1.50"), Decimal("2")], pa.decimal128(10, 2)),
            "kind": pa.array(["x", "y"]).dictionary_encode(),
            "deep": pa.array([{"a": {"b": [1, 2]}, "t": datetime(2026, 1, 1, tzinfo=UTC)}, None]),
            "many": pa.array([[("k", 1)], None], pa.map_(pa.string(), pa.int64())),
            "day": pa.array([20574, None], pa.date32()),
            "plain": moment.cast(pa.timestamp("ns")),
            "wrong": pa.array([float("nan"), float("inf")]),
            "bytes": pa.array([b"\xff", None]),
        }
    )
    file = tmp_path / "a.parquet"
    parquet.write_table(table, file)
    more = [f"properties.{name}={name}" for name in table.column_names[3:]]

    events = run(file, *PAIRS, *more)

    assert rejected(file) == []
    assert [event["timestamp"][:23] for event in events] == ["2026-05-01T14:00:00+02:", "2026-05-01T14:00:00.123"]
    assert events[0]["properties"] == {
        "value": "1.50",
        "kind": "x",
        "deep": {"a": {"b": [1, 2]}, "t": "2026-01-01T00:00:00Z"},
        "many": {"k": 1},
        "day": "2026-05-01",
        "plain": events[0]["properties"]["plain"],
        "wrong": "NaN",
        "bytes": "/w==",
    }


def test_zip_bombs_and_endless_lines_end_as_rows_not_in_memory(run: Any, tmp_path: Path) -> None:
    file = tmp_path / "a.csv.gz"
    with gzip.open(file, "wb") as lines:
        lines.write(b"who,at,paid\na,2026-05-01,1\n")
        for _ in range(64):
            lines.write(b"x" * 1_000_000)
        lines.write(b"\nb,2026-05-01,1\n")

    events = run(file, *PAIRS)

    assert [event["userId"] for event in events] == ["a", "b"]
    assert [(row["line"], row["reason"]) for row in rejected(file)] == [("3", "unreadable_row")]


@pytest.mark.parametrize("indent", [1, 2, "\t"])
def test_list_that_is_written_for_eyes_is_a_list(run: Any, tmp_path: Path, indent: int | str) -> None:
    """As `json.dumps(rows, indent=2)` and most buttons named "Export" write it."""
    file = tmp_path / "list.json"
    file.write_text(json.dumps([json.loads(line) for line in LINES.splitlines()], indent=indent))

    assert [event["userId"] for event in run(file, *PAIRS)] == ["Jörg", "Ada"]
    assert rejected(file) == []


@pytest.mark.parametrize("held", ['{"sku":"a","size":4}', '"{\\"sku\\":\\"a\\",\\"size\\":4}"'], ids=["object", "text"])
def test_members_of_an_object_come_in_its_place_however_it_is_held(run: Any, tmp_path: Path, held: str) -> None:
    file = tmp_path / "a.jsonl"
    file.write_text(f'{{"who":"Ada","at":"2026-05-01T12:00:00Z","details":{held}}}\n')
    mapping = tmp_path / "m.yaml"
    mapping.write_text(
        "events: [{type: track, event: E, userId: '{who}', timestamp: '{at}', properties: {'*': '{details}'}}]"
    )

    assert run(file, "--mapping", str(mapping))[0]["properties"] == {"sku": "a", "size": 4}


def test_event_beyond_the_limit_of_the_door_is_told_and_what_is_large_goes_in_parts(
    run: Any, tmp_path: Path, log: MemoryLog
) -> None:
    """R9, R12: a file of large texts was one entry that no log takes, and the import came again for ever."""
    file = tmp_path / "a.jsonl"
    sizes = [30_000] * 40 + [40_000]
    lines = (f'{{"who":"p","at":"2026-05-01T12:00:0{n % 10}Z","paid":1,"note":"{"x" * n}"}}\n' for n in sizes)
    file.write_text("".join(lines))

    assert len(run(file, *PAIRS, "properties.note=note")) == 40
    assert [(row["row"], row["reason"]) for row in rejected(file)] == [("41", "too_large")]
    assert max(len(entry.body) for entry in log.entries.values()) < 600_000
