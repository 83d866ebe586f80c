"""Lookbacks by level: what a property does not say, its organization says, and where neither does it is as usual."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError

from apps.orgs import queries, services
from apps.orgs.models import Organization, PropertySettings
from tests.factories.company import Company

DAY = timedelta(days=1)
ORGANIZATION, SETTINGS = "/o/fernweh/", "/o/fernweh/p/shop/settings/"


def lookbacks(company: Company) -> tuple[timedelta, timedelta]:
    rules = queries.property_by_id(company.shop.pk).rules
    return rules.click_lookback, rules.view_lookback


def test_most_specific_level_wins(company: Company) -> None:
    """SEMANTICS 1: organization, then property; each of the two lookbacks apart."""
    assert lookbacks(company) == (30 * DAY, DAY)
    services.set_common_lookbacks(company.organization, click=7 * DAY, view=None)
    assert lookbacks(company) == (7 * DAY, DAY)
    services.set_common_lookbacks(company.organization, click=7 * DAY, view=3 * DAY)
    services.change_settings(property_id=company.shop.pk, made_by=None, click_lookback=14 * DAY)
    assert lookbacks(company) == (14 * DAY, 3 * DAY)
    services.change_settings(property_id=company.shop.pk, made_by=None, click_lookback=None)
    assert lookbacks(company) == (7 * DAY, 3 * DAY)


@pytest.mark.parametrize(("click", "view"), [(91 * DAY, None), (None, 8 * DAY), (timedelta(minutes=1), None)])
def test_lookback_out_of_range_is_refused(company: Company, click: timedelta | None, view: timedelta | None) -> None:
    with pytest.raises(ValidationError):
        services.set_common_lookbacks(company.organization, click=click, view=view)

    assert lookbacks(company) == (30 * DAY, DAY)


def test_pages_say_and_change_them(company: Company) -> None:
    ada = company.client_of(company.ada)

    answer = ada.post(ORGANIZATION, {"name": "Fernweh", "click_lookback": "604800", "view_lookback": ""})

    assert answer.status_code == 302
    assert lookbacks(company) == (7 * DAY, DAY)
    page = ada.get(SETTINGS).content.decode()
    assert "As the organization says: 7 days" in page
    assert "As the organization says: 1 day" in page


def test_another_value_than_those_offered_is_refused_beside_its_field(company: Company) -> None:
    answer = company.client_of(company.ada).post(ORGANIZATION, {"name": "Fernweh", "click_lookback": "1"})

    assert answer.status_code == 422
    assert Organization.objects.get(pk=company.organization.pk).click_lookback is None


def test_member_does_not_change_them(company: Company) -> None:
    """R5."""
    answer = company.client_of(company.grace).post(ORGANIZATION, {"name": "Fernweh", "click_lookback": "604800"})

    assert answer.status_code == 403
    assert lookbacks(company) == (30 * DAY, DAY)


def test_property_that_says_nothing_keeps_saying_nothing(company: Company) -> None:
    services.change_settings(property_id=company.shop.pk, made_by=None, currency="JPY")

    newest = PropertySettings.objects.filter(property=company.shop).first()
    assert newest is not None
    assert (newest.click_lookback, newest.view_lookback) == (None, None)
