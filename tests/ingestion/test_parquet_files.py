"""Parquet as other programs write it: a cell that cannot be read costs its row, and a small file never much memory."""

import csv
import resource
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from django.core.management import CommandError
from pyarrow import parquet

PAIRS = ("--map", "userId=who", "timestamp=at", "properties.details=details", "event='Order'", "type='track'")
NOON = datetime(2026, 5, 1, 12)  # noqa: DTZ001  as most files have it, without a zone
TIMES = pa.timestamp("ns")
WORDS = pa.struct([("name", pa.string()), ("code", pa.binary())])


def told(file: Path) -> list[tuple[str, str]]:
    """Return row and detail of what was not understood."""
    report = file.parent / f"{file.name}.rejected.csv"
    rows = csv.DictReader(report.read_text().splitlines()) if report.exists() else []
    return [(row["row"], row["detail"]) for row in rows]


def write(file: Path, **columns: Any) -> Path:
    """Write *columns* beside two persons and their times."""
    whole = {"who": ["ann", "bob"], "at": pa.array([NOON, NOON], pa.timestamp("us")), **columns}
    parquet.write_table(pa.table(whole), file, compression="zstd")
    return file


@pytest.mark.parametrize("kind", [pa.binary(), pa.large_binary(), pa.binary(3)], ids=str)
def test_text_without_the_mark_of_a_text_is_a_text(run: Any, tmp_path: Path, kind: pa.DataType) -> None:
    """Older writers say of no column that its bytes are letters: an id must be the id that clients send."""
    file = write(tmp_path / "a.parquet", who=pa.array([b"ann", b"\xff\x00\x01"], kind))

    assert [event["userId"] for event in run(file, *PAIRS[:3], *PAIRS[4:])] == ["ann", "/wAB"]


@pytest.mark.parametrize(
    ("details", "becomes"),
    [
        (pa.array([[("color", "red")], []], pa.map_(pa.string(), pa.string())), {"color": "red"}),
        (pa.array([[("first", NOON)], None], pa.map_(pa.string(), TIMES)), {"first": "2026-05-01T12:00:00"}),
        (pa.array([{"name": "a", "code": b"b"}, None], WORDS), {"name": "a", "code": "b"}),
        (pa.array([[NOON], None], pa.list_(TIMES, 1)), ["2026-05-01T12:00:00"]),
    ],
    ids=["map", "map of times", "struct", "list of one length"],
)  # fmt: skip
def test_what_is_nested_keeps_its_names(run: Any, tmp_path: Path, details: pa.Array, becomes: Any) -> None:
    assert run(write(tmp_path / "a.parquet", details=details), *PAIRS)[0]["properties"]["details"] == becomes


@pytest.mark.parametrize(
    "cells",
    [
        {"at": pa.array([400_000_000_000_000, 1_777_636_800_000], pa.timestamp("ms"))},
        {"at": pa.array([2**30, 20_574], pa.int32()).cast(pa.date32())},
        {"who": pa.Array.from_buffers(pa.string(), 2, pa.array([b"\xff\xfe", b"bob"]).buffers())},
    ],
    ids=["far time", "far day", "no letters"],
)
def test_cell_that_cannot_be_read_costs_its_row_alone(run: Any, tmp_path: Path, cells: dict[str, Any]) -> None:
    """R9: the rows before and behind it are events, and the report names the one that is none."""
    file = write(tmp_path / "a.parquet", **cells)

    assert [event["userId"] for event in run(file, *PAIRS[:3], *PAIRS[4:])] == ["bob"]
    assert [row for row, _detail in told(file)] == ["1"]


def test_number_that_is_none_is_told_as_in_a_file_of_texts(run: Any, tmp_path: Path) -> None:
    """R9: an amount of inf, -inf or NaN silently became no amount, and its event an order without value."""
    paid = [float("inf"), float("-inf"), float("nan"), 2.5, None]
    who = [f"p{place}" for place in range(len(paid))]
    noon = pa.array([NOON] * len(paid), pa.timestamp("us"))
    deep = pa.array([{"a": [one]} for one in paid])
    packed = write(tmp_path / "a.parquet", who=who, at=noon, paid=pa.array(paid), details=deep)
    texts = tmp_path / "a.csv"
    lines = [
        f"{one},{NOON.isoformat()},{said}" for one, said in zip(who, ("inf", "-inf", "NaN", "2.5", ""), strict=True)
    ]
    texts.write_text("\n".join(["who,at,paid", *lines]))
    pairs = [*PAIRS[:3], *PAIRS[4:], "properties.value=paid"]

    of_texts = [event["userId"] for event in run(texts, *pairs)]
    events = run(packed, *pairs, "properties.details=details")

    assert [event["userId"] for event in events] == of_texts
    assert told(packed) == told(texts)
    assert [row for row, _detail in told(packed)] == ["1", "2", "3"]
    assert events[-1]["properties"]["details"] == {"a": [None]}


def test_time_of_a_zone_that_nobody_knows_is_its_instant(run: Any, tmp_path: Path) -> None:
    moment = pa.array([datetime(2026, 5, 1, 12, tzinfo=UTC)] * 2, pa.timestamp("us", tz="Mars/Phobos"))
    events = run(write(tmp_path / "a.parquet", at=moment), *PAIRS[:3], *PAIRS[4:])

    assert [event["timestamp"] for event in events] == ["2026-05-01T12:00:00+00:00"] * 2


@pytest.mark.parametrize("is_nested", [False, True])
def test_text_that_is_repeated_a_million_times_holds_nobody_up(run: Any, tmp_path: Path, *, is_nested: bool) -> None:
    """R11: a few kilobytes that say the same text again and again were gigabytes of memory."""
    many = 20_000
    text = pa.DictionaryArray.from_arrays(pa.array([0] * many, pa.int32()), pa.array(["x" * 1_500_000]))
    details = pa.ListArray.from_arrays(pa.array([0, many - 1, many], pa.int32()), text) if is_nested else text
    ids = pa.array(["ann", "bob"] if is_nested else ["ann"] * many)
    file = write(tmp_path / "a.parquet", who=ids, at=pa.array([NOON] * len(ids), pa.timestamp("us")), details=details)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss

    assert run(file, *PAIRS) == []
    assert len(told(file)) == len(ids)
    assert "1,000,000 bytes" in told(file)[0][1]
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 500_000  # kilobytes


def test_list_that_repeats_one_number_a_billion_times_is_refused(run: Any, tmp_path: Path) -> None:
    """R11: so many equal numbers are a few bytes in the file, and all of the memory outside of it."""
    numbers = pa.ListArray.from_arrays(pa.array([0, 1, 30_000_000], pa.int32()), pa.array([7] * 30_000_000, pa.int8()))

    with pytest.raises(CommandError, match="details"):
        run(write(tmp_path / "a.parquet", details=numbers), *PAIRS)
