"""One click, install or event in two exports counts once: ids come from the instant that was read (R2)."""

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from pyarrow import parquet

from tests.ingestion.test_vendor_exports import ANN, APPSFLYER, TOUCHED, write

DASHBOARD = [
    "appsflyer-1-ann-click-tiktokglobal_int-2026-05-01 10:00:00",
    "appsflyer-1-ann-impression-Facebook Ads-2026-04-30 09:00:00",
    "appsflyer-1-ann-install-2026-05-01 10:05:00",
]
SHOP = ["--map", "userId=who", "timestamp=at", "type='track'", "event=what"]


def ids(events: list[dict[str, Any]]) -> list[str]:
    """Return the message ids of *events*."""
    return [event["id"] for event in events]


def appsflyer(file: Path, ending: str, **other: str) -> Path:
    """Write an install whose times end so."""
    row = ANN | TOUCHED | {"Event Name": "install", "Event Time": "2026-05-01 10:05:00"} | other
    return write(file, APPSFLYER, [{name: f"{cell}{ending}" if "Time" in name else cell for name, cell in row.items()}])


@pytest.mark.parametrize("ending", ["", ".000", ".123", " UTC", "Z", ".000000+00:00"])
def test_appsflyer_row_of_any_export_is_one(run: Any, tmp_path: Path, ending: str) -> None:
    """The dashboard writes whole seconds, Data Locker writes more; what the dashboard brought keeps its id."""
    assert ids(run(appsflyer(tmp_path / "a.csv", ending), "--mapping", "appsflyer")) == DASHBOARD


def test_appsflyer_row_in_the_zone_of_the_app_is_the_one_in_utc(run: Any, tmp_path: Path) -> None:
    local = {
        "Attributed Touch Time": "2026-05-01 12:00:00",
        "Install Time": "2026-05-01 12:05:00",
        "Contributor 1 Touch Time": "2026-04-30 11:00:00",
    }
    file = appsflyer(tmp_path / "a.csv", "", **local)

    assert ids(run(file, "--mapping", "appsflyer", "--time-zone", "Europe/Berlin")) == DASHBOARD


def test_appsflyer_events_without_an_id_are_one_in_each_export(run: Any, tmp_path: Path) -> None:
    bought = ANN | {"Event Name": "af_purchase", "Event Revenue": "5", "Event Revenue Currency": "EUR"}
    short, long = (bought | {"Event Time": f"2026-05-03 12:00:00{ending}"} for ending in ("", ".000"))

    first = run(write(tmp_path / "dashboard.csv", APPSFLYER, [short, short]), "--mapping", "appsflyer")
    again = run(write(tmp_path / "locker.csv", APPSFLYER, [long, long]), "--mapping", "appsflyer")

    assert ids(first) == ids(again)
    assert len(set(ids(first))) == 2


@pytest.mark.parametrize("times", [("1777629600", "1777629500"), ("2026-05-01T10:00:00Z", "2026-05-01T09:58:20Z")])
@pytest.mark.parametrize("fraction", ["", ".000", ".25"])
def test_adjust_row_of_any_export_is_one(run: Any, tmp_path: Path, times: tuple[str, str], fraction: str) -> None:
    installed, clicked = (f"{at[:-1]}{fraction}Z" if at.endswith("Z") else f"{at}{fraction}" for at in times)
    file = tmp_path / "adjust.csv"
    file.write_text(
        "{activity_kind},{created_at},{adid},{installed_at},{click_time},{network_name}\n"
        f"install,{installed},a1,{installed},{clicked},Search\n"
    )

    assert ids(run(file, "--mapping", "adjust")) == ["adjust-a1-click-1777629500", "adjust-a1-install-1777629600"]


@pytest.mark.parametrize(
    "at",
    ["2026-05-01T10:00:00Z", "2026-05-01 10:00:00", "2026-05-01 10:00:00.000", "2026-05-01T12:00+02:00", "1777629600"],
)
def test_row_of_a_mapping_of_ones_own_is_one_however_its_time_is_written(run: Any, tmp_path: Path, at: str) -> None:
    made, named = tmp_path / "made.csv", tmp_path / "named.csv"
    made.write_text(f"who,at,what\nann,{at},Sale\n")
    named.write_text(f"who,at,what\nann,{at},Sale\n")

    (usual,) = run(tmp_path / "made.csv", *SHOP)
    own = tmp_path / "own.yaml"
    own.write_text('events: [{type: track, event: Sale, userId: "{who}", messageId: "{who}-{at}", timestamp: "{at}"}]')
    (said,) = run(named, "--mapping", str(own))
    made.write_text("who,at,what\nann,2026-05-01T10:00:00Z,Sale\n")
    (first,) = run(made, *SHOP)

    assert said["id"] == "ann-2026-05-01T10:00:00Z"
    assert usual["id"] == first["id"]


def test_row_is_the_same_from_csv_json_and_parquet(run: Any, tmp_path: Path) -> None:
    lines, columns, table = tmp_path / "a.csv", tmp_path / "a.jsonl", tmp_path / "a.parquet"
    lines.write_text("who,at,what\nann,2026-05-01 10:00:00.5,Sale\n")
    columns.write_text(json.dumps({"who": "ann", "at": "2026-05-01T10:00:00.500Z", "what": "Sale"}) + "\n")
    moment = pa.array([1777629600500], pa.timestamp("ms", tz="UTC"))
    parquet.write_table(pa.table({"who": ["ann"], "at": moment, "what": ["Sale"]}), table)

    assert len({run(file, *SHOP)[0]["id"] for file in (lines, columns, table)}) == 1


def test_rows_of_two_instants_stay_two(run: Any, tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_text("who,at,what\nann,2026-05-01 10:00:00.001,Sale\nann,2026-05-01 10:00:00.002,Sale\n")

    assert len(set(ids(run(file, *SHOP)))) == 2
