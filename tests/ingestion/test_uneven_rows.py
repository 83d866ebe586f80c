"""Rows with more or fewer cells than the header are told in words, and never read askew (R4, R9)."""

from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from pytest_django.asserts import assertContains

from apps.ingestion.models import FileImport
from tests.factories.company import Company
from tests.fakes.event_log import MemoryLog
from tests.ingestion.test_import_api import Api, api
from tests.ingestion.test_import_pages import PAGE, ada, upload

__all__ = ["ada", "api"]
HEADER = "who,at,paid in full,note"
UNEVEN = [
    ("ann,2026-05-01,1,x,", "5 cells where the header has 4. The row ends with a separator that the header has not"),
    ("ann,2026-05-01,12,5,", "5 cells where the header has 4. The row ends with a separator"),
    ("ann,2026-05-01,1,x,y", "5 cells where the header has 4. A text or a number with a separator in it must stand in"),
    ("ann,2026-05-01", "2 cells where the header has 4. The row broke off"),
]


@pytest.mark.parametrize(("row", "words"), UNEVEN)
def test_uneven_row_is_told_in_words(api: Api, row: str, words: str) -> None:
    """`12,5,` has a cell too many that is empty, too: read askew, 12 would be paid."""
    made = api.upload(f"{HEADER.replace(' in full', '')}\n{row}\nbob,2026-05-01,2,y\n".encode()).json()

    preview = api.get(f"{made['id']}/preview/").json()

    (bad,) = preview["not_understood"]
    assert (bad["row"], bad["reason"], bad["content"]) == (1, "unreadable_row", row)
    assert bad["detail"].startswith(words)


def test_separator_at_the_end_of_header_and_rows_is_an_empty_column(run: Any, tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_text("who,at,\nann,2026-05-01,\n")

    (event,) = run(file, "--map", "userId=who", "timestamp=at", "type='page'")

    assert event["userId"] == "ann"


@pytest.mark.parametrize(
    ("language", "said"),
    [("en", "5 cells where the header has 4. The row ends"), ("ru", "Ячеек: 5, а в заголовке: 4. В")],
)
def test_page_says_so_in_the_language_of_whoever_reads(
    ada: Client, company: Company, log: MemoryLog, language: str, said: str
) -> None:
    upload(ada, company, f"{HEADER}\n{UNEVEN[0][0]}\n".encode())
    ada.cookies["django_language"] = language

    assertContains(ada.get(f"{PAGE}{FileImport.objects.get().pk}/"), said)
