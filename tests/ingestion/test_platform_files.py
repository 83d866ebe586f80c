"""Files as ad platforms, measurement partners and customer data platforms write them, with what is not in rows."""

import csv
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError

from apps.ingestion.domain import deliveries
from apps.ingestion.domain.mapping import BadMapping, parse_mapping
from apps.ingestion.domain.row_words import NO_TIME
from tests.fakes.event_log import MemoryLog
from tests.ingestion.test_vendor_exports import ANN, APPSFLYER, TOUCHED, brief, write

SPEND = ("--mapping", "spend")
AT = datetime(2025, 2, 1, 10, 0, 1, tzinfo=UTC)
ARCHIVED = {
    "type": "page",
    "anonymousId": "a-1",
    "messageId": "m-1",
    "originalTimestamp": "2025-02-01T12:00:00.000Z",
    "sentAt": "2025-02-01T12:00:02.000Z",
    "receivedAt": "2025-02-01T10:00:03.000Z",
    "timestamp": "2025-02-01T10:00:01.000Z",
}


def rejected(file: Path) -> list[dict[str, str]]:
    """Return the report of an import of *file*."""
    report = file.parent / f"{file.name}.rejected.csv"
    return list(csv.DictReader(report.read_text().splitlines())) if report.exists() else []


def spent(events: list[dict[str, Any]]) -> list[tuple[str, str, str | None]]:
    """Return day, amount and currency of ad spend."""
    return [
        (one["properties"]["date"], one["properties"]["value"], one["properties"].get("currency")) for one in events
    ]


def times(log: MemoryLog) -> list[datetime]:
    """Return when the events on *log* happened, as the door understood it."""
    items = [item for entry in log.entries.values() for item in deliveries.decode(entry.body).items]
    return [datetime.fromtimestamp(item.occurred_at / 1000, UTC) for item in items]


@pytest.mark.parametrize(
    "left_out",
    [(), ("timestamp",), ("originalTimestamp", "sentAt"), ("timestamp", "receivedAt", "sentAt")],
    ids=["whole", "clocks alone", "time alone", "original alone"],
)
def test_archive_of_a_customer_data_platform_keeps_its_times(
    run: Any, log: MemoryLog, tmp_path: Path, left_out: tuple[str, ...]
) -> None:
    """`sentAt` of an old request, held against today, moved years of history to today (R4)."""
    file = tmp_path / "archive.jsonl"
    row = {name: value for name, value in ARCHIVED.items() if name not in left_out}
    if "receivedAt" in left_out:
        row["originalTimestamp"] = "2025-02-01T10:00:01.000Z"
    file.write_text(json.dumps(row))

    run(file)

    assert times(log) == [AT]


def test_archived_event_without_a_time_is_of_when_it_was_received(run: Any, log: MemoryLog, tmp_path: Path) -> None:
    file = tmp_path / "archive.jsonl"
    file.write_text(json.dumps({"type": "page", "anonymousId": "a", "receivedAt": AT.isoformat(), "timestamp": None}))

    run(file)

    assert times(log) == [AT]


@pytest.mark.parametrize("cell", ["", "  "])
def test_row_without_its_time_is_not_of_today(run: Any, tmp_path: Path, cell: str) -> None:
    """What has no time where the mapping has one did not happen at the moment of the import (R9)."""
    file = tmp_path / "a.csv"
    file.write_text(f"who,at\nann,{cell}\nbob,2026-05-01\n")

    (event,) = run(file, "--map", "userId=who", "timestamp=at", "type='page'")

    assert event["userId"] == "bob"
    assert [(one["row"], one["reason"], one["detail"]) for one in rejected(file)] == [("1", "bad_time", NO_TIME)]


def test_total_of_ad_spend_is_not_spent_again(run: Any, tmp_path: Path) -> None:
    file = tmp_path / "tiktok.csv"
    file.write_text(
        "Source,Date,Campaign name,Ad group name,Cost,Impressions,Clicks (destination),Currency\n"
        "tiktok,2026-05-01,Spring,Set A,18.50,8400,142,EUR\n"
        "tiktok,,-,-,18.50,8400,142,EUR\n"
        "tiktok,Total of 1 results,-,-,18.50,8400,142,EUR\n"
    )

    events = run(file, *SPEND)

    assert spent(events) == [("2026-05-01", "18.50", "EUR")]
    assert events[0]["properties"]["clicks"] == "142"
    assert [one["row"] for one in rejected(file)] == ["2", "3"]


