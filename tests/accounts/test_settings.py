"""An organization's sign-in settings: domains, provider, rules."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone

from apps.accounts.adapters import domain_proofs
from apps.accounts.models import Domain, IdentityProvider, SignInRules
from apps.shared import guarded_http
from apps.shared import mail as mail_of_shared
from tests.accounts.dns_server import NameServer
from tests.factories.company import Company

PAGE = "/o/fernweh/sign-in/"


@pytest.fixture
def ada(company: Company) -> Client:
    """The owner's browser."""
    return company.client_of(company.ada)


@pytest.fixture
def names(settings: Any) -> Iterator[NameServer]:
    """A name server that is asked instead of the machine's own."""
    with NameServer() as server:
        settings.ACCOUNTS_NAMESERVERS = [f"127.0.0.1:{server.port}"]
        yield server


def claim(ada: Client, name: str = "fernweh.example") -> Domain:
    """Begin to claim a domain."""
    ada.post(f"{PAGE}domains/", {"name": name})
    return Domain.objects.get()


@pytest.mark.parametrize(("who", "status"), [("grace", 403), ("mallory", 404)])
def test_only_owners_see_and_change_how_people_sign_in(company: Company, who: str, status: int) -> None:
    client = company.client_of(getattr(company, who))
    domain = Domain.objects.create(organization=company.organization, name="fernweh.example")

    answers = [client.get(PAGE), client.get(f"{PAGE}provider/")] + [
        client.post(f"{PAGE}{path}", {"name": "x.example", "needs_second_factor": "on"})
        for path in (
            "rules/", "domains/", f"domains/{domain.pk}/verify/", f"domains/{domain.pk}/remove/", "provider/",
            "provider/remove/", "tokens/", "tokens/1/remove/",
        )
    ]  # fmt: skip

    assert {answer.status_code for answer in answers} == {status}
    assert not SignInRules.objects.exists()
    assert Domain.objects.count() == 1


def test_domain_of_another_organization_cannot_be_touched(company: Company) -> None:
    domain = Domain.objects.create(organization=company.organization, name="fernweh.example")
    mallory = company.client_of(company.mallory)

    answers = [mallory.post(f"/o/cinder/sign-in/domains/{domain.pk}/{verb}/") for verb in ("verify", "remove")]

    assert [answer.status_code for answer in answers] == [404, 404]
    assert Domain.objects.filter(pk=domain.pk, verified_at=None).exists()


def test_domain_is_verified_by_its_record(ada: Client, names: NameServer) -> None:
    domain = claim(ada, " FernWeh.Example. ")
    names.records["_tributary.fernweh.example."] = ["v=spf1 -all", domain.proof]

    ada.post(f"{PAGE}domains/{domain.pk}/verify/")

    domain.refresh_from_db()
    assert (domain.name, domain.verified_by) == ("fernweh.example", "dns")


def test_domain_without_its_proof_is_not_verified_and_the_page_says_so(ada: Client, names: NameServer) -> None:
    domain = claim(ada)
    names.records["_tributary.fernweh.example."] = ["tributary-domain-of-somebody-else"]

    answer = ada.post(f"{PAGE}domains/{domain.pk}/verify/")

    domain.refresh_from_db()
    assert answer.status_code == 422
    assert "found neither in DNS nor on the website" in answer.content.decode()
    assert domain.verified_at is None


def test_domain_is_verified_by_its_file(ada: Client, names: NameServer, monkeypatch: pytest.MonkeyPatch) -> None:
    domain = claim(ada)
    asked: list[str] = []

    def answer(self: Any, request: Any, **_: Any) -> Any:
        asked.append(request.url)
        made = guarded_http.requests.Response()
        made.status_code, made._content = 200, domain.proof.encode()
        return made

    monkeypatch.setattr(guarded_http._Guarded, "send", answer)
    ada.post(f"{PAGE}domains/{domain.pk}/verify/")

    domain.refresh_from_db()
    assert domain.verified_by == "file"
    assert asked == ["https://fernweh.example/.well-known/tributary-domain.txt"]


@pytest.mark.parametrize(
    "name", ["gmail.com", "localhost", "10.0.0.1", "fernweh", "a b.example", "<b>.example", "x" * 300]
)
def test_what_nobody_can_own_is_refused_beside_the_field(ada: Client, name: str) -> None:
    answer = ada.post(f"{PAGE}domains/", {"name": name})

    assert answer.status_code == 422
    assert answer.context["domain_form"].errors["name"]
    assert "<b>.example" not in answer.content.decode()
    assert not Domain.objects.exists()


def test_domain_is_nobody_elses_once_it_is_verified(ada: Client, company: Company, names: NameServer) -> None:
    Domain.objects.create(
        organization=company.theirs.organization, name="fernweh.example", verified_at=timezone.now(), verified_by="dns"
    )
    ada.post(f"{PAGE}domains/", {"name": "fernweh.example"})
    mine = Domain.objects.get(organization=company.organization)
    names.records["_tributary.fernweh.example."] = [mine.proof]

    answer = ada.post(f"{PAGE}domains/{mine.pk}/verify/")

    assert "Another organization here has verified this domain" in answer.content.decode()
    mine.refresh_from_db()
    assert mine.verified_at is None


INSIDE = [
    "https://127.0.0.1/", "https://localhost/", "https://[::1]/", "https://169.254.169.254/latest/meta-data",
    "https://10.0.0.8/", "https://192.168.1.1/", "https://0x7f000001/", "https://2130706433/", "https://127.1/",
    "https://[::ffff:127.0.0.1]/", "http://example.com/", "file:///etc/passwd", "gopher://127.0.0.1/",
]  # fmt: skip


