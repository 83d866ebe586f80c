"""The form of an import in a browser: what was chosen stays chosen while something beside it is put right."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect, sync_playwright

from apps.ingestion.models import FileImport
from tests.conftest import CHROMIUM
from tests.factories.company import Company
from tests.shared.views.test_accessibility import QUIET, complaints_of

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PAGE = "/o/fernweh/p/shop/imports/"
OWN = "userId=who timestamp=at event='Order Paid' type='track'"
FILE: Any = {"name": "orders.csv", "mimeType": "text/csv", "buffer": b"who,at,note\nann,2026-05-01,1\n"}


@pytest.fixture
def ada(company: Company, live_server: Any) -> Iterator[Page]:
    """The owner's browser; an error in the page fails the test."""
    session = company.client_of(company.ada).cookies["sessionid"].value
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        context = browser.new_context(base_url=live_server.url)
        context.add_cookies([{"name": "sessionid", "value": session, "url": live_server.url}])
        page = context.new_page()
        complaints = complaints_of(page)
        yield page
        browser.close()
    assert complaints == []


def test_file_stays_chosen_while_a_field_is_put_right(ada: Page) -> None:
    ada.goto(PAGE)
    ada.set_input_files("[name=file]", FILE)
    ada.fill("[name=own_mapping]", OWN)
    ada.fill("[name=time_zone]", "Nowhere/Here")

    ada.click("text=Look at the file")
    expect(ada.locator(".field__error")).to_contain_text("There is no such time zone.")
    assert ada.evaluate("document.querySelector('[name=file]').files[0].name") == "orders.csv"
    assert ada.input_value("[name=own_mapping]") == OWN
    assert ada.evaluate("document.activeElement.name") == "time_zone"

    ada.fill("[name=time_zone]", "Europe/Berlin")
    ada.click("text=Look at the file")
    ada.wait_for_url(f"**{PAGE}*/")
    expect(ada.locator("body")).to_contain_text("2026-05-01T00:00:00+02:00")


def test_missing_file_is_told_at_its_field_and_led_to(ada: Page) -> None:
    ada.goto(PAGE)
    ada.fill("[name=own_mapping]", OWN)

    ada.click("text=Look at the file")

    expect(ada.locator(".field__error")).to_contain_text("This field is required.")
    assert ada.evaluate("document.activeElement.name") == "file"


def test_look_is_repeated_with_another_word_about_the_file(ada: Page) -> None:
    ada.goto(PAGE)
    ada.set_input_files("[name=file]", FILE)
    ada.fill("[name=own_mapping]", OWN.replace("who", "nobody"))
    ada.click("text=Look at the file")
    ada.wait_for_url(f"**{PAGE}*/")
    expect(ada.locator("body")).to_contain_text("None of the first rows becomes an event")

    ada.fill("[name=own_mapping]", OWN)  # open already: nothing was understood
    ada.click("text=Look at the file")

    expect(ada.locator("body")).to_contain_text('"userId": "ann"')
    expect(ada.locator("details.card")).not_to_have_attribute("open", "")
    assert FileImport.objects.count() == 1
