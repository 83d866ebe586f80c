"""Choosing a region, and seeing it: pages, the command, the record, the admin."""

import re
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from apps.compliance.models import AuditEntry
from apps.orgs.models import Property
from tests.factories.company import make_company
from tests.regions.conftest import COLLECT, World

NEW = {"name": "Outlet", "currency": "USD", "time_zone": "UTC"}


def text_of(answer: Any) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", answer.content.decode()).split())


def test_new_property_begins_in_the_chosen_region(world: World) -> None:
    ada = world.company.client_of(world.company.ada)
    form = ada.get("/properties/new/").content.decode()

    made = ada.post("/properties/new/", NEW | {"organization": world.company.organization.pk, "region": "us"})

    assert ('<option value="eu"' in form, '<option value="us"' in form) == (True, True)
    assert "It cannot be changed later." in form
    assert made.status_code == 302
    assert Property.objects.get(slug="outlet").region == "us"
    entry = AuditEntry.objects.filter(subject="orgs_property").latest("pk")
    assert (entry.action, entry.after["region"]) == ("insert", "us")


def test_form_without_a_region_says_so_beside_the_field_and_keeps_the_rest(world: World) -> None:
    ada = world.company.client_of(world.company.ada)

    refused = ada.post("/properties/new/", NEW | {"organization": world.company.organization.pk, "region": ""})
    invented = ada.post("/properties/new/", NEW | {"organization": world.company.organization.pk, "region": "mars"})

    html = refused.content.decode()
    assert (refused.status_code, invented.status_code) == (422, 422)
    assert "Choose the region that keeps the events: it cannot be changed later." in html
    assert 'value="Outlet"' in html
    assert re.search(r'<select[^>]*name="region"[^>]*aria-invalid="true"', html)
    assert not Property.objects.filter(slug="outlet").exists()


def test_organization_says_it_for_its_new_properties(world: World) -> None:
    ada = world.company.client_of(world.company.ada)

    saved = ada.post("/o/fernweh/", {"name": "Fernweh", "region": "us"})
    ada.post("/properties/new/", NEW | {"organization": world.company.organization.pk, "region": ""})

    world.company.organization.refresh_from_db()
    assert (saved.status_code, world.company.organization.region) == (302, "us")
    assert Property.objects.get(slug="outlet").region == "us"
    world.eu.refresh_from_db()
    assert world.eu.region == "eu"


def test_settings_show_the_region_and_its_own_door(world: World) -> None:
    ada = world.company.client_of(world.company.ada)

    page = ada.get("/o/fernweh/p/boutique/settings/")

    said = text_of(page)
    assert "United States" in said
    assert "It cannot be changed here" in said
    assert (COLLECT["us"] in said, COLLECT["eu"] in said) == (True, False)
    ada.post("/o/fernweh/p/boutique/settings/", {"region": "eu"})
    world.us.refresh_from_db()
    assert world.us.region == "us"


def test_pages_without_events_work_in_every_region(world: World, settings: Any) -> None:
    settings.REGION = "eu"
    ada = world.company.client_of(world.company.ada)

    pages = ("/o/fernweh/p/boutique/settings/", "/o/fernweh/p/boutique/links/", "/o/fernweh/", "/?all=1")

    assert [ada.get(page).status_code for page in pages] == [200] * len(pages)


def test_russian_reader_is_told_in_russian(world: World, settings: Any) -> None:
    settings.REGION = "eu"
    ada = world.company.client_of(world.company.ada)
    ada.cookies["django_language"] = "ru"

    refused, form = ada.get("/o/fernweh/p/boutique/"), ada.get("/properties/new/")

    assert "Эти данные хранятся в регионе United States" in text_of(refused)
    assert "Регион" in text_of(form)


def test_operator_sees_the_region_and_cannot_change_it(world: World) -> None:
    world.company.ada.is_staff = world.company.ada.is_superuser = True
    world.company.ada.save()
    ada = world.company.client_of(world.company.ada)

    page = ada.get(f"/admin/orgs/property/{world.us.pk}/change/")
    listed = ada.get("/admin/orgs/property/")

    assert (page.status_code, listed.status_code) == (200, 200)
    assert 'name="region"' not in page.content.decode()
    assert re.search(r"<td[^>]*>\s*us\s*</td>", listed.content.decode())


def test_command_makes_a_property_in_a_region(world: World) -> None:
    call_command("create_property", "fernweh/outlet", owner="ada@example.org", region="eu")
    with pytest.raises(CommandError, match="region: Choose the region"):
        call_command("create_property", "fernweh/other", owner="ada@example.org")

    assert Property.objects.get(slug="outlet").region == "eu"


def test_older_properties_are_given_a_region_once(world: World) -> None:
    old = Property.objects.create(organization=world.company.organization, name="Old", slug="old")
    with pytest.raises(CommandError, match=f"property {old.pk} has no region"):
        call_command("check_regions")

    call_command("assign_region", "us")
    with pytest.raises(CommandError, match="That is not changed in place"):
        call_command("assign_region", "eu", property=["fernweh/old"])
    with pytest.raises(CommandError, match="There is no region mars"):
        call_command("assign_region", "mars")

    old.refresh_from_db()
    assert old.region == "us"


def test_installation_of_one_region_shows_none(db: None) -> None:
    company = make_company()
    ada = company.client_of(company.ada)

    pages = [
        ada.get(page).content.decode() for page in ("/properties/new/", "/o/fernweh/p/shop/settings/", "/o/fernweh/")
    ]

    assert [bool(re.search(r'id="region"|name="region"', page)) for page in pages] == [False] * 3
    assert ada.get("/api/v1/properties/").json()[0]["region"] == ""
