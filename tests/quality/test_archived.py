"""Expectations that were archived: they are taken into use again, by whom they belong to."""

import pytest
from pytest_django.asserts import assertContains, assertNotContains

from apps.quality.models import Expectation
from tests.factories.company import Company
from tests.quality.test_pages import LIST, NEW, filled

pytestmark = pytest.mark.stores


def test_archived_expectation_is_taken_into_use_again(company: Company) -> None:
    ada = company.client_of(company.ada)
    ada.post(NEW, filled())
    page = f"{LIST}{Expectation.objects.get().pk}/"
    ada.post(f"{page}archive/")
    assertContains(ada.get(LIST), "Use “Orders carry money” again")

    assertContains(ada.post(f"{page}restore/", follow=True), "is in use again")

    row = Expectation.objects.get()
    assert (row.is_archived, row.is_on, row.version, row.parameters) == (False, True, 3, {"min": "0"})
    assertNotContains(ada.get(LIST), "Use “")
    assert ada.post(f"{page}restore/").status_code == 404


def test_name_that_another_has_meanwhile_is_not_taken_back(company: Company) -> None:
    ada = company.client_of(company.ada)
    ada.post(NEW, filled())
    page = f"{LIST}{Expectation.objects.get().pk}/"
    ada.post(f"{page}archive/")
    ada.post(NEW, filled())

    assertContains(ada.post(f"{page}restore/", follow=True), "of this name already")
    assert Expectation.objects.filter(is_archived=False).count() == 1


def test_archived_expectation_is_taken_back_only_by_whom_it_belongs_to(company: Company) -> None:
    """Mallory sees none of another company (R5)."""
    ada = company.client_of(company.ada)
    ada.post(NEW, filled())
    page = f"{LIST}{Expectation.objects.get().pk}/"
    ada.post(f"{page}archive/")

    assert company.client_of(company.mallory).post(f"{page}restore/").status_code == 404
    assert Expectation.objects.get().is_archived
