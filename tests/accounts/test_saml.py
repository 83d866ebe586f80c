"""Single sign-on by SAML, against a provider that others wrote, and against people who tamper with its answers."""

import base64
import subprocess
from collections.abc import Callable, Iterator
from copy import deepcopy
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from allauth.socialaccount.models import SocialAccount
from django.test import Client
from django.utils import timezone
from lxml import etree

from apps.accounts.adapters import saml_metadata
from apps.accounts.models import Domain, IdentityProvider
from apps.orgs.models import Membership, User
from tests.accounts.providers import Provider, a_browser, post_saml, running, saml_response, way_to_provider
from tests.factories.company import Company

KEY = "fernweh-key"
ACS = f"/accounts/saml/{KEY}/acs/"
NAMES = {
    "a": "urn:oasis:names:tc:SAML:2.0:assertion", "p": "urn:oasis:names:tc:SAML:2.0:protocol",
    "d": "http://www.w3.org/2000/09/xmldsig#",
}  # fmt: skip
EMAIL = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/emailaddress"
LIN, VICTIM = "lin@fernweh.example", "ada@fernweh.example"
Node = Any


@pytest.fixture(scope="module")
def provider(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Provider]:
    """A running provider with a key of its own."""
    folder = tmp_path_factory.mktemp("saml")
    certificate, key = folder / "idp.crt", folder / "idp.key"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "3650", "-subj", "/CN=idp",
         "-keyout", str(key), "-out", str(certificate)],
        check=True, capture_output=True,
    )  # fmt: skip
    with running("saml.mjs", str(certificate), str(key), f"http://testserver{ACS}") as one:
        one.certificate = certificate  # type: ignore[attr-defined]
        yield one


@pytest.fixture
def saml(provider: Provider, company: Company, settings: Any) -> Provider:
    """The provider, set up by Ada's organization from its metadata. Ada's address is in the verified domain."""
    settings.ACCOUNTS_PRIVATE_HOSTS = [provider.host]
    User.objects.filter(pk=company.ada.pk).update(email=VICTIM)
    company.ada.emailaddress_set.update(email=VICTIM)  # type: ignore[attr-defined]
    Domain.objects.create(
        organization=company.organization, name="fernweh.example", verified_at=timezone.now(), verified_by="dns"
    )
    found = saml_metadata.fetch(f"{provider.address}/metadata")
    IdentityProvider.objects.create(
        organization=company.organization, key=KEY, kind="saml", name="Fernweh login", is_enabled=True,
        entity_id=found.entity_id, sign_in_url=found.sign_in_url, certificates=found.certificates,
        sign_out_url=found.sign_out_url,
        role_claim="groups", role_rules={"growth": "analyst"},
    )  # fmt: skip
    return provider


def begin(saml: Provider, client: Client, email: str = LIN, **attributes: Any) -> dict[str, str]:
    """Have the provider answer a sign-in of ours, and return its answer before it is sent."""
    saml.act_as(
        nameId="lin-1", format="urn:oasis:names:tc:SAML:2.0:nameid-format:persistent",
        attributes={EMAIL: email, **attributes},
    )  # fmt: skip
    return saml_response(way_to_provider(client, email))


def altered(fields: dict[str, str], change: Callable[[Node], None]) -> dict[str, str]:
    """Return the answer after *change* had its way with the document."""
    root = etree.fromstring(base64.b64decode(fields["SAMLResponse"]))
    change(root)
    return fields | {"SAMLResponse": base64.b64encode(etree.tostring(root)).decode()}


def is_in(client: Client) -> bool:
    """Tell whether the start page lets the client in."""
    return client.get("/?all=1").status_code == 200


def test_newcomer_becomes_a_member_with_the_role_of_the_directory(saml: Provider, company: Company) -> None:
    client = a_browser()

    answer = post_saml(client, ACS, begin(saml, client, groups=["staff", "Growth"]))

    assert (answer.status_code, answer.headers["Location"]) == (302, "/?all=1")
    assert is_in(client)
    assert Membership.objects.get(user__email=LIN).role == "analyst"


def test_our_metadata_can_be_read_by_a_provider(saml: Provider) -> None:
    text = a_browser().get(f"/accounts/saml/{KEY}/metadata/").content.decode()

    assert f"http://testserver{ACS}" in text
    assert 'WantAssertionsSigned="true"' in text