def test_report_below_its_title_is_read(run: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Google Ads writes the name of the report and its days above the header, and totals below the rows."""
    file = tmp_path / "google.csv"
    file.write_text(
        'Campaign report\n"May 1, 2026 - May 31, 2026"\n'
        "Day,Campaign,Ad group,Currency code,Cost,Impr.,Clicks,Source\n"
        '2026-05-01,Brand,Exact,EUR,"1,234.56","10,200",321,google\n'
        "2026-05-02,Brand,Exact,EUR,12.50,300,--,google\n"
        'Total: Campaigns, --, --,EUR,"1,247.06","10,500",321, --\n'
    )

    events = run(file, *SPEND)

    assert spent(events) == [("2026-05-01", "1234.56", "EUR"), ("2026-05-02", "12.50", "EUR")]
    assert [(one["row"], one["line"], one["reason"]) for one in rejected(file)] == [("3", "6", "bad_time")]
    assert "does not read" not in capsys.readouterr().out


def test_file_without_a_header_that_is_known_is_read_from_its_first_line(run: Any, tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_text("one,two\n" + "a,b\n" * 30)

    assert run(file, "--map", "userId=who", "timestamp=at", "type='page'") == []
    assert [(one["row"], one["line"]) for one in rejected(file)] == [(str(n), str(n + 1)) for n in range(1, 31)]


def test_currency_behind_the_name_of_an_amount_is_that_of_the_row(run: Any, tmp_path: Path) -> None:
    """Meta writes `Amount spent (USD)`, the days of the report into each row, and a total above them."""
    file = tmp_path / "meta.csv"
    file.write_text(
        "Reporting starts,Reporting ends,Day,Campaign name,Amount spent (USD),Cost per result (USD),Platform\n"
        "2026-05-01,2026-05-31,,,111.10,1,\n"
        "2026-05-01,2026-05-01,2026-05-01,Spring,100.60,1,facebook\n"
        "2026-05-02,2026-05-02,2026-05-02,Spring,10.50,1,facebook\n"
    )

    assert spent(run(file, *SPEND)) == [("2026-05-01", "100.60", "USD"), ("2026-05-02", "10.50", "USD")]


def test_currency_of_a_column_goes_before_the_one_in_a_name(run: Any, tmp_path: Path) -> None:
    file = tmp_path / "meta.csv"
    file.write_text("Day,Campaign,Amount spent (USD),Currency,Source\n2026-05-01,Spring,1.50,CAD,facebook\n")

    assert spent(run(file, *SPEND)) == [("2026-05-01", "1.50", "CAD")]


def test_amounts_in_two_currencies_are_told(run: Any, tmp_path: Path) -> None:
    file = tmp_path / "meta.csv"
    file.write_text("Day,Campaign,Amount spent (USD),Cost (EUR),Source\n2026-05-01,Spring,1.50,1.40,facebook\n")

    with pytest.raises(CommandError, match="EUR, USD"):
        run(file, *SPEND)


def test_figures_of_a_month_are_not_spent_on_its_first_day(
    run: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "meta.csv"
    file.write_text(
        "Platform,Reporting starts,Reporting ends,Campaign name,Amount spent\n"
        "facebook,2026-05-01,2026-05-31,Spring,100.60\n"
        "facebook,2026-05-02,2026-05-02,Spring,1.60\n"
        "facebook,2026-05-02,2026-05-02,,1.60\n"
    )

    assert spent(run(file, *SPEND)) == [("2026-05-02", "1.60", None)]
    assert "Left out by the mapping: 1 figures of several days" in (said := capsys.readouterr().out)
    assert "1 a total" in said


@pytest.mark.parametrize("column", ["Blocked Reason", "Rejected Reason", "Fraud Reason"])
def test_install_that_appsflyer_blocked_is_none(
    run: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str], column: str
) -> None:
    row = ANN | TOUCHED | {"Event Name": "install", column: "bots"}
    file = write(tmp_path / "blocked_installs.csv", [*APPSFLYER, column], [row])

    assert run(file, "--mapping", "appsflyer") == []
    assert "Left out by the mapping: 1 blocked or rejected by AppsFlyer" in capsys.readouterr().out


def test_install_of_a_source_without_a_click_is_its_own(run: Any, tmp_path: Path) -> None:
    """An app on a new phone, or an advertisement on television: AppsFlyer names no click and no impression."""
    row = {"AppsFlyer ID": "1-a", "Event Name": "install", "Install Time": "2026-05-01 10:05:00"}
    preloaded = row | {"Attributed Touch Type": "Pre-installed", "Media Source": "maker_int"}
    file = write(tmp_path / "installs.csv", APPSFLYER, [preloaded])

    touch, install = run(file, "--mapping", "appsflyer")

    assert (touch["kind"], touch["timestamp"]) == ("impression", "2026-05-01 10:05:00")
    assert touch["context"]["campaign"]["source"] == "maker_int"
    assert install["event"] == "Application Installed"


def test_what_appsflyer_says_of_an_attribution_is_kept_and_changes_no_id(run: Any, tmp_path: Path) -> None:
    """An export of more columns is of the same events: ids that are made of content do not see them (R2)."""
    sale = ANN | TOUCHED | {"Event Name": "af_purchase", "Event Time": "2026-05-03 12:00:00", "Event Revenue": "9"}
    more = {
        "Campaign ID": "c-1", "Adset ID": "s-1", "Ad ID": "a-1", "Country Code": "DE", "IDFV": "v-1",
        "Is Retargeting": "true", "Retargeting Conversion Type": "re-engagement", "Attribution Lookback": "7d",
        "Install App Store": "samsung", "Deeplink URL": "shop://sale", "Match Type": "srn",
        "Conversion Type": "re-engagement", "Campaign Type": "retargeting", "Event Revenue USD": "10",
        "Contributor 1 Match Type": "probabilistic", "Contributor 1 Partner": "agency",
    }  # fmt: skip
    sale |= {"Event Revenue Currency": "EUR"}
    plain = write(tmp_path / "plain.csv", APPSFLYER, [sale])
    rich = write(tmp_path / "rich.csv", list(dict.fromkeys([*APPSFLYER, *more])), [sale | more])

    known, events = (run(file, "--mapping", "appsflyer") for file in (plain, rich))

    assert [one["id"] for one in events] == [one["id"] for one in known]
    contributor, said = events[1]["context"]["vendor"], events[2]["context"]
    assert (contributor["partner"], contributor["match_type"]) == ("agency", "probabilistic")
    assert (said["location"], said["device"]["id"]) == ({"country": "DE"}, "v-1")
    assert {name: said["vendor"][name] for name in said["vendor"] if name not in ("name", "install_time")} == {
        "touch_type": "click", "touch_time": "2026-05-01 10:00:00", "match_type": "srn", "lookback": "7d",
        "is_retargeting": "true", "retargeting_conversion_type": "re-engagement", "conversion_type": "re-engagement",
        "campaign_type": "retargeting", "media_source": "tiktokglobal_int", "campaign": "spring", "campaign_id": "c-1",
        "adset_id": "s-1", "ad_id": "a-1", "store": "samsung", "deep_link": "shop://sale", "revenue_in_usd": "10",
    }  # fmt: skip


def test_columns_of_the_device_are_no_part_of_an_id(run: Any, tmp_path: Path) -> None:
    """R2: what somebody ticked in the export makes no second purchase of the first."""
    sale = {
        "AppsFlyer ID": "1-a", "Event Name": "af_purchase", "Event Time": "2026-05-03 12:00:00",
        "Event Revenue": "9", "Event Revenue Currency": "EUR", "IP": "8.8.8.8", "Device Type": "Pixel",
    }  # fmt: skip
    more = {
        "Device Category": "phone",
        "Device Model": "Pixel 9",
        "OS Version": "16",
        "Language": "de",
        "App Version": "2",
    }
    files = {"plain": sale, "rich": sale | more, "poor": {name: sale[name] for name in sale if name != "IP"}}
    ids = {
        name: [one["id"] for one in run(write(tmp_path / f"{name}.csv", list(row), [row]), "--mapping", "appsflyer")]
        for name, row in files.items()
    }
    assert ids["plain"] == ids["rich"] == ids["poor"] != []

    click = {"AppsFlyer ID": "1-a", "Attributed Touch Type": "click", "Attributed Touch Time": "2026-05-01 10:00:00"}
    plain, rich = click, click | {"OS Version": "16"}
    known, again = (
        run(write(tmp_path / f"{number}.csv", list(row), [row]), "--mapping", "appsflyer")[0]["id"]
        for number, row in enumerate((plain, rich))
    )
    assert known == again


def test_columns_of_the_device_are_no_part_of_an_id_of_adjust(run: Any, tmp_path: Path) -> None:
    """R2, where the CSV definition has neither {random} nor {nonce}."""
    header, row = (
        "{activity_kind},{created_at},{adid},{event_name},{revenue_float},{currency}",
        "event,1777629600,a1,buy,9.99,EUR",
    )
    plain, rich = tmp_path / "plain.csv", tmp_path / "rich.csv"
    plain.write_text(f"{header}\n{row}\n")
    rich.write_text(f"{header},{{device_name}},{{os_name}}\n{row},Pixel,android\n")

    (known,), (again,) = (run(file, "--mapping", "adjust") for file in (plain, rich))

    assert known["id"] == again["id"]
    assert again["context"]["device"]["model"] == "Pixel"


def test_currency_of_a_row_is_not_that_of_an_amount_in_its_value(run: Any, tmp_path: Path) -> None:
    """R4: AppsFlyer writes a currency into every row, also where the amount has its own."""
    base = {"AppsFlyer ID": "1-a", "Event Name": "buy", "Event Time": "2026-05-03 12:00:00"}
    rows = [
        base | {"Event Value": '{"revenue": 12.5, "currency": "EUR"}', "Event Revenue Currency": "USD"},
        base | {"Event Value": '{"revenue": 7}', "Event Revenue Currency": "USD"},
        base | {"Event Value": "{}", "Event Revenue": "3", "Event Revenue Currency": "GBP"},
    ]
    events = run(
        write(tmp_path / "a.csv", [*base, "Event Value", "Event Revenue", "Event Revenue Currency"], rows),
        "--mapping",
        "appsflyer",
    )

    said = [(float(one["properties"]["revenue"]), one["properties"]["currency"]) for one in events]
    assert said == [(12.5, "EUR"), (7, "USD"), (3, "GBP")]


def test_touch_whose_moment_the_network_keeps_to_itself_comes_in(run: Any, tmp_path: Path) -> None:
    """R9: the install would look like one that nobody paid for."""
    row = {
        "AppsFlyer ID": "1-a", "Event Name": "install", "Install Time": "2026-05-01 10:05:00",
        "Attributed Touch Type": "click", "Attributed Touch Time": "", "Media Source": "restricted",
    }  # fmt: skip
    touch, install = run(write(tmp_path / "a.csv", list(row), [row]), "--mapping", "appsflyer")

    assert (touch["kind"], touch["timestamp"], touch["context"]["campaign"]["source"]) == (
        "click", "2026-05-01 10:05:00", "restricted",
    )  # fmt: skip
    assert install["event"] == "Application Installed"
    organic = row | {"Media Source": "organic", "Attributed Touch Type": ""}
    assert len(run(write(tmp_path / "b.csv", list(row), [organic]), "--mapping", "appsflyer")) == 1


def test_adjust_touch_that_an_install_was_given_to_afterwards_comes_in(
    run: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "adjust.csv"
    file.write_text(
        "{activity_kind},{created_at},{adid},{installed_at},{click_time},{network_name},{country},{store},{deeplink}\n"
        "install_update,1777629600,a1,1777629590,1777629500,Search,de,google,shop://x\n"
        "att_update,1777629600,a1,1777629590,1777629500,Search,de,google,\n"
    )

    (touch,) = run(file, "--mapping", "adjust")

    assert brief([touch]) == [("click", "", "1777629500", "Search")]
    assert touch["context"]["location"] == {"country": "de"}
    assert (touch["context"]["vendor"]["store"], touch["context"]["vendor"]["deep_link"]) == ("google", "shop://x")
    assert "Left out by the mapping: 1 nothing that a person did" in capsys.readouterr().out


@pytest.mark.parametrize("besides", ["x", {"userId": {}}, {"context": "x"}, ["context"]])
def test_what_is_said_besides_has_members(besides: Any) -> None:
    with pytest.raises(BadMapping, match="besides"):
        parse_mapping({"events": [{"type": "track", "besides": besides}]})


def test_columns_of_later_rows_that_nobody_reads_are_told(
    run: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Lines of a push API have the members that they have: one that the first line lacks was lost in silence (R9)."""
    row = {"who": "ann", "at": "2026-05-01T12:00:00Z"}
    file = tmp_path / "pushed.jsonl"
    file.write_text("\n".join(json.dumps(one) for one in (row | {"a": 1}, row | {"b": 1, "a": 2}, row | {"b": 2})))

    run(file, "--map", "userId=who", "timestamp=at", "type='page'")

    told = [line for line in capsys.readouterr().out.splitlines() if "does not read" in line]
    assert told == [f"Columns that the mapping does not read: {name}" for name in "ab"]
