"""Ad spend as platforms and spreadsheets write it: what means one number is read, what may mean two is refused (R4)."""

import json
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from apps.ingestion.models import FileImport
from tests.factories.company import Company
from tests.fakes.event_log import MemoryLog
from tests.ingestion.test_import_api import Api, api
from tests.ingestion.test_import_pages import PAGE, ada, upload

__all__ = ["ada", "api"]
MAPPED = ["--mapping", "spend"]
HEADER = "date;source;campaign;cost;currency;clicks;impressions"


def write(folder: Path, *rows: str, header: str = HEADER) -> Path:
    """Write a report."""
    file = folder / "spend.csv"
    file.write_text("\n".join((header, *rows)), encoding="utf-8")
    return file


def refused(folder: Path) -> list[tuple[str, str]]:
    """Return reason and field of what was refused."""
    report = folder / "spend.csv.rejected.csv"
    lines = report.read_text().splitlines()[1:] if report.exists() else []
    return [(line.split(",")[1], line.split(",")[2]) for line in lines]


@pytest.mark.parametrize(
    ("said", "clicks"),
    [
        ("1234", "1234"), ("1,234", "1234"), ("1.234", "1234"), ("1 234", "1234"), ("1\u00a0234\u202f567", "1234567"),
        ("1'234", "1234"), ("1,234,567", "1234567"), ("12,34,567", "1234567"), ("1234.0", "1234"), ("1,234.00", "1234"),
        ("1234,00", "1234"), ("0", "0"), ("0.00", "0"), ("--", None), ("", None), (" 12 ", "12"), ("1,000", "1000"),
    ],
)  # fmt: skip
def test_count_is_whole_however_thousands_are_set_apart(
    run: Any, tmp_path: Path, said: str, clicks: str | None
) -> None:
    (event,) = run(write(tmp_path, f"2026-05-01;ads;a;12;EUR;{said};7"), *MAPPED)

    assert event["properties"].get("clicks", "").strip() == (clicks or "")
    assert ("clicks" in event["properties"]) == (clicks is not None)


@pytest.mark.parametrize("said", ["1.5", "12,34", "1,23,4", "1.000", "12k", "-5", "1.234,5", "~9", "1e3"])
def test_count_that_is_none_is_refused(run: Any, tmp_path: Path, said: str) -> None:
    assert run(write(tmp_path, f"2026-05-01;ads;a;12;EUR;{said};7"), *MAPPED) == []
    assert refused(tmp_path) == [("unclear_figure", "properties.clicks")]


@pytest.mark.parametrize(
    ("said", "cost"),
    [
        ("1234", "1234"), ("12.5", "12.5"), ("12,5", "12.5"), ("12,34", "12.34"), ("1.234,56", "1234.56"),
        ("1,234.56", "1234.56"), ("1,234,567", "1234567"), ("1.234.567", "1234567"), ("1 234", "1234"),
        ("1 234,567", "1234.567"), ("1\u202f234,50", "1234.50"), ("1'234.50", "1234.50"), ("0.123", "0.123"),
        ("0,123", "0.123"), ("1234.567", "1234.567"), ("€1.234,50", "1234.50"), ("1 234,50 €", "1234.50"),
        ("EUR 12.50", "12.50"), ("12,50 EUR", "12.50"), (",5", "0.5"), ("1234567,891", "1234567.891"),
    ],
)  # fmt: skip
def test_cost_that_means_one_number_is_read(run: Any, tmp_path: Path, said: str, cost: str) -> None:
    (event,) = run(write(tmp_path, f"2026-05-01;ads;a;{said};EUR;1;7"), *MAPPED)

    assert (event["properties"]["value"], event["properties"]["currency"]) == (cost, "EUR")


@pytest.mark.parametrize(
    ("said", "currency", "reason"),
    [
        ("1,234", "EUR", "unclear_figure"), ("1.234", "EUR", "unclear_figure"), ("$5", "EUR", "unclear_figure"),
        ("€5", "USD", "unclear_figure"), ("$5", "", "unclear_figure"), ("¥5", "USD", "unclear_figure"),
        ("1.2.3", "EUR", "bad_amount"), ("1,23,4", "EUR", "bad_amount"), ("-5", "EUR", "bad_amount"),
        ("(5)", "EUR", "bad_amount"), ("5%", "EUR", "unclear_figure"), ("n/a", "EUR", "bad_amount"),
        ("1.23,456.7", "EUR", "bad_amount"), ("1 23", "EUR", "bad_amount"), ("", "EUR", "bad_amount"),
    ],
)  # fmt: skip
def test_cost_that_may_mean_two_is_refused(run: Any, tmp_path: Path, said: str, currency: str, reason: str) -> None:
    assert run(write(tmp_path, f"2026-05-01;ads;a;{said};{currency};1;7"), *MAPPED) == []
    assert [name for name, _ in refused(tmp_path)] == [reason]


@pytest.mark.parametrize(
    ("other", "said", "cost"),
    [
        ("12.50", "1,234", "1234"), ("12,50", "1,234", "1.234"), ("12,50", "1.234", "1234"),
        ("0.125", "1.234", "1.234"),
        ("1.234.567", "1.234", "1234"), ("$1,234.50", "$2,345", "2345"),
    ],
)  # fmt: skip
def test_column_tells_what_a_cost_means(run: Any, tmp_path: Path, other: str, said: str, cost: str) -> None:
    rows = (f"2026-05-01;ads;{name};{amount};USD;1;7" for name, amount in (("a", said), ("b", other)))
    first, _ = run(write(tmp_path, *rows), *MAPPED)

    assert first["properties"]["value"] == cost