def test_answer_is_good_once_and_in_its_own_browser(saml: Provider, company: Company) -> None:
    client, thief = a_browser(), a_browser()
    fields = begin(saml, client)

    stolen = post_saml(thief, ACS, fields)
    post_saml(client, ACS, fields)
    client.logout()
    replayed = post_saml(client, ACS, fields)

    assert [answer.status_code for answer in (stolen, replayed)] == [401, 401] or not is_in(client)
    assert not is_in(thief)
    assert not is_in(client)


def test_answer_that_nobody_asked_for_is_refused(saml: Provider, company: Company) -> None:
    fields = begin(saml, a_browser())
    stranger = a_browser()

    post_saml(stranger, ACS, altered(fields, lambda root: root.attrib.pop("InResponseTo")))

    assert not is_in(stranger)


def test_answer_that_is_too_old_is_refused(saml: Provider, company: Company) -> None:
    client = a_browser()
    fields = begin(saml, client)

    with time_machine.travel(timezone.now() + timedelta(hours=9), tick=True):
        post_saml(client, ACS, fields)
        entered = is_in(client)

    assert not entered


def without_signature(root: Node) -> None:
    """Take every signature off, and be somebody else."""
    for signature in root.iterfind(".//d:Signature", NAMES):
        signature.getparent().remove(signature)
    rename(root)


def rename(root: Node) -> None:
    """Be somebody else under the signature that is there."""
    for value in root.iterfind(".//a:AttributeValue", NAMES):
        value.text = VICTIM


def forged(assertion: Node) -> Node:
    """Return an unsigned copy of an assertion about somebody else."""
    copy = deepcopy(assertion)
    copy.set("ID", "_forged")
    for signature in copy.iterfind(".//d:Signature", NAMES):
        signature.getparent().remove(signature)
    rename(copy)
    return copy


def wrapped_before(root: Node) -> None:
    """XSW: a forged assertion before the signed one."""
    assertion = root.find("a:Assertion", NAMES)
    assertion.addprevious(forged(assertion))


def wrapped_after(root: Node) -> None:
    """XSW: a forged assertion after the signed one."""
    assertion = root.find("a:Assertion", NAMES)
    assertion.addnext(forged(assertion))


def wrapped_inside(root: Node) -> None:
    """XSW: the signed assertion hidden inside the forged one."""
    assertion = root.find("a:Assertion", NAMES)
    outer = forged(assertion)
    root.replace(assertion, outer)
    outer.append(assertion)


def wrapped_in_object(root: Node) -> None:
    """XSW: the forged assertion carries the signature, with the signed one in its Object."""
    assertion = root.find("a:Assertion", NAMES)
    outer = forged(assertion)
    signature = assertion.find("d:Signature", NAMES)
    root.replace(assertion, outer)
    outer.insert(1, signature)
    place = etree.SubElement(signature, f"{{{NAMES['d']}}}Object")
    place.append(assertion)


def wrapped_in_extensions(root: Node) -> None:
    """XSW: the signed assertion hidden in the response's extensions."""
    assertion = root.find("a:Assertion", NAMES)
    outer = forged(assertion)
    root.replace(assertion, outer)
    place = etree.Element(f"{{{NAMES['p']}}}Extensions")
    root.insert(1, place)
    place.append(assertion)


def same_id(root: Node) -> None:
    """XSW: a forged assertion under the id of the signed one."""
    assertion = root.find("a:Assertion", NAMES)
    copy = forged(assertion)
    copy.set("ID", assertion.get("ID"))
    assertion.addprevious(copy)


TRICKS = [
    without_signature, rename, wrapped_before, wrapped_after, wrapped_inside, wrapped_in_object,
    wrapped_in_extensions, same_id,
]  # fmt: skip


@pytest.mark.parametrize("trick", TRICKS, ids=lambda trick: trick.__name__)
def test_tampered_answer_signs_nobody_in(saml: Provider, company: Company, trick: Callable[[Node], None]) -> None:
    client = a_browser()
    fields = altered(begin(saml, client), trick)

    answer = post_saml(client, ACS, fields)

    assert answer.status_code in (401, 403), answer.headers
    assert not is_in(client)
    assert not SocialAccount.objects.exists()


