"""The page of links: members see theirs, analysts make them, outsiders find nothing (R5)."""

import pytest
from django.utils import timezone
from pytest_django.asserts import assertContains, assertNotContains, assertRedirects

from apps.ingestion import services
from apps.ingestion.domain.naming import NamingRules, findings
from apps.ingestion.models import AppSite, Link
from apps.ingestion.services import store_events
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


def test_link_has_a_page_with_its_pictures_and_templates(company: Company) -> None:
    link = services.create_link(
        property_id=company.shop.pk, made_by=None, name="May", destination="https://a.example/", source="s", slug="go"
    )
    ada, mallory = company.client_of(company.ada), company.client_of(company.mallory)
    address = f"{LINKS}{link.pk}/"

    assertContains(ada.get(address), "/s/go/click?click_id=__CLICKID__")
    svg, png = ada.get(f"{address}qr.svg"), ada.get(f"{address}qr.png?download")
    assert (svg["Content-Type"], b"<svg" in svg.content) == ("image/svg+xml", True)
    assert (png.content[:4], png["Content-Disposition"]) == (b"\x89PNG", 'attachment; filename="go.png"')
    assert [ada.get(f"{address}qr.exe").status_code, ada.get(f"{LINKS}999999/").status_code] == [404, 404]
    assert [mallory.get(f"{address}{rest}").status_code for rest in ("", "qr.svg")] == [404, 404]
    theirs = f"/o/cinder/p/shop/links/{link.pk}/"
    assert [mallory.get(f"{theirs}{rest}").status_code for rest in ("", "qr.svg")] == [404, 404]


@pytest.mark.stores
@pytest.mark.usefixtures("clickhouse")
def test_names_follow_the_rules_in_links_addresses_and_the_past(company: Company) -> None:
    ada, names = company.client_of(company.ada), f"{LINKS}names/"
    now = timezone.now()
    store_events(
        {
            "property_id": [company.shop.pk] * 3,
            "message_id": ["a", "b", "c"],
            "kind": ["page"] * 3,
            "occurred_at": [now] * 3,
            "received_at": [now] * 3,
            "stored_at": [now] * 3,
            "has_source": [True] * 3,
            "source": ["google", "Google", "Google"],
        }
    )
    rules = {"is_lower": "on", "joint": "-", "sources": "google\nnewsletter", "campaign_pattern": "{country}-*"}

    assertRedirects(ada.post(names, rules), names)
    page = ada.get(names, {"address": "https://a.example/?x=1", "source": "google", "campaign": "de-may"})
    refused = ada.post(f"{LINKS}new/", {**NEW, "source": "News Letter", "campaign": "may"})

    assertContains(page, "https://a.example/?x=1&amp;utm_source=google&amp;utm_campaign=de-may")
    assertContains(page, "<code>Google</code>")
    assertContains(refused, "Write “news-letter”", status_code=422)
    assertContains(refused, "does not follow the pattern", status_code=422)
    assert not Link.objects.exists()
    assert company.client_of(company.mallory).get(names).status_code == 404


def test_apps_of_a_property_are_checked_and_kept(company: Company) -> None:
    ada, apps = company.client_of(company.ada), f"{LINKS}apps/"
    prints = ":".join(["ab"] * 32)
    good = {
        "domain": "https://GO.shop.example/",
        "ios_apps": "ABCDE12345.example.shop",
        "android_package": "example.shop",
        "android_fingerprints": prints,
    }

    assertRedirects(ada.post(apps, good), apps)
    site = AppSite.objects.get()
    assert (site.property_id, site.domain, site.made_by) == (company.shop.pk, "go.shop.example", company.ada)
    assert (site.ios_apps, site.android_fingerprints) == (["ABCDE12345.example.shop"], [prints.upper()])
    wrong = ({"domain": "x y"}, {"ios_apps": "shop"}, {"android_package": "1"}, {"android_fingerprints": "AA"})
    for values in wrong:
        assert ada.post(apps, {**good, **values}).status_code == 422
    assert company.client_of(company.grace).post(apps, good).status_code == 403
    assert company.client_of(company.mallory).get(apps).status_code == 404
    others = company.client_of(company.mallory).post("/o/cinder/p/shop/links/apps/", good)
    assertContains(others, "This address is taken", status_code=422)


@pytest.mark.parametrize(
    ("value", "rules", "faults"),
    [
        ("Spring Sale", NamingRules(is_lower=True, joint="-"), ["case", "blank"]),
        ("Spring Sale", NamingRules(), []),
        ("de-may-1", NamingRules(campaign_pattern="{country}-{month}-*"), []),
        ("de_may", NamingRules(campaign_pattern="{country}-*"), ["pattern"]),
        ("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!", NamingRules(campaign_pattern="(a*)+$"), ["pattern"]),
    ],
)
def test_names_are_checked_by_rule(value: str, rules: NamingRules, faults: list[str]) -> None:
    found = findings({"campaign": value}, rules)

    assert [one.fault.value for one in found] == faults