@pytest.mark.parametrize("url", INSIDE)
def test_metadata_and_issuers_inside_are_not_asked(ada: Client, url: str) -> None:
    """SSRF: what an owner types leads to no address of our own network, and the answer says no more than that."""
    common = {"name": "X", "default_role": "viewer"}
    saml = ada.post(f"{PAGE}provider/", {**common, "kind": "saml", "metadata_url": url})
    oidc = ada.post(
        f"{PAGE}provider/", {**common, "kind": "oidc", "issuer": url, "client_id": "x", "client_secret": "y"}
    )

    assert saml.context["form"].errors["metadata_url"]
    assert oidc.context["form"].errors["issuer"]
    assert not IdentityProvider.objects.exists()


class Redirecting(BaseHTTPRequestHandler):
    """A public server that sends whoever asks to an address inside."""

    asked: list[str] = []

    def do_GET(self) -> None:
        """Redirect, and remember who came where."""
        self.asked.append(self.path)
        self.send_response(302)
        self.send_header("Location", "/inside")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def test_redirect_is_not_followed(ada: Client, settings: Any) -> None:
    server = HTTPServer(("127.0.0.1", 0), Redirecting)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    settings.ACCOUNTS_PRIVATE_HOSTS = [f"127.0.0.1:{server.server_port}"]
    fields = {"name": "X", "default_role": "viewer", "kind": "saml"}

    answer = ada.post(f"{PAGE}provider/", {**fields, "metadata_url": f"http://127.0.0.1:{server.server_port}/m"})

    server.shutdown()
    assert answer.status_code == 422
    assert Redirecting.asked == ["/m"]


def test_wrong_settings_are_said_beside_their_fields_and_nothing_typed_is_lost(ada: Client) -> None:
    fields = {"name": "Fernweh login", "kind": "oidc", "default_role": "owner", "role_rules": "growth analyst"}

    answer = ada.post(f"{PAGE}provider/", {**fields, "client_id": "my client"})

    errors = answer.context["form"].errors
    assert set(errors) == {"default_role", "role_rules"}
    assert "growth analyst" in answer.content.decode()
    assert 'value="my client"' in answer.content.decode()


def test_secret_is_not_shown_again_and_kept_when_none_is_typed(ada: Client, company: Company, settings: Any) -> None:
    from tests.accounts.providers import running

    with running("oidc.mjs", "t", "opensesame", "http://testserver/x") as provider:
        settings.ACCOUNTS_PRIVATE_HOSTS = [provider.host]
        fields = {"name": "X", "kind": "oidc", "issuer": provider.address, "client_id": "t", "default_role": "viewer"}
        ada.post(f"{PAGE}provider/", {**fields, "client_secret": "opensesame"})
        answer = ada.post(f"{PAGE}provider/", {**fields, "name": "Y"})
    page = ada.get(f"{PAGE}provider/").content.decode()

    row = IdentityProvider.objects.get()
    assert answer.status_code == 302
    assert (row.name, row.client_secret) == ("Y", "opensesame")
    assert "opensesame" not in page
    assert f"/accounts/oidc/{row.key}/login/callback/" in page


def test_issuer_that_calls_itself_something_else_is_refused(ada: Client, settings: Any) -> None:
    from tests.accounts.providers import running

    with running("oidc.mjs", "t", "opensesame", "http://testserver/x") as provider:
        other = provider.address.replace("127.0.0.1", "localhost")
        settings.ACCOUNTS_PRIVATE_HOSTS = [f"localhost:{provider.port}"]
        fields = {"name": "X", "kind": "oidc", "issuer": other, "client_id": "t", "default_role": "viewer"}
        answer = ada.post(f"{PAGE}provider/", {**fields, "client_secret": "opensesame"})

    assert "names another issuer" in str(answer.context["form"].errors["issuer"])


def test_address_of_the_proof_is_below_the_domain() -> None:
    assert domain_proofs.RECORD.startswith("_")
    assert domain_proofs.FILE.startswith("/.well-known/")


def test_owners_are_told_when_the_rules_change(ada: Client, company: Company) -> None:
    from tests.accounts.test_signing_in import with_app

    with_app(company.ada)
    ada.post(f"{PAGE}rules/", {"needs_second_factor": "on"})
    told = [one.to for one in mail.outbox if "sign-in rules of Fernweh changed" in one.subject]

    assert told == [["ada@example.org"]]
    assert "everybody needs a second factor: yes" in str(mail.outbox[-1].body)


def test_operators_see_no_secret_in_the_admin(company: Company) -> None:
    company.ada.is_staff = company.ada.is_superuser = True
    company.ada.save()
    client = company.client_of(company.ada)
    row = IdentityProvider.objects.create(
        organization=company.organization,
        name="X",
        client_id="visible",
        client_secret="opensesame",
        certificates="pem!",
    )
    sent = mail_of_shared.send("login_code", to="grace@example.org", context={"code": "QX7-PLM"})

    page = client.get(f"/admin/accounts/identityprovider/{row.pk}/change/").content.decode()
    letter = client.get(f"/admin/shared/mail/{sent.pk}/change/").content.decode()

    assert "visible" in page
    assert "opensesame" not in page
    assert "pem!" not in page
    assert "Your sign-in code" in letter
    assert "QX7-PLM" not in letter
    assert client.get("/admin/socialaccount/socialapp/").status_code == 404
    assert client.get("/admin/socialaccount/socialtoken/").status_code == 404
