"""What an organization asks of everybody who enters: a second factor, its own single sign-on, and the way around it."""

from typing import Any

import pytest
from django.core import mail
from django.test import Client

from apps.accounts.models import Domain, IdentityProvider, SignInRules
from tests.accounts.test_oidc import come, oidc, own, provider
from tests.accounts.test_signing_in import sign_in, totp_code, with_app
from tests.factories.company import Company

__all__ = ["oidc", "provider"]  # the fixtures that are used here too
SHOP, PAGE = "/o/fernweh/p/shop/settings/", "/o/fernweh/sign-in/"


def ask(company: Company, **rules: Any) -> SignInRules:
    """Make the sign-in rules of Ada's organization."""
    return SignInRules.objects.create(organization=company.organization, **rules)


def enter(client: Client) -> str:
    """Return where the way into a page ends: "in", "not found", or the address that it leads to."""
    answer = client.get(SHOP)
    return {200: "in", 404: "not found"}.get(answer.status_code) or answer.headers["Location"].partition("?")[0]


def test_member_without_a_second_factor_is_led_to_one_and_then_let_in(company: Company) -> None:
    ask(company, needs_second_factor=True)
    client = Client()
    sign_in(client, "grace@example.org")

    before = enter(client)
    page = client.get("/accounts/enter/fernweh/", {"next": SHOP})
    secret = with_app(company.grace)
    halfway = client.get("/accounts/enter/fernweh/", {"next": SHOP}).content.decode()
    client.post("/accounts/2fa/reauthenticate/", {"code": totp_code(secret)})

    assert before == "/accounts/enter/fernweh/"
    assert "needs a second factor" in page.content.decode()
    assert "did not use it when you signed in" in halfway
    assert enter(client) == "in"
    assert client.get("/accounts/enter/fernweh/", {"next": SHOP}).headers["Location"] == SHOP


def test_rule_is_no_news_to_outsiders(company: Company) -> None:
    ask(company, needs_second_factor=True, needs_single_sign_on=True)
    mallory = company.client_of(company.mallory)

    assert enter(mallory) == "not found"
    assert mallory.get("/accounts/enter/fernweh/").status_code == 404
    assert mallory.get("/o/cinder/p/shop/settings/").status_code == 200


@pytest.mark.parametrize("method", ["get", "post"])
def test_no_page_of_the_organization_is_a_way_around(company: Company, method: str) -> None:
    ask(company, needs_second_factor=True)
    client = company.client_of(company.ada)

    for path in ("", "settings/", "conversions/", "links/", "goals/", "live/"):
        answer = getattr(client, method)(f"/o/fernweh/p/shop/{path}")
        assert answer.headers["Location"].startswith("/accounts/enter/fernweh/"), path
    part = client.get(SHOP, headers={"hx-request": "true"})
    assert part.headers["HX-Redirect"].startswith("/accounts/enter/fernweh/")


def test_single_sign_on_of_the_organization_counts_as_second_factor(oidc: Any, company: Company) -> None:
    ask(company, needs_second_factor=True)
    client = Client()

    come(oidc, client)

    assert enter(client) == "in"


def test_enforced_single_sign_on_shuts_out_passwords_codes_and_passkeys(oidc: Any, company: Company) -> None:
    ask(company, needs_single_sign_on=True, break_glass=company.ada)
    own(company.organization, "example.org")
    by_password, by_provider = Client(), Client()
    secret = with_app(company.grace)
    sign_in(by_password, "grace@example.org")
    by_password.post("/accounts/2fa/authenticate/", {"code": totp_code(secret)})
    come(oidc, by_provider)

    assert enter(by_password) == "/accounts/enter/fernweh/"
    assert "single sign-on of the organization" in by_password.get("/accounts/enter/fernweh/").content.decode()
    assert enter(by_provider) == "in"


