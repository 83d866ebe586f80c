"""The page of a stream's public keys: added, rotated, revoked by those who may, and recorded (R5, R10)."""

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from django.test import Client

from apps.compliance.models import AuditEntry
from apps.orgs import services
from apps.orgs.models import Membership, PublicKey, Role, Stream
from tests.factories.company import Company, make_company


@pytest.fixture
def company(db: None) -> Company:
    """Ada, Grace and Mallory."""
    return make_company()


def public(key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey) -> str:
    return key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


RSA = rsa.generate_private_key(65537, 2048)
PEM = public(RSA)


def page_of(stream: Stream) -> str:
    return f"/o/fernweh/p/shop/streams/{stream.pk}/public-keys/"


@pytest.fixture
def stream(company: Company) -> Stream:
    """Ada's stream."""
    return company.shop.streams.get()


@pytest.fixture
def ada(company: Company) -> Client:
    """Ada's browser."""
    return company.client_of(company.ada)


def test_key_is_added_shown_and_revoked(stream: Stream, ada: Client) -> None:
    assert "No public key yet" in ada.get(page_of(stream)).content.decode()

    answer = ada.post(page_of(stream), {"name": "Warehouse", "pem": f"\n {PEM} \n"}, follow=True)

    row = PublicKey.objects.get()
    text = answer.content.decode()
    assert (row.pem, row.algorithm, row.made_by.email) == (PEM, "RS256", "ada@example.org")  # type: ignore[union-attr]
    assert all(words in text for words in ("Warehouse", row.key_id, row.fingerprint[:16], stream.client_id()))
    ada.post(f"{page_of(stream)}{row.pk}/revoke/")
    assert not PublicKey.objects.exists()
    entries = AuditEntry.objects.filter(subject="orgs_publickey").order_by("pk")
    assert [entry.action for entry in entries] == ["insert", "delete"]


@pytest.mark.parametrize(
    ("pem", "words"),
    [
        (RSA.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode(), "This is a private key"),
        (public(rsa.generate_private_key(65537, 1024)), "Paste a public key in PEM"),  # noqa: S505  weak on purpose
        (public(ec.generate_private_key(ec.SECP384R1())), "Paste a public key in PEM"),
        ("-----BEGIN PUBLIC KEY-----\nnonsense\n-----END PUBLIC KEY-----", "Paste a public key in PEM"),
        ("", "This field is required"),
        ("x" * 5_000, "at most 4096 characters"),
    ],
    ids=["private", "small", "other curve", "nonsense", "nothing", "huge"],
)
def test_what_is_no_key_is_refused_beside_its_field(stream: Stream, ada: Client, pem: str, words: str) -> None:
    answer = ada.post(page_of(stream), {"name": "Typed before", "pem": pem})

    text = answer.content.decode()
    assert (answer.status_code, "Typed before" in text, words in text) == (422, True, True)
    assert not PublicKey.objects.exists()


def test_same_key_and_a_sixth_are_refused(stream: Stream, ada: Client) -> None:
    ada.post(page_of(stream), {"name": "k", "pem": PEM})
    assert "has this key already" in ada.post(page_of(stream), {"name": "k", "pem": PEM}).content.decode()
    for _ in range(services.public_keys.MOST - 1):
        ada.post(page_of(stream), {"name": "k", "pem": public(ec.generate_private_key(ec.SECP256R1()))})

    answer = ada.post(page_of(stream), {"name": "k", "pem": public(ec.generate_private_key(ec.SECP256R1()))})

    assert "at most 5 public keys" in answer.content.decode()
    assert PublicKey.objects.count() == services.public_keys.MOST


def test_stream_is_shut_to_write_keys_and_opened_again(stream: Stream, ada: Client) -> None:
    base = f"/o/fernweh/p/shop/streams/{stream.pk}/require-token/"

    text = ada.post(base, {"required": "1"}, follow=True).content.decode()

    stream.refresh_from_db()
    assert (stream.requires_token, "Without a key nobody can send" in text) == (True, True)
    ada.post(base, {"required": "0"})
    stream.refresh_from_db()
    assert stream.requires_token is False


def test_keys_are_seen_and_changed_by_those_who_may(company: Company, stream: Stream) -> None:
    row = services.add_public_key(property_id=company.shop.pk, stream_id=stream.pk, name="k", pem=PEM, made_by=None)
    theirs = company.theirs.streams.get()
    mallory = company.client_of(company.mallory)
    for role, seen, changed in ((Role.VIEWER, 403, 403), (Role.ANALYST, 200, 403), (Role.DEVELOPER, 200, 302)):
        Membership.objects.filter(user=company.grace).update(role=role)
        client = company.client_of(company.grace)
        assert client.get(page_of(stream)).status_code == seen
        if role != Role.DEVELOPER:
            assert client.post(page_of(stream), {"name": "k", "pem": PEM}).status_code == 403
        assert client.get(page_of(theirs)).status_code in (403, 404)
        assert client.post(f"{page_of(stream)}{row.pk}/revoke/").status_code == changed
        assert PublicKey.objects.exists() is (role != Role.DEVELOPER)

    row = services.add_public_key(property_id=company.shop.pk, stream_id=stream.pk, name="k", pem=PEM, made_by=None)
    assert mallory.get(page_of(stream)).status_code == 404
    own = f"/o/cinder/p/shop/streams/{theirs.pk}/public-keys/{row.pk}/revoke/"
    assert mallory.post(own).status_code == 404
    assert PublicKey.objects.filter(pk=row.pk).exists()
