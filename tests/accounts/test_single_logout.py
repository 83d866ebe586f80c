"""Single logout and changing certificates, against a provider that others wrote, and against forged requests."""

# ruff: noqa: F811  fixtures are arguments of the name that they are imported by

import base64
import re
import subprocess
import zlib
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, parse_qsl, quote, urlencode, urlsplit

import httpx
import pytest
import time_machine
from allauth.usersessions.models import UserSession
from django.core import mail
from django.test import Client
from django.utils import timezone

from apps.accounts.adapters import saml_metadata
from apps.accounts.domain import certificates
from apps.accounts.models import IdentityProvider
from apps.accounts.services import providers
from tests.accounts.providers import Provider, a_browser, post_saml
from tests.accounts.test_saml import ACS, KEY, LIN, begin, is_in, provider, saml  # noqa: F401  fixtures
from tests.factories.company import Company

SLS = f"/accounts/saml/{KEY}/sls/"
SETTINGS = "/o/fernweh/sign-in/"


@pytest.fixture
def entered(saml: Provider) -> Client:
    """Lin, signed in through the provider, which knows that we take part in its logout."""
    row = IdentityProvider.objects.get()
    providers.save_provider(row, changed=[], now=timezone.now())
    client = a_browser()
    post_saml(client, ACS, begin(saml, client))
    assert is_in(client)
    participant = {
        "serviceProviderId": f"http://testserver/accounts/saml/{KEY}/metadata/", "nameId": "lin-1",
        "sessionIndex": "session-1", "serviceProviderLogoutURL": f"http://testserver{SLS}",
        "cert": row.signing_certificate, "nameIdFormat": "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent",
        "binding": "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect",
    }  # fmt: skip
    httpx.post(f"{saml.address}/participants", json=[participant]).raise_for_status()
    return client


def asked_by(saml: Provider) -> str:
    """Return where the provider sends a browser when somebody signs out there."""
    return str(httpx.get(f"{saml.address}/logout").headers["location"])


def ours(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.path}?{parts.query}"


def test_signing_out_at_the_provider_ends_the_session_here_and_is_answered(saml: Provider, entered: Client) -> None:
    answer = a_browser().get(ours(asked_by(saml)))

    assert answer.status_code == 302
    assert not is_in(entered), "the session ends whichever browser brings the word"
    assert not UserSession.objects.filter(user__email=LIN).exists()
    assert answer["Location"].startswith(f"{saml.address}/logout?SAMLResponse=")
    assert httpx.get(answer["Location"]).status_code == 200, "the provider accepts our signature"


def test_signing_out_here_signs_out_at_the_provider_and_comes_back(saml: Provider, entered: Client) -> None:
    left = entered.post("/accounts/logout/")
    page = entered.get(left["Location"])
    assert not is_in(entered)
    way = re.findall(r'href="(http://127[^"]+SAMLRequest[^"]+)"', page.content.decode())[0].replace("&amp;", "&")

    answered = httpx.get(way)

    assert answered.status_code == 302, answered.text
    back = answered.headers["location"]
    assert back.startswith(f"http://testserver{SLS}?SAMLResponse=")
    assert entered.get(ours(back))["Location"] == "/accounts/login/"


def test_others_stay_signed_in(saml: Provider, entered: Client, company: Company) -> None:
    ada = company.client_of(company.ada)
    entered.get(ours(asked_by(saml)))

    assert is_in(ada)


def test_logout_request_is_good_once_and_soon(saml: Provider, entered: Client) -> None:
    """Replay: an address that stands in a log signs nobody out again."""
    url = ours(asked_by(saml))
    assert a_browser().get(url).status_code == 302
    again = a_browser()
    post_saml(again, ACS, begin(saml, again))
    assert a_browser().get(url).status_code == 400
    assert is_in(again)

    fresh = ours(asked_by_after_joining(saml))
    with time_machine.travel(timezone.now() + timedelta(minutes=6), tick=True):
        assert a_browser().get(fresh).status_code == 400
    assert is_in(again)


def asked_by_after_joining(saml: Provider) -> str:
    row = IdentityProvider.objects.get()
    participant = {
        "serviceProviderId": "sp", "nameId": "lin-1", "sessionIndex": "session-1", "cert": row.signing_certificate,
        "serviceProviderLogoutURL": f"http://testserver{SLS}",
        "binding": "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect",
    }  # fmt: skip
    httpx.post(f"{saml.address}/participants", json=[participant]).raise_for_status()
    return asked_by(saml)


def without(url: str, *names: str) -> str:
    parts = urlsplit(url)
    return f"{parts.path}?{urlencode([pair for pair in parse_qsl(parts.query) if pair[0] not in names])}"


def altered(url: str) -> str:
    """Return the request with another name in it, under the signature that is there."""
    query = parse_qs(urlsplit(url).query)
    document = zlib.decompress(base64.b64decode(query["SAMLRequest"][0]), -15).replace(b"lin-1", b"ada-1")
    packer = zlib.compressobj(wbits=-15)
    packed = base64.b64encode(packer.compress(document) + packer.flush()).decode()
    return url.replace(quote(query["SAMLRequest"][0], safe=""), quote(packed, safe=""))