def test_column_that_says_both_tells_nothing(run: Any, tmp_path: Path) -> None:
    amounts = ("12.50", "12,50", "1,234")
    rows = (f"2026-05-01;ads;{name};{amount};USD;1;7" for name, amount in zip("abc", amounts, strict=True))

    assert [event["properties"]["value"] for event in run(write(tmp_path, *rows), *MAPPED)] == ["12.50", "12.50"]
    assert refused(tmp_path) == [("unclear_figure", "properties.value")]


def test_decimal_comma_that_is_said_decides(run: Any, tmp_path: Path) -> None:
    file = write(tmp_path, "2026-05-01;ads;a;1,234;USD;1.234;7", "2026-05-01;ads;b;$ 1.234;USD;1;7")

    events = run(file, *MAPPED, "--decimal-comma")

    assert [event["properties"]["value"] for event in events] == ["1.234", "1234"]
    assert events[0]["properties"]["clicks"] == "1234"


@pytest.mark.parametrize(("said", "currency"), [("€5", "EUR"), ("5 ₽", "RUB"), ("US$5", "USD"), ("5 GBP", "GBP")])
def test_currency_beside_the_amount_holds_where_no_column_says_one(
    run: Any, tmp_path: Path, said: str, currency: str
) -> None:
    (event,) = run(write(tmp_path, f"2026-05-01;ads;a;{said};;1;7"), *MAPPED)

    assert (event["properties"]["value"], event["properties"]["currency"]) == ("5", currency)


@pytest.mark.parametrize(
    "text",
    [
        '\ufeff"Date";"Campaign name";"Amount spent";"Source";"Link clicks"\n2026-05-01;a;"1.234,50";ads;1.234\n',
        'Date,Campaign name,Amount spent,Source,Link clicks\n2026-05-01,a,"1,234.50",ads,"1,234"\n',
        'Date,Campaign name,Amount spent,Source,Link clicks,,\n2026-05-01,a,"1,234.50",ads,"1,234",,\n',
        " Date \t Campaign name \tAmount spent\tSource\tLink clicks\t\n2026-05-01\ta\t1 234,50\tads\t1 234\t\n",
        "sep=;\nDate;Campaign name;Amount spent;Source;Link clicks\n2026-05-01;a;1234,50;ads;1234\n",
    ],
)
def test_report_of_any_shape_is_read_from_shell_page_and_program(
    run: Any, tmp_path: Path, ada: Client, api: Api, company: Company, log: MemoryLog, text: str
) -> None:
    file = tmp_path / "spend.csv"
    file.write_text(text, encoding="utf-8")
    content = text.encode()

    (event,) = run(file, *MAPPED)
    upload(ada, company, content, mapping="spend", own_mapping="")
    page = ada.get(f"{PAGE}{FileImport.objects.get().pk}/").content.decode()
    made = api.upload(content, mapping="spend", own_mapping="").json()
    (seen,) = api.get(f"{made['id']}/preview/").json()["events"]

    said = event["properties"]
    assert (float(said["value"]), said["clicks"], event["context"]["campaign"]["name"]) == (1234.5, "1234", "a")
    assert (float(seen["properties"]["value"]), seen["properties"]["clicks"]) == (1234.5, "1234")
    assert "&quot;clicks&quot;: &quot;1234&quot;" in page


@pytest.mark.parametrize(
    "said", ["2026-05-01", "20260501", "2026-05-01 00:00:00", "2026-05-01T00:00:00+02:00", " 2026-05-01 "]
)
def test_day_of_ad_spend_is_one_however_it_is_written(run: Any, tmp_path: Path, said: str) -> None:
    """By its day what was corrected is found: 20260501 would be added to 2026-05-01."""
    (event,) = run(write(tmp_path, f"{said};ads;a;12;EUR;5;7"), *MAPPED)

    assert event["properties"]["date"] == "2026-05-01"


def test_hours_of_a_day_are_not_taken_for_its_sum(run: Any, tmp_path: Path) -> None:
    hours = (f"2026-05-01 {hour}:00:00;ads;a;{cost};EUR;5;7" for hour, cost in (("10", 10), ("11", 20)))

    (event,) = run(write(tmp_path, *hours), *MAPPED)

    assert event["properties"]["value"] == "10"
    assert refused(tmp_path) == [("repeated_spend", "context.campaign")]


@pytest.mark.parametrize("twin", ["a ", " a", "A"])
def test_campaign_is_stated_once_whatever_stands_around_its_name(run: Any, tmp_path: Path, twin: str) -> None:
    events = run(write(tmp_path, "2026-05-01;ads;a;1000;EUR;5;7", f"2026-05-01;ads;{twin};7;EUR;5;7"), *MAPPED)

    assert len(events) == (2 if twin == "A" else 1)
    assert refused(tmp_path) == ([] if twin == "A" else [("repeated_spend", "context.campaign")])


def test_day_that_is_stated_beside_an_instant_is_the_day(run: Any, tmp_path: Path, company: Company) -> None:
    """Lines of JSON may have both, and the instant may be one of another zone."""
    company.shop.time_zone = "America/New_York"
    company.shop.save()
    file = tmp_path / "spend.jsonl"
    about = {"type": "spend", "timestamp": "2026-05-20T00:00:00Z", "context": {"campaign": {"source": "ads"}}}
    rows = ({**about, "properties": {"value": "5", **day}} for day in ({"date": "2026-05-20"}, {}))
    file.write_text("\n".join(map(json.dumps, rows)))

    stated, bare = run(file)

    assert (stated["properties"]["date"], bare["properties"]["date"]) == ("2026-05-20", "2026-05-19")
