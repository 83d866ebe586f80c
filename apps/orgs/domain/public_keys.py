"""Reading what somebody pasted as a public key."""

import hashlib
from dataclasses import dataclass

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_public_key

SMALLEST_RSA, LARGEST_RSA = 2048, 4096  # bits; a larger one costs the door more than it gives
LONGEST = 4_096  # characters


class PrivateKeyGiven(ValueError):
    """It is the other half, which nobody but its owner may have."""


class NotAPublicKey(ValueError):
    """It is no public key that signatures can be checked with."""


@dataclass(frozen=True, slots=True)
class ReadKey:
    """A key as it is kept: PEM in one spelling, the algorithm of its signatures, the SHA-256 of its DER bytes."""

    pem: str
    algorithm: str
    fingerprint: str


def read_public_key(text: str) -> ReadKey:
    """Return the key in *text*: PEM, RSA of 2,048 to 4,096 bits or the curve P-256.

    Raises PrivateKeyGiven or NotAPublicKey.
    """
    if "PRIVATE KEY" in text:
        raise PrivateKeyGiven
    try:
        key = load_pem_public_key(text.strip()[:LONGEST].encode())
    except (ValueError, UnsupportedAlgorithm):
        raise NotAPublicKey from None
    if isinstance(key, rsa.RSAPublicKey) and SMALLEST_RSA <= key.key_size <= LARGEST_RSA:
        algorithm = "RS256"
    elif isinstance(key, ec.EllipticCurvePublicKey) and isinstance(key.curve, ec.SECP256R1):
        algorithm = "ES256"
    else:
        raise NotAPublicKey
    pem = key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    der = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return ReadKey(pem, algorithm, hashlib.sha256(der).hexdigest())
