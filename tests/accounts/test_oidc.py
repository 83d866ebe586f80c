"""Single sign-on by OpenID Connect, against a provider that others wrote."""

import base64
import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
import time_machine
from allauth.account.models import EmailAddress
from allauth.socialaccount.internal import jwtkit
from allauth.socialaccount.models import SocialAccount, SocialApp, SocialToken
from cryptography.hazmat.primitives.asymmetric import rsa
from django.test import Client
from django.utils import timezone

from apps.accounts.adapters import oidc_discovery
from apps.accounts.models import Domain, IdentityProvider, ProvisionedPerson
from apps.orgs.models import Membership, Organization, User
from tests.access.receiver import receiving
from tests.accounts.providers import Provider, running, through_oidc, way_to_provider
from tests.factories.company import Company

CLIENT_ID, SECRET, KEY = "tributary", "a secret of the tests", "fernweh-key"


@pytest.fixture(scope="module")
def provider() -> Iterator[Provider]:
    """A running provider that knows us."""
    callback = f"http://testserver/accounts/oidc/{KEY}/login/callback/"
    with receiving() as receiver, running("oidc.mjs", CLIENT_ID, SECRET, callback, receiver.url) as one:
        receiver.status = 200
        one.receiver = receiver  # type: ignore[attr-defined]
        yield one


@pytest.fixture
def oidc(provider: Provider, company: Company, settings: Any) -> Provider:
    """The provider, set up by Ada's organization for a domain that is verified."""
    settings.ACCOUNTS_PRIVATE_HOSTS = [provider.host]
    own(company.organization, "fernweh.example")
    IdentityProvider.objects.create(
        organization=company.organization, key=KEY, name="Fernweh login", issuer=provider.address, is_enabled=True,
        client_id=CLIENT_ID, client_secret=SECRET, role_claim="groups", role_rules={"growth": "analyst"},
    )  # fmt: skip
    return provider


def own(organization: Organization, name: str) -> None:
    """Make a domain an organization's own."""
    Domain.objects.create(organization=organization, name=name, verified_at=timezone.now(), verified_by="dns")


def come(oidc: Provider, client: Client, email: str = "lin@fernweh.example", **claims: Any) -> Any:
    """Come through the provider as a person with these claims."""
    oidc.act_as(**{"sub": "lin-1", "email": email, "email_verified": True, "given_name": "Lin", **claims})
    return through_oidc(client, way_to_provider(client, "lin@fernweh.example"))


def role_of(company: Company, email: str) -> str | None:
    """Return the role of a person in Ada's organization."""
    rows = Membership.objects.filter(organization=company.organization, user__email=email)
    return rows.values_list("role", flat=True).first()


def test_newcomer_becomes_a_member_with_the_role_of_the_directory(oidc: Provider, company: Company) -> None:
    client = Client()

    answer = come(oidc, client, groups=["staff", "growth"])

    assert (answer.status_code, answer.headers["Location"]) == (302, "/?all=1")
    assert role_of(company, "lin@fernweh.example") == "analyst"
    assert "Shop" in client.get("/?all=1").content.decode()
    assert not User.objects.get(email="lin@fernweh.example").has_usable_password()
    assert EmailAddress.objects.get(email="lin@fernweh.example").verified


def test_secret_and_tokens_are_nowhere_in_the_clear(oidc: Provider, company: Company) -> None:
    come(oidc, Client())

    assert not SocialToken.objects.exists()
    assert not SocialApp.objects.exists()


