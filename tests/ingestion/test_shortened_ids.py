"""Ids that a spreadsheet shortened are refused and told: thousands of people would become one (R4, R9)."""

from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from pytest_django.asserts import assertContains

from apps.ingestion.models import FileImport
from tests.factories.company import Company
from tests.fakes.event_log import MemoryLog
from tests.ingestion.test_import_pages import PAGE, ada, upload

__all__ = ["ada"]
MAPPED = [
    "--map", "userId=who", "anonymousId=device", "messageId=id", "timestamp=at", "type='track'", "event='Sale'",
    "properties.order_id=order", "properties.value=paid",
]  # fmt: skip
WHOLE = {"who": "1234567890123", "device": "d-1", "id": "m-1", "order": "o-1", "paid": "1.5", "at": "2026-05-01"}
FIELDS = {"who": "userId", "device": "anonymousId", "id": "messageId", "order": "properties.order_id"}


def write(file: Path, *rows: dict[str, str]) -> Path:
    """Write *rows*, separated by semicolons."""
    file.write_text("\n".join(";".join(cells) for cells in (WHOLE, *(row.values() for row in rows))))
    return file


@pytest.mark.parametrize("shortened", ["1.23457E+12", "1,23457E+12", "1E+12", "1.23457e+12", "1.2345678E12"])
@pytest.mark.parametrize("column", list(FIELDS))
def test_shortened_id_is_refused_with_its_column(run: Any, tmp_path: Path, column: str, shortened: str) -> None:
    file = write(tmp_path / "a.csv", WHOLE | {column: shortened}, WHOLE)

    (taken,) = run(file, *MAPPED)

    assert taken["userId"] == "1234567890123"
    _, line = (tmp_path / "a.csv.rejected.csv").read_text().splitlines()
    assert line.startswith(f'1,shortened_id,{FIELDS[column]},"A spreadsheet shortened this id')


def test_shortened_id_inside_a_message_id_is_refused(run: Any, tmp_path: Path) -> None:
    own = tmp_path / "own.yaml"
    own.write_text(
        'events: [{type: track, event: Sale, messageId: "shop-{order}", userId: "{who}", timestamp: "{at}"}]'
    )

    assert run(write(tmp_path / "a.csv", WHOLE | {"order": "1.23E+11"}), "--mapping", str(own)) == []


@pytest.mark.parametrize("fine", ["1e12", "12E5", "e+12", "a1.5E+12b", "1.5", "3f2E+1", "550e8400-e29b-41d4"])
def test_id_that_only_looks_so_is_taken(run: Any, tmp_path: Path, fine: str) -> None:
    (taken,) = run(write(tmp_path / "a.csv", WHOLE | {"who": fine, "paid": "1.5E+3"}), *MAPPED)

    assert (taken["userId"], taken["properties"]["value"]) == (fine, "1.5E+3")


@pytest.mark.parametrize(("language", "said"), [("en", "A spreadsheet shortened this id"), ("ru", "Таблица сократила")])
def test_page_says_so_in_the_language_of_whoever_reads(
    ada: Client, company: Company, log: MemoryLog, language: str, said: str
) -> None:
    upload(ada, company, b"who,at,paid in full\n1.23457E+12,2026-05-01,1\n")
    ada.cookies["django_language"] = language

    page = ada.get(f"{PAGE}{FileImport.objects.get().pk}/")

    assertContains(page, said)
    assertContains(page, "shortened_id")