@pytest.mark.parametrize("how", ["unsigned", "altered", "other algorithm", "nonsense", "entity", "empty"])
def test_forged_logout_signs_nobody_out(saml: Provider, entered: Client, how: str) -> None:
    """Nobody is signed out by a link that somebody else made, also in their own browser (logout CSRF)."""
    url = asked_by(saml)
    hostile = base64.b64encode(b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>').decode()
    forged = {
        "unsigned": without(url, "Signature", "SigAlg"),
        "altered": ours(altered(url)),
        "other algorithm": ours(url).replace("rsa-sha256", "rsa-sha1"),
        "nonsense": f"{SLS}?SAMLRequest=%%%&Signature=x&SigAlg=y",
        "entity": f"{SLS}?SAMLRequest={quote(hostile)}&Signature=x&SigAlg=y",
        "empty": f"{SLS}?SAMLRequest=",
    }[how]
    assert forged != ours(url)

    answer = entered.get(forged)

    assert answer.status_code == 400
    assert "root:" not in answer.content.decode()
    assert is_in(entered)


def test_answer_alone_changes_nothing_and_leads_nowhere(entered: Client) -> None:
    answer = entered.get(f"{SLS}?SAMLResponse=x&RelayState=https://evil.example/")

    assert (answer.status_code, answer["Location"]) == (302, "/accounts/login/")
    assert is_in(entered)


def test_way_out_cannot_be_forged(entered: Client) -> None:
    for way in ("", "x", "https://evil.example/", "eyJ1cmwiOiJodHRwczovL2V2aWwuZXhhbXBsZS8ifQ:1:x"):
        answer = entered.get("/accounts/signed-out/", {"way": way})
        assert (answer.status_code, answer["Location"]) == (302, "/accounts/login/")


def another_certificate(folder: Path, days: int = 3650) -> str:
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", str(days), "-subj", "/CN=other",
         "-keyout", str(folder / "other.key"), "-out", str(folder / "other.crt")],
        check=True, capture_output=True,
    )  # fmt: skip
    return (folder / "other.crt").read_text(encoding="utf-8")


@pytest.mark.parametrize("is_first", [True, False])
def test_both_certificates_are_good_during_a_change_and_neither_other(
    saml: Provider,
    tmp_path: Path,
    is_first: bool,
) -> None:
    row = IdentityProvider.objects.get()
    other = another_certificate(tmp_path)
    row.certificates = "\n".join([other, row.certificates] if is_first else [row.certificates, other])
    row.save()
    client = a_browser()
    post_saml(client, ACS, begin(saml, client))
    assert is_in(client)

    row.certificates = other
    row.save()
    late = a_browser()
    post_saml(late, ACS, begin(saml, late))
    assert not is_in(late), "what is no longer published is no longer believed"


def test_metadata_is_read_again_and_another_provider_is_refused(
    saml: Provider, tmp_path: Path, company: Company
) -> None:
    row = IdentityProvider.objects.get()
    row.metadata_url, real = f"{saml.address}/metadata", row.certificates
    row.certificates, row.sign_out_url = another_certificate(tmp_path), ""
    row.save()

    providers.refresh_all(now=timezone.now())

    row.refresh_from_db()
    assert row.certificates == real
    assert row.sign_out_url == f"{saml.address}/logout"
    assert row.metadata_read_at is not None
    row.entity_id, row.certificates = "urn:somebody-else", another_certificate(tmp_path)
    row.save()
    before = row.certificates
    with pytest.raises(saml_metadata.NoMetadata, match="another provider"):
        providers.refresh(row, now=timezone.now())
    page = company.client_of(company.ada).post(f"{SETTINGS}provider/refresh/", follow=True).content.decode()
    assert "Nothing was changed" in page
    row.refresh_from_db()
    assert row.certificates == before


def test_owners_are_told_in_time_that_the_last_certificate_ends(
    saml: Provider, tmp_path: Path, company: Company
) -> None:
    row, now = IdentityProvider.objects.get(), timezone.now()
    ending, lasting = another_certificate(tmp_path, days=20), row.certificates
    row.certificates = f"{ending}\n{lasting}"
    row.save()
    providers.warn(row, now=now)
    assert mail.outbox == [], "another one follows"
    ada = company.client_of(company.ada)
    assert "No certificate holds" not in ada.get(SETTINGS).content.decode()

    row.certificates = ending
    row.save()
    for days in (0, 1, 6, 8):
        providers.warn(row, now=now + timedelta(days=days))
    assert [one.to for one in mail.outbox] == [["ada@fernweh.example"]] * 2, "once a week"
    assert "No certificate holds" in ada.get(SETTINGS).content.decode()


def test_several_certificates_are_entered_below_one_another(saml: Provider, tmp_path: Path, company: Company) -> None:
    row = IdentityProvider.objects.get()
    text = f"{row.certificates}\n{another_certificate(tmp_path)}"
    form: dict[str, Any] = {
        "name": "N", "kind": "saml", "entity_id": row.entity_id, "sign_in_url": row.sign_in_url, "certificates": text,
        "default_role": "viewer", "is_enabled": "on",
    }  # fmt: skip
    ada = company.client_of(company.ada)
    assert ada.post(f"{SETTINGS}provider/", form).status_code == 302
    row.refresh_from_db()
    assert len(certificates.split(row.certificates)) == 2
    broken = ada.post(f"{SETTINGS}provider/", {**form, "certificates": f"{text}\n-----BEGIN CERTIFICATE-----\nxx"})
    assert broken.status_code == 422
    assert "This is no certificate in PEM" in broken.content.decode()
    row.refresh_from_db()
    assert len(certificates.split(row.certificates)) == 2