def test_id_token_that_the_provider_did_not_sign_signs_nobody_in(
    oidc: Provider, company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    another = rsa.generate_private_key(public_exponent=65537, key_size=2048).public_key()
    monkeypatch.setattr(jwtkit, "lookup_kid_jwk", lambda _keys, _kid: another)
    client = Client()

    answer = come(oidc, client)

    assert answer.status_code == 401
    assert role_of(company, "lin@fernweh.example") is None
    assert client.get("/?all=1").status_code == 302


def test_directory_decides_the_role_at_every_sign_in_and_never_makes_an_owner(oidc: Provider, company: Company) -> None:
    IdentityProvider.objects.update(role_rules={"growth": "analyst", "boss": "owner"})
    roles = []

    for groups in (["growth"], ["boss"], []):
        come(oidc, Client(), groups=groups)
        roles.append(role_of(company, "lin@fernweh.example"))

    assert roles == ["analyst", "viewer", "viewer"]


def test_owner_stays_owner_whatever_the_directory_says(oidc: Provider, company: Company) -> None:
    own(company.organization, "example.org")

    come(oidc, Client(), email="ada@example.org", sub="ada-1", groups=["growth"])

    assert role_of(company, "ada@example.org") == "owner"
    assert SocialAccount.objects.get(uid="ada-1").user == company.ada


@pytest.mark.parametrize(
    "email", ["mallory@example.org", "lin@fernweh.example.evil.example", "lin@sub.fernweh.example"]
)
def test_provider_speaks_for_its_own_domains_only(oidc: Provider, company: Company, email: str) -> None:
    client = Client()

    answer = come(oidc, client, email=email)

    assert answer.status_code == 403
    assert "has not shown to be its own" in answer.content.decode()
    assert client.get("/?all=1").status_code == 302
    assert not SocialAccount.objects.exists()


def test_address_that_the_provider_has_not_verified_is_not_believed(oidc: Provider, company: Company) -> None:
    answer = come(oidc, Client(), email_verified=False)

    assert answer.status_code == 403
    assert "has not verified your mail address" in answer.content.decode()
    assert not User.objects.filter(email="lin@fernweh.example").exists()


def test_missing_address_is_said(oidc: Provider, company: Company) -> None:
    answer = come(oidc, Client(), email=None)

    assert answer.status_code == 403
    assert "gave no mail address" in answer.content.decode()


def test_domain_given_up_shuts_the_door_also_for_who_is_known(oidc: Provider, company: Company) -> None:
    come(oidc, Client())
    client = Client()
    way = way_to_provider(client, "lin@fernweh.example")
    Domain.objects.all().delete()

    assert through_oidc(client, way).status_code == 403


def test_who_was_put_out_by_the_directory_does_not_come_back(oidc: Provider, company: Company) -> None:
    come(oidc, Client())
    lin = User.objects.get(email="lin@fernweh.example")
    ProvisionedPerson.objects.create(organization=company.organization, user=lin, user_name=lin.email, is_active=False)
    Membership.objects.filter(user=lin).delete()

    answer = come(oidc, Client())

    assert "has taken away your access" in answer.content.decode()
    assert role_of(company, "lin@fernweh.example") is None


def test_answer_meant_for_another_browser_is_refused(oidc: Provider, company: Company) -> None:
    attacker, victim = Client(), Client()
    oidc.act_as(sub="eve-1", email="eve@fernweh.example", email_verified=True)
    way = way_to_provider(attacker, "eve@fernweh.example")

    answer = through_oidc(victim, way)

    assert answer.status_code == 401
    assert "Single sign-on failed" in answer.content.decode()
    assert victim.get("/?all=1").status_code == 302


def test_answer_is_good_once(oidc: Provider, company: Company) -> None:
    client = Client()
    oidc.act_as(sub="lin-1", email="lin@fernweh.example", email_verified=True)
    way, seen = way_to_provider(client, "lin@fernweh.example"), []

    through_oidc(client, way, lambda address: seen.append(address) or address)  # type: ignore[func-returns-value]
    client.logout()
    replayed = client.get(seen[0].removeprefix("http://testserver"))

    assert replayed.status_code == 401
    assert client.get("/?all=1").status_code == 302


def test_code_that_somebody_forged_is_an_error_page_and_not_a_crash(oidc: Provider, company: Company) -> None:
    client = Client()
    oidc.act_as(sub="lin-1", email="lin@fernweh.example", email_verified=True)
    way = way_to_provider(client, "lin@fernweh.example")

    answer = through_oidc(client, way, lambda address: address.replace("code=", "code=x"))

    assert answer.status_code == 401


def test_another_provider_does_not_inherit_whom_the_first_one_knew(oidc: Provider, company: Company) -> None:
    come(oidc, Client())
    company_client = company.client_of(company.ada)
    known = SocialAccount.objects.count()

    company_client.post("/o/fernweh/sign-in/provider/remove/")

    assert (known, SocialAccount.objects.count()) == (1, 0)
    assert company_client.get("/o/fernweh/sign-in/").status_code == 200


def test_foreign_address_leads_nowhere(oidc: Provider, company: Company) -> None:
    page = Client().post("/accounts/sso/", {"email": "someone@nowhere.example"})

    assert page.status_code == 422
    assert "No organization here has single sign-on" in page.content.decode()
    assert 'value="someone@nowhere.example"' in page.content.decode()


def test_provider_that_does_not_answer_is_said_beside_the_field(company: Company) -> None:
    own(company.organization, "fernweh.example")
    IdentityProvider.objects.create(
        organization=company.organization, name="Down", issuer="https://127.0.0.1:1", is_enabled=True, client_id="x"
    )

    page = Client().post("/accounts/sso/", {"email": "lin@fernweh.example"})

    assert page.status_code == 422
    assert "does not answer" in page.content.decode()


def test_signing_out_leads_to_the_provider_which_knows_us_and_the_way_back(oidc: Provider) -> None:
    provider = IdentityProvider.objects.get()
    provider.sign_out_url = oidc_discovery.check(provider.issuer)
    provider.save()
    client = Client(headers={"host": "testserver"})
    come(oidc, client)

    page = client.get(client.post("/accounts/logout/").headers["Location"]).content.decode()

    assert client.get("/?all=1").status_code == 302
    way = re.findall(r'href="(http://127[^"]+)"', page)[0].replace("&amp;", "&")
    assert way.startswith(f"{oidc.address}/session/end?")
    answer = httpx.get(way)
    assert answer.status_code == 200, answer.text
    assert "xsrf" in answer.text, "the provider asks whether one wants to sign out there"


def test_password_session_is_not_sent_to_a_provider(oidc: Provider, company: Company) -> None:
    IdentityProvider.objects.update(sign_out_url="https://idp.example/end")

    assert company.client_of(company.ada).post("/accounts/logout/").headers["Location"] == "/accounts/login/"


BACK_CHANNEL = f"/accounts/oidc/{KEY}/back-channel/"


def word_of_leaving(oidc: Provider, client: Client) -> str:
    """Sign in through the provider and out there, and return the token that it posts to us."""
    oidc.act_as(sub="lin-1", email="lin@fernweh.example", email_verified=True)
    way = way_to_provider(client, "lin@fernweh.example")
    with httpx.Client() as browser:
        answer = browser.get(way)
        while answer.is_redirect and "testserver" not in answer.headers["location"]:
            answer = browser.get(httpx.URL(str(answer.url)).join(answer.headers["location"]))
        back = urlsplit(answer.headers["location"])
        client.get(f"{back.path}?{back.query}")
        assert client.get("/?all=1").status_code == 200
        page = browser.get(f"{oidc.address}/session/end", params={"client_id": CLIENT_ID})
        xsrf = re.findall(r'name="xsrf" value="([^"]+)"', page.text)[0]
        browser.post(f"{oidc.address}/session/end/confirm", data={"xsrf": xsrf, "logout": "yes"})
    _headers, body = oidc.receiver.got[-1]  # type: ignore[attr-defined]
    return parse_qs(body)["logout_token"][0]


def test_signing_out_at_the_provider_ends_the_session_here(oidc: Provider, company: Company) -> None:
    client, ada = Client(headers={"host": "testserver"}), company.client_of(company.ada)
    token = word_of_leaving(oidc, client)

    answer = Client(headers={"host": "testserver"}).post(BACK_CHANNEL, {"logout_token": token})

    assert answer.status_code == 200
    assert "no-store" in answer["Cache-Control"]
    assert client.get("/?all=1").status_code == 302
    assert ada.get("/?all=1").status_code == 200


def test_forged_or_old_logout_token_ends_nothing(oidc: Provider, company: Company) -> None:
    client, caller = Client(headers={"host": "testserver"}), Client(headers={"host": "testserver"})
    token = word_of_leaving(oidc, client)
    head, claims, signature = token.split(".")
    unsigned = base64.urlsafe_b64encode(b'{"alg":"none","kid":"x"}').decode().rstrip("=")
    forged = ["", "x", "a.b.c", f"{head}.{claims}.", f"{unsigned}.{claims}.", f"{head}.{claims[:-4]}AAAA.{signature}"]
    for one in forged:
        assert caller.post(BACK_CHANNEL, {"logout_token": one}).status_code == 400, one
    with time_machine.travel(timezone.now() + timedelta(minutes=6), tick=True):
        assert caller.post(BACK_CHANNEL, {"logout_token": token}).status_code == 400
    assert caller.get(BACK_CHANNEL).status_code == 405
    assert client.get("/?all=1").status_code == 200
