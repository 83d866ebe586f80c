"""Raw-data exports of AppsFlyer and Adjust, with their documented columns, become touchpoints and conversions."""

import csv
import gzip
import io
import json
from pathlib import Path
from typing import Any

import pytest

from apps.ingestion.domain.ports import LogUnavailable
from tests.fakes.event_log import MemoryLog

APPSFLYER = (Path(__file__).parent / "appsflyer_columns.csv").read_text().strip().split(",")
ANN = {"AppsFlyer ID": "1-ann", "Customer User ID": "ann", "Platform": "android", "IP": "203.0.113.7"}
TOUCHED = {
    "Attributed Touch Type": "click",
    "Attributed Touch Time": "2026-05-01 10:00:00",
    "Install Time": "2026-05-01 10:05:00",
    "Media Source": "tiktokglobal_int",
    "Campaign": "spring",
    "Contributor 1 Media Source": "Facebook Ads",
    "Contributor 1 Touch Type": "impression",
    "Contributor 1 Touch Time": "2026-04-30 09:00:00",
}


def write(file: Path, columns: list[str], rows: list[dict[str, str]]) -> Path:
    """Write *rows* as a CSV file with every column, compressed where the name says so."""
    lines = io.StringIO()
    writer = csv.DictWriter(lines, columns, restval="")
    writer.writeheader()
    writer.writerows(rows)
    text = lines.getvalue().encode()
    file.write_bytes(gzip.compress(text) if file.suffix == ".gz" else text)
    return file


def brief(events: list[dict[str, Any]]) -> list[tuple[Any, ...]]:
    """Return kind, name, time and source of events."""
    return [
        (
            event["kind"],
            event.get("event", ""),
            event["timestamp"],
            event["context"].get("campaign", {}).get("source", ""),
        )
        for event in events
    ]


def test_appsflyer_installs_bring_their_touches(run: Any, tmp_path: Path) -> None:
    paid = ANN | TOUCHED | {"Event Name": "install", "Event Time": "2026-05-01 10:05:00"}
    organic = {
        "AppsFlyer ID": "2-bob",
        "Event Name": "install",
        "Install Time": "2026-05-02 08:00:00",
        "Media Source": "organic",
    }
    file = write(tmp_path / "installs.csv", APPSFLYER, [paid, organic])

    events = run(file, "--mapping", "appsflyer")

    assert brief(events) == [
        ("click", "", "2026-05-01 10:00:00", "tiktokglobal_int"),
        ("impression", "", "2026-04-30 09:00:00", "Facebook Ads"),
        ("track", "Application Installed", "2026-05-01 10:05:00", ""),
        ("track", "Application Installed", "2026-05-02 08:00:00", ""),
    ]
    assert [event["id"] for event in events[:3]] == [
        "appsflyer-1-ann-click-tiktokglobal_int-2026-05-01 10:00:00",
        "appsflyer-1-ann-impression-Facebook Ads-2026-04-30 09:00:00",
        "appsflyer-1-ann-install-2026-05-01 10:05:00",
    ]
    assert {event["anonymousId"] for event in events} == {"1-ann", "2-bob"}
    assert "203.0.113.7" not in json.dumps(events)


def test_appsflyer_events_bring_a_touch_once_and_no_secondary_row(run: Any, tmp_path: Path) -> None:
    bought = (
        ANN | TOUCHED | {"Event Name": "af_purchase", "Event Revenue Currency": "EUR", "Is Primary Attribution": "true"}
    )
    rows = [
        bought | {"Event Time": "2026-05-03 12:00:00", "Event Revenue": "9.99", "Event Value": '{"af_order_id":"o-1"}'},
        bought | {"Event Time": "2026-05-03 12:00:00", "Event Revenue": "9.99", "Is Primary Attribution": "false"},
        bought | {"Event Time": "2026-05-04 12:00:00", "Event Revenue": "5"},
    ]
    file = write(tmp_path / "in_app_events.csv", APPSFLYER, rows)

    events = run(file, "--mapping", "appsflyer", "--time-zone", "Europe/Berlin")

    assert brief(events) == [
        ("click", "", "2026-05-01T10:00:00+02:00", "tiktokglobal_int"),
        ("impression", "", "2026-04-30T09:00:00+02:00", "Facebook Ads"),
        ("track", "af_purchase", "2026-05-03T12:00:00+02:00", ""),
        ("track", "af_purchase", "2026-05-04T12:00:00+02:00", ""),
    ]
    assert events[2]["properties"] == {"af_order_id": "o-1", "revenue": "9.99", "currency": "EUR"}


