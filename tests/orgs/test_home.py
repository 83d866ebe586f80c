"""Where a person begins."""

import pytest
from django.test import Client
from pytest_django.asserts import assertRedirects

from apps.orgs import services
from apps.orgs.models import User
from tests.factories.company import Company


def test_stranger_is_asked_to_sign_in(db: None) -> None:
    assertRedirects(Client().get("/"), "/accounts/login/?next=/", fetch_redirect_response=False)


def test_only_property_is_entered_at_once(company: Company) -> None:
    response = company.client_of(company.ada).get("/")

    assertRedirects(response, "/o/fernweh/p/shop/", fetch_redirect_response=False)


def test_several_properties_are_offered_and_foreign_ones_are_not(company: Company) -> None:
    services.create_property(
        organization=company.organization,
        name='<b>"App"</b>',
        slug="app",
        time_zone="UTC",
        currency="USD",
        made_by=None,
    )

    page = company.client_of(company.grace).get("/").content.decode()

    assert 'href="/o/fernweh/p/shop/"' in page
    assert 'href="/o/fernweh/p/app/"' in page
    assert "/o/cinder/" not in page
    assert '<b>"App"</b>' not in page
    assert "&lt;b&gt;&quot;App&quot;&lt;/b&gt;" in page


@pytest.mark.parametrize("count", [2, 4])
def test_number_of_queries_does_not_grow_with_properties(
    company: Company, count: int, django_assert_max_num_queries: object
) -> None:
    for number in range(count):
        services.create_property(
            organization=company.organization,
            name=f"P{number}",
            slug=f"p{number}",
            time_zone="UTC",
            currency="USD",
            made_by=None,
        )
    client = company.client_of(company.ada)

    with django_assert_max_num_queries(4):  # type: ignore[operator]
        client.get("/")


def test_person_without_organization_is_told_what_to_do(db: None) -> None:
    client = Client()
    client.force_login(User.objects.create_user("new@example.org"))

    page = client.get("/").content.decode()

    assert "Ask an owner to add new@example.org as a member" in page
