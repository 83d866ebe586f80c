"""Quarantine and reports of imports on a phone: why something was not taken is read without scrolling sideways."""

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from apps.ingestion.models import FileImport
from tests.conftest import CHROMIUM
from tests.factories.company import Company
from tests.fakes.event_log import MemoryLog
from tests.phone import beyond_the_edge, phone

pytestmark = [pytest.mark.stores, pytest.mark.skipif(not CHROMIUM, reason="Chromium is not installed")]
SHOP = "/o/fernweh/p/shop"
OWN = "userId=who timestamp=at properties.value=paid\nevent='Order Paid' type='track'"
LONG = "сообщение" * 25


@pytest.fixture
def russian(company: Company) -> Client:
    """Ada's browser, in Russian."""
    ada = company.client_of(company.ada)
    ada.cookies["django_language"] = "ru"
    return ada


def test_why_stands_on_the_screen_of_a_phone(russian: Client, send: Any, write: Any, expect: Any) -> None:
    expect("not_null", "properties.a_rather_long_name_of_a_field.of_another", name="L" * 120)
    send({"messageId": "m-1"}, {"messageId": "m-2", "properties": {"value": "much"}})
    write()
    html = russian.get(f"{SHOP}/quality/quarantine/").content.decode()

    with phone(html) as page:
        said = page.locator("td.said").all_inner_texts()
        hidden = beyond_the_edge(page, ".table :is(td, th[scope=row])")

    assert len(said) == 2
    assert hidden == []


def test_what_is_wrong_with_a_row_stands_on_the_screen_of_a_phone(
    company: Company, russian: Client, log: MemoryLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(log, "lag", lambda: 0, raising=False)
    file = SimpleUploadedFile("orders.csv", b"who,at,paid\nann,2026-05-01,1\nbob,yesterday,2\n")
    stream = str(company.shop.streams.get().pk)
    russian.post(f"{SHOP}/imports/", {"mapping": "own", "own_mapping": OWN, "stream": stream, "file": file})
    html = russian.get(f"{SHOP}/imports/{FileImport.objects.get().pk}/").content.decode()

    with phone(html) as page:
        said = page.locator("td.said").inner_text()
        hidden = beyond_the_edge(page, ".table--stacks :is(td, th)")

    assert said.startswith("'yesterday' — не время.")
    assert hidden == []


def test_long_id_leaves_the_top_of_a_phone_one_line_high(russian: Client, send: Any, write: Any) -> None:
    send({"messageId": LONG, "properties": {"value": "much"}})
    write()
    html = russian.get(f"{SHOP}/quality/quarantine/item/", {"id": LONG}).content.decode()

    with phone(html) as page:
        top = page.locator(".topbar").bounding_box()
        hidden = beyond_the_edge(page, ".topbar *, .page-head *")

    assert top is not None
    assert top["height"] < 60
    assert hidden == []
