"""Files: through the same checks and the same log, repeatable without doubling."""

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from django.core.management import CommandError
from pyarrow import parquet

from apps.ingestion.domain.mapping import BadMapping, parse_mapping, parse_pairs

JOURNEYS = """customer_id,time,interaction,conversion,conversion_value,channel
A1,2018-07-22T20:40:41Z,impression,0,0,Online Display
A1,2018-07-23T20:40:41Z,conversion,1,6.5,Paid Search
A1,2018-07-22T20:40:41Z,impression,0,0,Online Display
A2,yesterday,impression,0,0,Facebook
A3,2018-07-22T20:40:41Z
"""


@pytest.mark.parametrize("word", ["1", "1.0", "true", "Yes"])
def test_conversion_of_journeys_is_one_however_it_is_written(run: Any, tmp_path: Path, word: str) -> None:
    file = tmp_path / "journeys.csv"
    file.write_text(
        "customer_id,time,interaction,conversion,conversion_value,channel\n"
        f"ann,2026-05-01 10:00:00,click,{word},9,Search\n"
        "bob,2026-05-01 10:00:00,click,0,0,Search\n"
    )

    events = run(file, "--mapping", "journeys")

    assert [one["kind"] for one in events].count("track") == 1


def test_journeys_become_touchpoints_and_conversions(run: Any, tmp_path: Path) -> None:
    file = tmp_path / "journeys.csv"
    file.write_text(JOURNEYS)

    events = run(file, "--mapping", "journeys")

    assert [(event["kind"], event["userId"]) for event in events] == [
        ("click", "A1"),
        ("click", "A1"),
        ("track", "A1"),
        ("click", "A1"),
    ]
    assert events[0]["context"]["campaign"] == {"source": "Online Display", "channel": "Online Display"}
    assert (events[2]["event"], events[2]["properties"]) == ("Conversion", {"value": "6.5"})
    assert len({event["id"] for event in events}) == 4
    report = (tmp_path / "journeys.csv.rejected.csv").read_text().splitlines()
    assert [line.split(",")[:3] for line in report[1:]] == [["4", "bad_time", "timestamp"], ["5", "unreadable_row", ""]]


def test_same_file_again_gives_the_same_ids(run: Any, tmp_path: Path) -> None:
    file = tmp_path / "journeys.csv"
    file.write_text(JOURNEYS)

    first, second = run(file, "--mapping", "journeys"), run(file, "--mapping", "journeys")

    assert [event["id"] for event in first] == [event["id"] for event in second]


def test_json_lines_and_parquet_take_a_mapping_of_columns(run: Any, tmp_path: Path) -> None:
    rows = [{"who": "ann", "what": "Order", "at": "2026-05-01T12:00:00Z", "paid": 5, "key": "k-1"}]
    lines, columns = tmp_path / "a.jsonl", tmp_path / "a.parquet"
    lines.write_text("\n".join([json.dumps(rows[0]), "{broken"]))
    parquet.write_table(pa.Table.from_pylist(rows), columns)
    pairs = ["userId=who", "event=what", "timestamp=at", "properties.value=paid", "messageId=key", "type='track'"]

    for file in (lines, columns):
        (event,) = run(file, "--map", *pairs)

        assert (event["id"], event["kind"], event["properties"]) == ("k-1", "track", {"value": 5})


def test_lines_of_segments_own_shape_need_no_mapping(run: Any, tmp_path: Path) -> None:
    file = tmp_path / "a.jsonl"
    file.write_text(json.dumps({"type": "page", "anonymousId": "a", "messageId": "m"}))

    assert [(event["id"], event["kind"]) for event in run(file)] == [("m", "page")]


@pytest.mark.parametrize("options", [["--map", "nonsense=x"], [], ["--mapping", "none.yaml"]])
def test_mapping_that_cannot_work_is_told(run: Any, tmp_path: Path, options: list[str]) -> None:
    file = tmp_path / "a.csv"
    file.write_text("a\n1\n")

    with pytest.raises(CommandError):
        run(file, *options)


def test_mappings_are_checked() -> None:
    for document in ({"events": [{"colour": "{a}"}]}, {"events": [{"when": "a"}]}, {"events": [{}], "names": "any"}):
        with pytest.raises(BadMapping):
            parse_mapping(document)
    assert parse_pairs(["context.campaign.source=channel", "type='click'"]).templates == [
        {"context": {"campaign": {"source": "{channel}"}}, "type": "click"}
    ]
