"""The page of links: members see theirs, analysts make them, outsiders find nothing (R5)."""

import pytest
from pytest_django.asserts import assertContains, assertNotContains, assertRedirects

from apps.ingestion import services
from apps.ingestion.models import Link
from tests.factories.company import Company

LINKS = "/o/fernweh/p/shop/links/"
NEW = {"name": "May", "destination": "https://shop.example/", "source": "newsletter", "medium": "email"}


def test_made_link_stands_in_the_list(company: Company) -> None:
    browser = company.client_of(company.grace)

    assertRedirects(browser.post(f"{LINKS}new/", NEW), LINKS)
    link = Link.objects.get()
    assert (link.property_id, link.made_by, len(link.slug)) == (company.shop.pk, company.grace, 8)
    assertContains(browser.get(LINKS), f"/l/{link.slug}")


def test_list_holds_only_the_propertys_own(company: Company) -> None:
    services.create_link(
        property_id=company.theirs.pk, made_by=None, name="Theirs", destination="https://x.example/", source="x"
    )

    response = company.client_of(company.ada).get(LINKS)

    assertNotContains(response, "Theirs")
    assertContains(response, "No link yet")


@pytest.mark.parametrize("address", [LINKS, f"{LINKS}new/"])
def test_outsider_finds_nothing(company: Company, address: str) -> None:
    assert company.client_of(company.mallory).get(address).status_code == 404


def test_unsafe_destination_is_said_at_the_form(company: Company) -> None:
    response = company.client_of(company.ada).post(f"{LINKS}new/", {**NEW, "destination": "javascript:alert(1)"})

    assertContains(response, "must begin with https://", status_code=422)
    assert not Link.objects.exists()