def test_comment_in_an_address_does_not_cut_it_short(saml: Provider, company: Company) -> None:
    """The provider signed "ada@fernweh.example.evil.example"; canonical XML ignores a comment put into it."""
    client = a_browser()
    hostile = f"{VICTIM}.evil.example"
    saml.act_as(nameId="eve-1", format="", attributes={EMAIL: hostile})
    fields = saml_response(way_to_provider(client, LIN))
    document = base64.b64decode(fields["SAMLResponse"]).decode()
    assert hostile in document
    cut = document.replace(hostile, f"{VICTIM}<!---->.evil.example")

    answer = post_saml(client, ACS, fields | {"SAMLResponse": base64.b64encode(cut.encode()).decode()})

    assert answer.status_code in (401, 403)
    assert not is_in(client)


@pytest.mark.parametrize(
    "declared",
    ['<!ENTITY x SYSTEM "file:///etc/passwd">', '<!ENTITY x SYSTEM "http://127.0.0.1:9/">', '<!ENTITY x "y">'],
)
def test_entity_in_an_answer_is_not_resolved(saml: Provider, company: Company, declared: str) -> None:
    client = a_browser()
    fields = begin(saml, client)
    document = base64.b64decode(fields["SAMLResponse"]).decode()
    hostile = f"<!DOCTYPE r [{declared}]>{document.replace(LIN, '&x;')}"

    answer = post_saml(client, ACS, fields | {"SAMLResponse": base64.b64encode(hostile.encode()).decode()})

    assert answer.status_code == 401
    assert "root:" not in answer.content.decode()
    assert not is_in(client)


@pytest.mark.parametrize(
    "nonsense", ["", "%%%", "bm8geG1s", base64.b64encode(b"<a/>").decode(), "A" * 300_000, "A" * 600_000]
)
def test_nonsense_is_an_error_page_and_not_a_crash(saml: Provider, company: Company, nonsense: str) -> None:
    client = a_browser()

    answer = post_saml(client, ACS, {"SAMLResponse": nonsense})

    assert answer.status_code == 401
    assert "Single sign-on failed" in answer.content.decode()


def test_relay_state_leads_nobody_away(saml: Provider, company: Company) -> None:
    client = a_browser()
    fields = begin(saml, client) | {"RelayState": "https://evil.example/"}

    answer = post_saml(client, ACS, fields)

    assert answer.headers["Location"] == "/?all=1"


def metadata(provider: Provider) -> str:
    """Return what the provider publishes."""
    certificate = Path(provider.certificate).read_text(encoding="utf-8")  # type: ignore[attr-defined]
    body = "".join(certificate.splitlines()[1:-1])
    return (
        '<EntityDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata" entityID="https://idp.example/">'
        '<IDPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol">'
        '<KeyDescriptor use="signing"><KeyInfo xmlns="http://www.w3.org/2000/09/xmldsig#"><X509Data><X509Certificate>'
        f"{body}</X509Certificate></X509Data></KeyInfo></KeyDescriptor><SingleSignOnService"
        ' Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect" Location="https://idp.example/sso"/>'
        "</IDPSSODescriptor></EntityDescriptor>"
    )


def test_metadata_is_read(provider: Provider) -> None:
    found = saml_metadata.parse(metadata(provider).encode())

    assert (found.entity_id, found.sign_in_url) == ("https://idp.example/", "https://idp.example/sso")
    assert found.certificates.startswith("-----BEGIN CERTIFICATE-----\n")


@pytest.mark.parametrize(
    "hostile",
    [
        '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>',
        '<!DOCTYPE a [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]><a>&b;</a>',
        '<!DOCTYPE a SYSTEM "http://127.0.0.1:9/x.dtd"><a/>',
        "<a/>", "no xml", "<EntityDescriptor/>",
    ],
)  # fmt: skip
def test_hostile_metadata_is_refused(hostile: str) -> None:
    with pytest.raises(saml_metadata.NoMetadata):
        saml_metadata.parse(hostile.encode())


def test_metadata_without_a_real_certificate_is_refused(provider: Provider) -> None:
    with pytest.raises(saml_metadata.NoMetadata):
        saml_metadata.parse(metadata(provider).replace("MII", "xxx").encode())
