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


def test_owner_of_one_property_still_finds_the_way_to_another(company: Company) -> None:
    page = company.client_of(company.ada).get("/?all=1").content.decode()

    assert 'href="/properties/new/"' in page


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

    with django_assert_max_num_queries(5):  # type: ignore[operator]
        client.get("/")


def test_person_without_organization_is_told_what_to_do(db: None) -> None:
    client = Client()
    client.force_login(User.objects.create_user("new@example.org"))

    page = client.get("/").content.decode()

    assert "Ask an owner to add new@example.org as a member" in page


def test_owner_begins_a_property_and_gets_its_write_key(company: Company) -> None:
    response = company.client_of(company.ada).post(
        "/properties/new/",
        {"organization": company.organization.pk, "name": "Shop", "currency": "CHF", "time_zone": "Europe/Zurich"},
        follow=True,
    )

    assert response.redirect_chain == [("/o/fernweh/p/shop-2/settings/", 302)]
    made = company.organization.properties.get(slug="shop-2")
    assert (made.currency, made.time_zone) == ("CHF", "Europe/Zurich")
    assert made.streams.get().write_key in response.content.decode()


def test_foreign_organization_cannot_be_given_a_property(company: Company) -> None:
    """R5: an id of another organization is not among the choices."""
    response = company.client_of(company.ada).post(
        "/properties/new/",
        {"organization": company.theirs.organization.pk, "name": "X", "currency": "CHF", "time_zone": "UTC"},
    )

    assert response.status_code == 422
    assert company.theirs.organization.properties.count() == 1


def test_member_without_the_right_begins_nothing(company: Company) -> None:
    assert company.client_of(company.grace).get("/properties/new/").status_code == 403


def test_operator_founds_an_organization_with_its_first_property(db: None) -> None:
    client = Client()
    client.force_login(User.objects.create_superuser("ada@example.org", "correct horse battery staple"))

    refused = client.post("/properties/new/", {"name": "Лавка", "currency": "EUR", "time_zone": "UTC"})
    made = client.post(
        "/properties/new/",
        {"organization_name": "Fern & Weh", "name": "Лавка", "currency": "EUR", "time_zone": "UTC"},
    )

    assert refused.status_code == 422
    assertRedirects(made, "/o/fern-weh/p/property/settings/", fetch_redirect_response=False)