def test_appsflyer_data_locker_clicks_come_in_by_device(run: Any, tmp_path: Path) -> None:
    columns = [
        "attributed_touch_type",
        "attributed_touch_time",
        "media_source",
        "campaign",
        "advertising_id",
        "af_adset",
    ]
    row = dict(zip(columns, ["click", "2026-05-01 10:00:00.123", "net_int", "spring", "gaid-1", "s"], strict=True))
    nobody = {**row, "advertising_id": ""}
    file = write(tmp_path / "clicks.csv", columns, [row, nobody])

    (event,) = run(file, "--mapping", "appsflyer")

    assert (event["kind"], event["anonymousId"], event["context"]["adset"]) == ("click", "gaid-1", "s")
    assert "no_identity" in (tmp_path / "clicks.csv.rejected.csv").read_text()


def test_adjust_files_become_touches_installs_and_events(
    run: Any,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    columns = [
        "{activity_kind}", "{created_at}", "{installed_at}", "{click_time}", "{network_name}", "{campaign_name}",
        "{adid}", "{idfa||gps_adid}", "{event_name}", "{revenue}", "{currency}", "{nonce}", "[user_id]", "{city}",
    ]  # fmt: skip
    lines = """
click 1767225500 . . X . . gaid-9 . . . n-1 . .
install 1767225660 1767225650 1767225600 Facebook spring ad-1 gaid-1 . . . . ann Rome
install 1767225700 1767225690 . Organic . ad-2 . . . . . . .
event 1767225800 . . Facebook . ad-1 gaid-1 purchase 1250 USD n-2 ann .
session 2016-04-04T23:16UTC . . Facebook . ad-1 gaid-1 . . . n-3 ann .
sk_install 1767225800 . . Facebook . ad-1 gaid-1 . . . . ann .
rejected_install 1767225800 1767225650 1767225600 Fraudster . ad-9 gaid-9 . . . . . .
"""
    table = [["" if cell == "." else cell for cell in line.split()] for line in lines.strip().splitlines()]
    rows = [dict(zip(columns, cells, strict=True)) for cells in table]
    file = write(tmp_path / "app_2026_part.csv.gz", columns, rows)

    events = run(file, "--mapping", "adjust")

    assert brief(events) == [
        ("click", "", "1767225500", "X"),
        ("click", "", "1767225600", "Facebook"),
        ("track", "Application Installed", "1767225650", ""),
        ("track", "Application Installed", "1767225690", ""),
        ("track", "purchase", "1767225800", ""),
        ("track", "session", "2016-04-04T23:16+00:00", ""),
    ]
    assert events[0]["id"] == "adjust-click-n-1"
    assert events[4]["properties"] == {"value": "12.5", "currency": "USD"}
    assert (events[4]["userId"], events[4]["anonymousId"]) == ("ann", "ad-1")
    report = (tmp_path / "app_2026_part.csv.gz.rejected.csv").read_text().splitlines()
    assert [line.split(",")[:2] for line in report[1:]] == [["6", "no_template"]]
    said = capsys.readouterr().out
    assert "Columns that the mapping does not read: city" in said
    assert "Events: 4 track, 2 click" in said
    assert "Left out by the mapping: 1 rejected by Adjust" in said
    assert "Not understood: 1 no_template" in said


def test_broken_compressed_file_says_where_it_ends(run: Any, tmp_path: Path) -> None:
    whole = write(tmp_path / "a.csv.gz", ["who", "at"], [{"who": f"p-{n}", "at": "1767225600"} for n in range(2000)])
    whole.write_bytes(whole.read_bytes()[:-40])

    events = run(whole, "--map", "userId=who", "timestamp=at", "type='page'")

    report = (tmp_path / "a.csv.gz.rejected.csv").read_text().splitlines()
    assert 0 < len(events) < 2000
    assert report[-1].startswith(f"{len(events) + 1},unreadable_row,,the compressed file is broken")


def test_broken_off_import_adds_to_its_report(run: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [{"who": f"p-{n}", "at": "1767225600" if n % 100 else "never"} for n in range(1200)]
    file = write(tmp_path / "a.csv", ["who", "at"], rows)
    pairs = ["--map", "userId=who", "timestamp=at", "type='page'"]
    whole = run(file, *pairs)
    report = (tmp_path / "a.csv.rejected.csv").read_text()

    append, left = MemoryLog.append, [1]

    def fail_later(self: MemoryLog, body: bytes) -> str:
        if not left:
            raise LogUnavailable("full")
        left.pop()
        return append(self, body)

    monkeypatch.setattr(MemoryLog, "append", fail_later)
    with pytest.raises(Exception, match="Run the same command again"):
        run(file, *pairs)
    monkeypatch.setattr(MemoryLog, "append", append)
    rest = run(file, *pairs)

    assert 0 < len(rest) < len(whole)
    assert [event["id"] for event in rest] == [event["id"] for event in whole[-len(rest) :]]
    assert (tmp_path / "a.csv.rejected.csv").read_text() == report


def test_adjust_touches_are_known_by_their_tracker_alone(run: Any, tmp_path: Path) -> None:
    columns = ["activity_kind", "created_at", "installed_at", "click_time", "adid", "tracker_name"]
    at = "1767225660,1767225650"
    lines = [
        f"install,{at},1767225600,ad-1,Facebook Installs::Spring::Set A::Ad 1",
        f"install,{at},,ad-2,Organic",
        f"install,{at},1767225601,ad-3,Organic",
        f"san_click,{at},1767225602,ad-4,TikTok::Summer",
    ]
    file = tmp_path / "adjust.csv"
    file.write_text("\n".join([",".join(columns), *lines]))

    events = run(file, "--mapping", "adjust")

    assert brief(events) == [
        ("click", "", "1767225600", "Facebook Installs"),
        ("track", "Application Installed", "1767225650", ""),
        ("track", "Application Installed", "1767225650", ""),
        ("track", "Application Installed", "1767225650", ""),
        ("click", "", "1767225602", "TikTok"),
    ]
    assert events[0]["context"]["campaign"] == {
        "source": "Facebook Installs", "medium": "paid", "name": "Spring", "term": "Set A", "content": "Ad 1"
    }  # fmt: skip


def test_adjust_ad_revenue_and_subscriptions_bring_their_money(run: Any, tmp_path: Path) -> None:
    columns = "{activity_kind},{created_at},{adid},{reporting_revenue},{revenue_float},{currency},{random}"
    file = tmp_path / "adjust.csv"
    file.write_text(
        f"{columns}\nad_revenue,1767225660,ad-1,0.02,0.021,USD,r-1\nsubscription,1767225670,ad-1,,4.99,USD,r-2\n"
    )

    events = run(file, "--mapping", "adjust")

    assert [(event["event"], event["properties"]["revenue"], event["properties"]["currency"]) for event in events] == [
        ("ad_revenue", "0.021", "USD"),
        ("subscription", "4.99", "USD"),
    ]


def test_appsflyer_revenue_in_dollars_alone_is_dollars(run: Any, tmp_path: Path) -> None:
    columns = ["AppsFlyer ID", "Event Name", "Event Time", "Event Revenue USD", "Event Value"]
    file = tmp_path / "events.csv"
    file.write_text(
        f"{','.join(columns)}\n1-ann,af_purchase,2026-05-03 12:00:00,9.99,\n1-ann,af_login,2026-05-03 12:00:00,,\n"
    )

    bought, signed_in = run(file, "--mapping", "appsflyer")

    assert bought["properties"] == {"revenue": "9.99", "currency": "USD"}
    assert signed_in["properties"] == {}


def test_words_that_stand_for_nothing_are_no_values(run: Any, tmp_path: Path) -> None:
    """An id of zeros is everybody's who does not want to be followed: one person of them all would be wrong (R1)."""
    zeros = "00000000-0000-0000-0000-000000000000"
    sale = {"Event Name": "af_purchase", "Event Time": "2026-05-03 08:00:00", "Event Revenue": "null"}
    nobody = {"AppsFlyer ID": "3-cleo", "Customer User ID": "N/A", "Media Source": "null", "IDFA": zeros, "IDFV": "v-1"}
    file = write(tmp_path / "events.csv", APPSFLYER, [nobody | sale])

    (event,) = run(file, "--mapping", "appsflyer")

    assert not event.get("userId")
    assert zeros not in json.dumps(event)
    assert "null" not in json.dumps(event["properties"]).lower()


def test_adjust_times_of_zero_are_none(run: Any, tmp_path: Path) -> None:
    """Adjust writes 0 where there was no click; as a time of 1970 it would be refused, and the install lost (R9)."""
    file = tmp_path / "adjust.csv"
    file.write_text(
        "{activity_kind},{created_at},{adid},{installed_at},{click_time},{network_name},{random},{gps_adid}\n"
        "install,1777629600,a1,0,0,Organic,r1,00000000-0000-0000-0000-000000000000\n"
        "click,1777629500,a1,0,0,Search,r2,\n"
    )

    events = run(file, "--mapping", "adjust")

    assert sorted((one["kind"], str(one["timestamp"])) for one in events) == [
        ("click", "1777629500"),
        ("track", "1777629600"),
    ]
