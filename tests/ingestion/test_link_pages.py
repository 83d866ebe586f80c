"""The page of links: members see theirs, analysts make them, outsiders find nothing (R5)."""

from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django.asserts import assertContains, assertNotContains, assertRedirects

from apps.compliance.models import AuditEntry
from apps.ingestion import services
from apps.ingestion.domain.naming import NamingRules, findings
from apps.ingestion.models import AppSite, Link, LinkVersion
from apps.ingestion.services import store_events
from apps.orgs.models import Membership, Role
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


def test_change_is_a_version_and_the_address_stays(company: Company) -> None:
    """R10: what a link said before is kept, with who changed it."""
    ada = company.client_of(company.ada)
    link = services.create_link(property_id=company.shop.pk, made_by=company.grace, slug="go", **NEW)
    address = f"{LINKS}{link.pk}/"
    changed = {**NEW, "destination": "https://shop.example/june", "campaign": "june", "version": 1, "slug": "other"}

    assertRedirects(ada.post(f"{address}change/", changed), address)
    page = ada.get(address)
    again = ada.post(f"{address}change/", {**changed, "destination": "https://late.example/"})
    unsafe = ada.post(f"{address}change/", {**changed, "version": 2, "ios_destination": "javascript:alert(1)"})

    link.refresh_from_db()
    assert (link.slug, link.version, link.destination) == ("go", 2, "https://shop.example/june")
    rows = LinkVersion.objects.filter(link=link).values_list("version", "destination", "made_by__email")
    assert list(rows) == [(2, link.destination, "ada@example.org"), (1, NEW["destination"], "grace@example.org")]
    assertContains(page, "<del>https://shop.example/</del> → <ins>https://shop.example/june</ins>")
    assertContains(again, "Somebody else changed the link meanwhile", status_code=422)
    assertContains(again, "https://late.example/", status_code=422)
    assertContains(unsafe, "must begin with https://", status_code=422)
    assert AuditEntry.objects.filter(subject="ingestion_link", action="update").exists()


def test_archived_link_can_be_restored_and_both_are_versions(company: Company) -> None:
    ada, viewer = company.client_of(company.ada), company.client_of(company.grace)
    link = services.create_link(property_id=company.shop.pk, made_by=company.ada, slug="go", **NEW)
    address = f"{LINKS}{link.pk}/"

    ada.post(f"{address}archive/", {"active": "0"})
    assertContains(ada.get(address), "In the archive")
    assertNotContains(ada.get(LINKS), "/l/go")
    assertContains(ada.get(f"{LINKS}?archive=1"), "/l/go")
    ada.post(f"{address}archive/", {"active": "1"})

    assertContains(ada.get(LINKS), "/l/go")
    assert [row.is_active for row in LinkVersion.objects.order_by("version")] == [True, False, True]
    Membership.objects.filter(user=company.grace).update(role=Role.VIEWER)
    denied = [viewer.post(f"{address}{one}/", {**NEW, "version": 3}).status_code for one in ("change", "archive")]
    foreign = [company.client_of(company.mallory).post(f"{address}{one}/").status_code for one in ("change", "archive")]
    assert (denied, foreign) == ([403, 403], [404, 404])


def test_api_makes_changes_and_keeps_versions(company: Company) -> None:
    api = f"/api/v1/properties/{company.shop.pk}/links/"
    ada, grace = company.client_of(company.ada), company.client_of(company.grace)

    def patch(browser: Client, number: int, **changes: object) -> Any:
        return browser.patch(f"{api}{number}/", changes, content_type="application/json")

    made = ada.post(api, NEW, content_type="application/json")
    number = made.json()["id"]
    changed = patch(ada, number, destination="https://a.example/", version=1)
    stale = patch(ada, number, destination="https://b.example/", version=1)
    hostile = patch(ada, number, android_destination="https://user@evil.example/")
    archived = patch(ada, number, is_active=False)
    Membership.objects.filter(user=company.grace).update(role=Role.VIEWER)

    assert (made.status_code, made.json()["version"]) == (201, 1)
    assert (changed.status_code, changed.json()["version"], changed.json()["slug"]) == (200, 2, made.json()["slug"])
    assert [stale.status_code, hostile.status_code] == [409, 400]
    assert (archived.json()["is_active"], archived.json()["version"]) == (False, 3)
    assert [one["version"] for one in grace.get(f"{api}{number}/").json()["versions"]] == [3, 2, 1]
    assert patch(grace, number, name="x").status_code == 403
    assert grace.post(api, NEW, content_type="application/json").status_code == 403
    assert company.client_of(company.mallory).get(f"{api}{number}/").status_code == 404


def test_built_address_names_each_thing_once(company: Company) -> None:
    """Readers take the first of two `utm_source`, which would be the old one."""
    address = {"address": "https://shop.example/?UTM_Source=old&x=1&utm_id=7#top", "source": "new", "campaign": "may"}

    page = company.client_of(company.ada).get(f"{LINKS}names/", address)

    assertContains(page, "https://shop.example/?x=1&amp;utm_id=7&amp;utm_source=new&amp;utm_campaign=may#top")


def test_rules_of_names_can_be_followed(company: Company) -> None:
    ada, naming = company.client_of(company.ada), f"{LINKS}names/"
    rules = {"is_lower": "on", "joint": "-", "sources": "Google Ads\ngoogle ads\nnews", "mediums": "CPC"}

    assertRedirects(ada.post(naming, rules), naming)
    assertContains(ada.get(naming), "google-ads\nnews</textarea>")
    assertRedirects(ada.post(f"{LINKS}new/", {**NEW, "source": "google-ads", "medium": "cpc"}), LINKS)
    for pattern in ("{Country}-*", "{}-x", "{a b}", "a}"):
        answer = ada.post(naming, {**rules, "campaign_pattern": pattern})
        assertContains(answer, "Braces hold one word of small letters", status_code=422)


def test_refused_address_is_explained_in_the_language_of_the_page(company: Company) -> None:
    ada = company.client_of(company.ada)

    for wrong in ("javascript:alert(1)", "https://a:b@x.example/", "https://x.example/a b", "https://x.example:99999/"):
        answer = ada.post(f"{LINKS}new/", {**NEW, "destination": wrong}, headers={"accept-language": "ru"})
        assertContains(answer, "\u0410\u0434\u0440\u0435\u0441", status_code=422)
        assertNotContains(answer, "The address", status_code=422)
