"""Lists of a large installation: each shows a page, finds the rest, and costs what it shows."""

from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from django.contrib import admin
from django.http import QueryDict
from django.test import Client
from django.utils import timezone

from apps.compliance import queries as compliance
from apps.compliance.models import AuditEntry
from apps.orgs import services
from apps.orgs.models import ApiKey, Invitation, Membership, Organization, Property, Role, ServiceAccount, User
from apps.shared.pages import page_of
from apps.shared.read_only import LongListAdmin
from tests.factories.company import Company

SCHEDULES = {"django_celery_beat", "auth"}  # of the installation: as many as it has tasks


@pytest.fixture
def guest_of_many(company: Company) -> Client:
    """An account in forty organizations with two properties each, of one of which it may see one."""
    guest = User.objects.create_user("many@example.org", "correct horse battery staple")
    for number in range(40):
        organization = Organization.objects.create(name=f"Company {number:02}", slug=f"company-{number:02}")
        rows = [Property.objects.create(organization=organization, name=name, slug=name) for name in ("app", "shop")]
        seen = [rows[0].pk] if number == 0 else []
        Membership.objects.create(organization=organization, user=guest, role=Role.VIEWER, property_ids=seen)
    return company.client_of(guest)


def links(page: str) -> list[str]:
    """Return the properties that a page of all properties leads to, in its order."""
    return [part.partition('"')[0] for part in page.split('table__link" href="/o/')[1:]]


def test_properties_of_many_organizations_come_in_pages_that_meet_without_gaps(guest_of_many: Client) -> None:
    found: list[str] = []
    for number in (1, 2):
        found += links(guest_of_many.get("/", {"page": number}).content.decode())

    wanted = [f"company-{n:02}/p/{name}/" for n in range(40) for name in ("app", "shop")]
    wanted.remove("company-00/p/shop/")  # not among those that the membership is for
    assert found == wanted


def test_property_is_found_by_the_name_of_its_organization(guest_of_many: Client) -> None:
    assert links(guest_of_many.get("/?q=company+07").content.decode()) == ["company-07/p/app/", "company-07/p/shop/"]
    nothing = guest_of_many.get("/?q=Cinder")
    assert nothing.status_code == 200
    assert "Nothing has such a name" in nothing.content.decode()


def test_switch_offers_some_and_the_way_to_all(guest_of_many: Client) -> None:
    page = guest_of_many.get("/o/company-39/p/shop/goals/").content.decode()

    panel = page.partition('class="menu__panel"')[2].partition("</details>")[0]
    assert panel.count('href="/o/') == 30
    assert 'href="/?all=1"' in panel


@pytest.mark.parametrize("text", ["", "x", "-1", "0", "1e3", "٣", "9" * 40, "1\0"])
def test_crooked_number_of_a_page_is_the_first_or_an_empty_one(text: str) -> None:
    page = page_of(list(range(5)), QueryDict(urlencode({"page": text})), size=2)

    assert page.rows in ([0, 1], [])


def test_other_parts_of_the_address_stay_and_are_escaped(company: Company) -> None:
    people = [User(email=f"a&b{number}@example.org") for number in range(60)]
    for user in User.objects.bulk_create(people):
        Membership.objects.create(organization=company.organization, user=user, role=Role.VIEWER)

    page = company.client_of(company.ada).get("/o/fernweh/members/?q=a%26b").content.decode()

    assert 'href="?q=a%26b&amp;page=2"' in page


def test_members_invitations_programs_and_keys_come_in_pages(
    company: Company, django_assert_max_num_queries: Any
) -> None:
    now = timezone.now()
    Invitation.objects.bulk_create(
        Invitation(
            organization=company.organization, email=f"i{n}@example.org", secret_hash=str(n), made_at=now,
            expires_at=now + timedelta(days=1),
        )
        for n in range(30)
    )  # fmt: skip
    programs = ServiceAccount.objects.bulk_create(
        ServiceAccount(organization=company.organization, name=f"Program {n:02}") for n in range(60)
    )
    ApiKey.objects.bulk_create(
        ApiKey(account=programs[0], name=f"Key {n}", prefix=f"tk_{n}", secret_hash="0") for n in range(30)
    )
    client = company.client_of(company.ada)
    client.get("/o/fernweh/")

    for url, mark, first, second in (
        ("/o/fernweh/members/?invited=", "/withdraw/", 20, 10),
        ("/o/fernweh/programs/?page=", ">Program ", 50, 10),
        (f"/o/fernweh/programs/{programs[0].pk}/?page=", "<code", 20, 10),
    ):
        for number, shown in ((1, first), (2, second)):
            with django_assert_max_num_queries(14):
                page = client.get(f"{url}{number}").content.decode()
            assert page.count(mark) == shown, url


def test_record_is_read_along_its_own_chain_whatever_others_do(company: Company) -> None:
    rows = compliance.entries(organization_id=company.organization.pk, wanted=compliance.Wanted())

    assert "compliance_one_number" in rows.explain()
    found = list(rows)
    assert found
    assert [one.number for one in found] == list(range(len(found), 0, -1))
    assert {one.pk for one in found} == set(
        AuditEntry.objects.filter(organization_id=company.organization.pk).values_list("pk", flat=True)
    )


def test_every_list_of_the_administration_is_bounded_and_asks_nothing_by_row(
    company: Company, django_assert_max_num_queries: Any
) -> None:
    company.ada.is_staff = company.ada.is_superuser = True
    company.ada.save()
    client = company.client_of(company.ada)
    client.get("/admin/")
    for model, shown in admin.site._registry.items():
        if model._meta.app_label not in SCHEDULES:
            assert isinstance(shown, LongListAdmin), model
            assert not shown.show_full_result_count, model
            with django_assert_max_num_queries(12):
                assert client.get(f"/admin/{model._meta.app_label}/{model._meta.model_name}/").status_code == 200


def test_record_in_the_administration_is_chosen_from_without_reading_it_all(company: Company) -> None:
    company.ada.is_staff = company.ada.is_superuser = True
    company.ada.save()
    services.rename_organization(company.organization, name="Renamed")

    page = company.client_of(company.ada).get("/admin/compliance/auditentry/?subject=orgs_organization&action=update")

    assert page.status_code == 200
    assert [one.subject for one in page.context["cl"].result_list] == ["orgs_organization"]
