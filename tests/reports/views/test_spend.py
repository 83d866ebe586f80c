"""Ad spend from a file to the overview: what a channel cost, what a conversion of it cost, what it brought back."""

import csv
import io
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client

from apps.ingestion import wiring
from apps.ingestion.services import Writer, load_seen_ids
from tests.factories.company import Company
from tests.fakes.event_log import MemoryLog
from tests.reports.views.test_reports import page, table, words

YESTERDAY = (datetime.now(UTC) - timedelta(days=1)).date().isoformat()
HEADER = "Date,Source,Medium,Campaign,Cost,Currency\n"


@pytest.fixture
def client(world: Company) -> Client:
    """Grace's browser."""
    return world.client_of(world.grace)


@pytest.fixture
def spend(world: Company, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Import a file of ad spend and let the writer store it; returns what the command said."""
    log = MemoryLog()
    monkeypatch.setattr(wiring, "event_log", lambda *_: log)
    monkeypatch.setattr(log, "lag", lambda: 0, raising=False)
    monkeypatch.chdir(tmp_path)
    wiring.property_of().forget()

    def imported(lines: str) -> str:
        file, said = tmp_path / "spend.csv", io.StringIO()
        file.write_text(HEADER + lines)
        options = ["--property", "fernweh/shop", "--mapping", "spend", "--no-wait"]
        call_command("import_events", str(file), *options, stdout=said)
        write(log)
        return said.getvalue()

    return imported


def write(log: MemoryLog) -> None:
    """Write what waits on the log, as the writer does."""
    store = wiring.event_store()
    writer = Writer(
        log=log,
        store=store,
        seen=load_seen_ids(store),
        rules_of=wiring.rules_of,
        clock=lambda: time.time_ns() // 1_000_000,
        tell=lambda _news: None,
    )
    while entries := log.read(most=100, wait=0):
        writer.write(entries)


def test_overview_shows_what_credit_cost(client: Client, spend: Any) -> None:
    spend(f"{YESTERDAY},newsletter,email,spring,20,EUR\n{YESTERDAY},google,cpc,brand,12.50,\n")

    text = words(page(client))

    assert "Ad spend" in text
    assert "€32.50" in text
    assert "Email 1 €100.00" in text
    assert "€20.00 €20.00 5×" in text
    assert "Paid Search 0 €0.00 0.0%" in text
    assert "€12.50 – 0×" in text
    assert "€32.50 €10.83 4.92×" in text
    header, *rows = table(client, "breakdown")
    assert header[5:] == ["Ad spend (EUR)", "Cost per conversion (EUR)", "Return on ad spend"]
    assert {row[0]: row[5:] for row in rows} == {
        "Email": ["20", "20.0000", "5.0"],
        "Display": ["", "", ""],
        "Direct": ["", "", ""],
        "Paid Search": ["12.5", "", "0.0"],
    }


def test_figures_that_came_last_hold(client: Client, spend: Any) -> None:
    line = f"{YESTERDAY},newsletter,email,spring,"

    spend(f"{line}20,EUR\n")
    spend(f"{line}20,EUR\n")
    assert "€20.00 €20.00 5×" in words(page(client))
    spend(f"{line}25,EUR\n")

    assert "€25.00 €25.00 4×" in words(page(client))


def test_repeated_campaign_in_one_file_is_told(spend: Any, tmp_path: Path) -> None:
    said = spend(f"{YESTERDAY},newsletter,email,spring,20,EUR\n{YESTERDAY},newsletter,email,spring,7,EUR\n")

    assert "Not understood: 1 repeated_spend" in said
    with (tmp_path / "spend.csv.rejected.csv").open() as lines:
        assert [row[:2] for row in csv.reader(lines)][1:] == [["2", "repeated_spend"]]


def test_other_currencies_stand_apart(client: Client, spend: Any) -> None:
    spend(f"{YESTERDAY},newsletter,email,spring,20,USD\n")

    text = words(page(client))

    assert "Ad spend in other currencies $20.00. It is never added to EUR." in text


def test_filters_and_breakdowns_reach_spend(client: Client, spend: Any) -> None:
    spend(f"{YESTERDAY},newsletter,email,spring,20,EUR\n{YESTERDAY},google,cpc,brand,12.50,EUR\n")

    assert "€12.50" not in words(page(client, "?channel=Email"))
    assert "€20.00 €20.00 5×" in words(page(client, "?channel=Email"))
    assert "€12.50" in words(page(client, "?by=campaign"))


def test_overview_without_spend_says_nothing_of_it(client: Client) -> None:
    assert "Ad spend" not in words(page(client))
    assert len(table(client, "breakdown")[0]) == 5
