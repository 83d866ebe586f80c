"""Certificates of identity providers, and the one that we sign with ourselves."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

WARNING = timedelta(days=30)
_FRAMED = re.compile(r"-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----")
_OURS_HOLDS = timedelta(days=3650)


@dataclass(frozen=True, slots=True)
class Certificate:
    """What people need to know of a certificate."""

    fingerprint: str
    begins_at: datetime
    ends_at: datetime


def split(text: str) -> list[str]:
    """Return each certificate of *text* in its frame."""
    return _FRAMED.findall(text)


def read(text: str) -> list[Certificate]:
    """Return the certificates of *text*, the one that holds longest first."""
    loaded = [x509.load_pem_x509_certificate(one.encode()) for one in split(text)]
    found = [
        Certificate(one.fingerprint(hashes.SHA256()).hex(":"), one.not_valid_before_utc, one.not_valid_after_utc)
        for one in loaded
    ]
    return sorted(found, key=lambda one: one.ends_at, reverse=True)


def ends_soon(text: str, *, now: datetime) -> datetime | None:
    """Return when the last certificate ends, if within 30 days or past; else None: one that follows is enough."""
    found = read(text)
    return found[0].ends_at if found and found[0].ends_at < now + WARNING else None


def new_pair(name: str, *, now: datetime) -> tuple[str, str]:
    """Return a new private key and its self-signed certificate, both in PEM."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    builder = x509.CertificateBuilder().subject_name(subject).issuer_name(subject).public_key(key.public_key())
    builder = builder.serial_number(x509.random_serial_number())
    signed = builder.not_valid_before(now).not_valid_after(now + _OURS_HOLDS).sign(key, hashes.SHA256())
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return private.decode(), signed.public_bytes(serialization.Encoding.PEM).decode()
