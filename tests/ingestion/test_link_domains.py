"""A domain of links answers for its organization alone, and whoever has shown that it is theirs keeps it (R5)."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django.asserts import assertContains, assertRedirects

from apps.accounts.models import Domain
from apps.ingestion import services, wiring
from apps.ingestion.models import AppSite, Link
from apps.orgs.models import Organization
from tests.factories.company import Company
from tests.fakes.event_log import MemoryLog

OURS, DOMAIN = "/o/fernweh/p/shop/links/", "go.fernweh.example"
THEIRS = OURS.replace("fernweh", "cinder")
PERSON = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36"
)


@pytest.fixture(autouse=True)
def forgetful(settings: Any) -> Iterator[None]:
    """A door that has not asked yet."""
    settings.COLLECT_URL = "https://collect.tributary.example"
    wiring.app_files_of().forget()
    yield
    wiring.app_files_of().forget()


def make(property_id: int, slug: str) -> Link:
    return services.create_link(
        property_id=property_id, made_by=None, slug=slug, name=slug, destination="https://x.example/", source="s"
    )


def verify(organization: Organization, name: str) -> None:
    Domain.objects.create(organization=organization, name=name, verified_at=timezone.now(), verified_by="dns")


@pytest.mark.parametrize("path", ["/l/{}", "/p/{}.gif", "/s/{}/click"])
def test_link_of_a_stranger_is_not_found_at_a_domain_that_people_trust(
    door: Client, company: Company, log: MemoryLog, path: str
) -> None:
    """R5: else a stranger's address leads on from there, and looks like one of theirs."""
    AppSite.objects.create(property=company.shop, domain=DOMAIN)
    make(company.shop.pk, "ours")
    make(company.theirs.pk, "evil")

    def ask(slug: str, host: str) -> int:
        return door.get(path.format(slug), headers={"host": host, "user-agent": PERSON}).status_code

    assert ask("evil", DOMAIN) == ask("evil", f"{DOMAIN.upper()}.:443") == 404
    assert not log.entries
    for slug, host in (
        ("ours", DOMAIN), ("ours", "collect.tributary.example"), ("evil", "collect.tributary.example"),
        ("evil", "named.by.nobody.example"), ("ours", "named.by.nobody.example"),
    ):  # fmt: skip
        assert ask(slug, host) in (200, 204, 302), (slug, host)


def test_domain_that_everybody_shares_is_nobodys(company: Company) -> None:
    """R5: else the app of one organization opens the links of all others."""
    mallory = company.client_of(company.mallory)
    named = {"domain": "collect.tributary.example", "ios_apps": "ABCDE12345.evil.app"}

    assertContains(mallory.post(f"{THEIRS}apps/", named), "Links of every organization here", status_code=422)
    company.organization.delete()
    assertRedirects(mallory.post(f"{THEIRS}apps/", named), f"{THEIRS}apps/")


def test_domain_that_was_shown_to_be_theirs_is_not_named_by_another(company: Company) -> None:
    verify(company.organization, "fernweh.example")
    mallory = company.client_of(company.mallory)

    answer = mallory.post(f"{THEIRS}apps/", {"domain": DOMAIN, "ios_apps": "ABCDE12345.evil.app"})

    assertContains(answer, "Another organization here has verified this domain.", status_code=422)
    assertRedirects(mallory.post(f"{THEIRS}apps/", {"domain": "notfernweh.example"}), f"{THEIRS}apps/")


def test_whoever_shows_that_a_domain_is_theirs_takes_it_back(company: Company) -> None:
    AppSite.objects.create(property=company.theirs, domain=DOMAIN, ios_apps=["ABCDE12345.evil.app"])
    ada = company.client_of(company.ada)

    assertContains(ada.post(f"{OURS}apps/", {"domain": DOMAIN}), "This address is taken.", status_code=422)
    verify(company.organization, "fernweh.example")
    assertRedirects(ada.post(f"{OURS}apps/", {"domain": DOMAIN}), f"{OURS}apps/")

    assert [(site.property_id, site.domain) for site in AppSite.objects.all()] == [(company.shop.pk, DOMAIN)]


def test_domain_is_kept_as_phones_name_it(company: Company) -> None:
    ada = company.client_of(company.ada)

    assertRedirects(ada.post(f"{OURS}apps/", {"domain": "https://Los.Bücher.example./"}), f"{OURS}apps/")
    assert AppSite.objects.get().domain == "los.xn--bcher-kva.example"
    for wrong in ("go.example?x", "go.example#x", "a@go.example", "go example", "go..example", "go.example:8443"):
        assert ada.post(f"{OURS}apps/", {"domain": wrong}).status_code == 422, wrong


def test_link_can_be_shared_at_the_domain_of_its_property(company: Company) -> None:
    """Apps open the links of that domain and of no other, so it must be the one that is shared."""
    link = make(company.shop.pk, "ours")
    ada = company.client_of(company.ada)
    shared = f"https://{DOMAIN}/l/ours"
    before = ada.get(f"{OURS}{link.pk}/qr.svg").content

    AppSite.objects.create(property=company.shop, domain=DOMAIN)

    page = ada.get(f"{OURS}{link.pk}/")
    assertContains(page, shared)
    assertContains(page, "https://collect.tributary.example/l/ours")
    assert ada.get(f"{OURS}{link.pk}/qr.svg").content == before
    assert ada.get(f"{OURS}{link.pk}/qr.svg?at=domain").content != before