def test_provider_of_another_organization_opens_nothing(oidc: Any, company: Company) -> None:
    """Mallory's own provider signs Grace in, whose domain Mallory owns; Ada's organization wants Ada's provider."""
    Domain.objects.update(organization=company.theirs.organization)
    IdentityProvider.objects.update(organization=company.theirs.organization)
    IdentityProvider.objects.create(
        organization=company.organization, name="Ours", issuer="https://x.example", is_enabled=True
    )
    ask(company, needs_single_sign_on=True, break_glass=company.ada)
    company.grace.emailaddress_set.update(email="grace@fernweh.example")  # type: ignore[attr-defined]
    type(company.grace).objects.filter(pk=company.grace.pk).update(email="grace@fernweh.example")
    client = Client()

    come(oidc, client, email="grace@fernweh.example", sub="grace-1")

    assert client.get("/?all=1").status_code == 200
    assert enter(client) == "/accounts/enter/fernweh/"


def test_emergency_owner_comes_in_with_a_second_factor_and_every_owner_is_told_once(
    oidc: Any, company: Company
) -> None:
    secret = with_app(company.ada)
    ask(company, needs_single_sign_on=True, break_glass=company.ada)
    client = Client()
    sign_in(client, "ada@example.org")
    client.post("/accounts/2fa/authenticate/", {"code": totp_code(secret)})

    ways = [enter(client), enter(client)]

    told = [one for one in mail.outbox if "around single sign-on" in one.subject]
    assert ways == ["in", "in"]
    assert [one.to for one in told] == [["ada@example.org"]]


def test_emergency_owner_needs_the_second_factor(oidc: Any, company: Company) -> None:
    ask(company, needs_single_sign_on=True, break_glass=company.ada)
    client = Client()
    sign_in(client, "ada@example.org")

    assert enter(client) == "/accounts/enter/fernweh/"


def test_rules_that_would_lock_everybody_out_are_refused(oidc: Any, company: Company) -> None:
    client = Client()
    sign_in(client, "ada@example.org")

    answer = client.post(f"{PAGE}rules/", {"needs_single_sign_on": "on", "break_glass": company.ada.pk})
    nobody = client.post(f"{PAGE}rules/", {"needs_single_sign_on": "on"})
    factor = client.post(f"{PAGE}rules/", {"needs_second_factor": "on"})

    assert "Sign in through single sign-on yourself first" in answer.content.decode()
    assert "This owner needs a second factor first" in answer.content.decode()
    assert "Choose an owner who gets in" in nobody.content.decode()
    assert "Add a second factor to your own account first" in factor.content.decode()
    assert not SignInRules.objects.exists()


def test_only_an_owner_can_be_the_emergency_owner(oidc: Any, company: Company) -> None:
    client = company.client_of(company.ada)

    answer = client.post(f"{PAGE}rules/", {"break_glass": company.mallory.pk})

    assert answer.context["rules_form"].errors["break_glass"]


def test_owner_who_came_through_single_sign_on_enforces_it(oidc: Any, company: Company) -> None:
    own(company.organization, "example.org")
    secret = with_app(company.ada)
    client = Client()
    come(oidc, client, email="ada@example.org", sub="ada-1")
    client.post("/accounts/2fa/authenticate/", {"code": totp_code(secret)})

    client.post(f"{PAGE}rules/", {"needs_single_sign_on": "on", "break_glass": company.ada.pk})

    assert SignInRules.objects.get().needs_single_sign_on
    assert enter(client) == "in"


def test_removing_the_provider_takes_the_rule_back(oidc: Any, company: Company) -> None:
    ask(company, needs_single_sign_on=True, break_glass=company.ada)
    client = Client()
    secret = with_app(company.ada)
    sign_in(client, "ada@example.org")
    client.post("/accounts/2fa/authenticate/", {"code": totp_code(secret)})

    client.post(f"{PAGE}provider/remove/")
    grace = company.client_of(company.grace)

    assert enter(grace) == "in"


def test_page_between_is_no_way_to_another_site(company: Company) -> None:
    ask(company, needs_second_factor=False)

    answer = company.client_of(company.ada).get("/accounts/enter/fernweh/", {"next": "https://evil.example/"})

    assert answer.headers["Location"] == "/"


def test_check_of_the_rules_costs_one_question(company: Company, django_assert_num_queries: Any) -> None:
    from apps.accounts.services import entering

    ask(company, needs_second_factor=False)

    with django_assert_num_queries(1):
        entering.look(organization="fernweh", user=company.grace, session={})
