"""Amounts of vendors' exports come in with the currency that belongs to them: as sent, as reported, in dollars (R4)."""

from pathlib import Path
from typing import Any

import pytest

from apps.ingestion.domain.mapping import BadMapping, parse_mapping
from tests.ingestion.test_vendor_exports import ANN, APPSFLYER, write

BASE = {
    "{activity_kind}": "event",
    "{created_at}": "1777629600",
    "{adid}": "a1",
    "{random}": "r1",
    "{event_name}": "sale",
}
SALE = ANN | {"Event Name": "af_purchase", "Event Time": "2026-05-03 12:00:00"}


def money(event: dict[str, Any]) -> tuple[Any, Any]:
    """Return amount and currency of an event, as money is read: revenue, else value."""
    said = event["properties"]
    return said.get("revenue") or said.get("value"), said.get("currency")


@pytest.mark.parametrize(
    ("cells", "amount"),
    [
        (
            {"revenue_float": "9.5", "currency": "EUR", "reporting_revenue": "10", "reporting_currency": "USD"},
            ("9.5", "EUR"),
        ),
        ({"revenue": "950", "currency": "EUR", "reporting_revenue": "10", "reporting_currency": "USD"}, ("9.5", "EUR")),
        ({"reporting_revenue": "10.25", "reporting_currency": "GBP"}, ("10.25", "GBP")),
        ({"reporting_revenue": "10.25", "reporting_currency": "GBP", "revenue_usd": "12"}, ("10.25", "GBP")),
        ({"reporting_revenue": "10.25", "reporting_currency": "", "revenue_usd": "12"}, ("12", "USD")),
        ({"revenue_float": "", "currency": "", "revenue_usd": "12.01"}, ("12.01", "USD")),
        ({"revenue_usd_cents": "1201"}, ("12.01", "USD")),
        ({"revenue_float": "9.5", "currency": "", "revenue_usd": "12.01"}, ("12.01", "USD")),
        ({"revenue_float": "9.5"}, ("9.5", None)),
        ({"reporting_revenue": "10.25"}, (None, None)),
        ({}, (None, None)),
    ],
)
def test_adjust_amount_comes_with_its_currency(
    run: Any, tmp_path: Path, cells: dict[str, str], amount: tuple[str | None, str | None]
) -> None:
    row = BASE | {f"{{{name}}}": cell for name, cell in cells.items()}
    (event,) = run(write(tmp_path / "adjust.csv", list(row), [row]), "--mapping", "adjust")

    assert money(event) == amount


def test_adjust_amount_in_a_currency_that_nothing_says_is_kept_and_not_counted(run: Any, tmp_path: Path) -> None:
    row = BASE | {"{reporting_revenue}": "10.25"}
    (event,) = run(write(tmp_path / "adjust.csv", list(row), [row]), "--mapping", "adjust")

    assert event["properties"] == {"reporting_revenue": "10.25"}


@pytest.mark.parametrize(
    ("cells", "amount"),
    [
        ({"Event Revenue": "9.5", "Event Revenue Currency": "EUR", "Event Revenue USD": "10"}, ("9.5", "EUR")),
        ({"Event Revenue USD": "10"}, ("10", "USD")),
        ({"Event Revenue": "9.5", "Event Revenue USD": "10"}, ("10", "USD")),
        ({"Event Revenue USD": "10", "Event Revenue Preferred": "8", "Preferred Currency": "GBP"}, ("10", "USD")),
        ({"Event Revenue Preferred": "8", "Preferred Currency": "GBP"}, ("8", "GBP")),
        ({"Event Revenue Preferred": "8"}, (None, None)),
        ({"Event Revenue": "9.5"}, ("9.5", None)),
    ],
)
def test_appsflyer_amount_comes_with_its_currency(
    run: Any, tmp_path: Path, cells: dict[str, str], amount: tuple[str | None, str | None]
) -> None:
    columns = [*APPSFLYER, "Event Revenue Preferred", "Preferred Currency"]
    (event,) = run(write(tmp_path / "events.csv", columns, [SALE | cells]), "--mapping", "appsflyer")

    assert money(event) == amount


@pytest.mark.parametrize("choices", ["x", {"a": 1}, ["x"]])
def test_first_of_is_a_list_of_members(choices: Any) -> None:
    with pytest.raises(BadMapping, match="first of"):
        parse_mapping({"events": [{"type": "track", "properties": {"first of": choices}}]})
