"""Tokens for clients that hold a private key: what they sign to ask for one, and what they show afterwards (OAuth 2.0).

A client signs an assertion (RFC 7523) and gets a token for a quarter of an hour. The token names its stream and the
key that it was got with, and is signed by us, so that the door reads it without asking anybody.
"""

import hashlib
from functools import lru_cache
from typing import Any, NamedTuple, Protocol

import jwt

SCOPE = "tracking_api:write"
GRANT_TYPE = "client_credentials"
ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
LIFETIME = 900  # seconds
LONGEST_ASSERTION, LONGEST_ID = 8_192, 256
_PREFIX = "tat_"
_LEEWAY = 30  # seconds by which the clocks of clients may differ from ours
_LONGEST_LIFE = 600  # seconds for which an assertion may be good: so long its id is remembered
# The times are judged by our own clock, given as an argument.
_UNTIMED: Any = {"verify_exp": False, "verify_iat": False, "verify_nbf": False, "verify_sub": False}


class PublicKey(Protocol):
    """A key that signatures are checked with, and whose it is."""

    @property
    def key_id(self) -> str: ...
    @property
    def client_id(self) -> str: ...
    @property
    def stream_id(self) -> int: ...
    @property
    def pem(self) -> str: ...
    @property
    def algorithm(self) -> str: ...


class NotGranted(Exception):
    """No token: with the status, the error of RFC 6749 and its description."""

    def __init__(self, status: int, error: str, description: str) -> None:
        super().__init__(description)
        self.status, self.error, self.description = status, error, description


class BadToken(ValueError):
    """The token is not one of ours, or not any more; says why as a code and in words."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code, self.detail = code, detail


class Grant(NamedTuple):
    """What a token stands for."""

    stream_id: int
    key_id: str
    expires_at: int


class Assertion(NamedTuple):
    """What a client has signed: an id that counts once, until when (seconds since 1970)."""

    id: str
    good_until: float


def key_id_of(assertion: str) -> str:
    """Return the name of the key that signed *assertion*, unproven. Raises NotGranted."""
    if len(assertion) > LONGEST_ASSERTION:
        raise NotGranted(400, "invalid_request", "The client assertion is too long.")
    try:
        head = jwt.get_unverified_header(assertion)
    except jwt.PyJWTError:
        raise NotGranted(400, "invalid_request", "The client assertion is no signed JWT.") from None
    key_id = head.get("kid")
    if not isinstance(key_id, str) or not 0 < len(key_id) <= LONGEST_ID or not key_id.isprintable():
        raise NotGranted(400, "invalid_request", "The head of the client assertion names no key (kid).")
    return key_id


def check(assertion: str, key: PublicKey, *, audience: str, now: float) -> Assertion:
    """Return what *key* has signed for us, now. Raises NotGranted."""
    try:
        said = jwt.decode(
            assertion,
            key.pem,
            algorithms=[key.algorithm],
            options={**_UNTIMED, "require": ["iss", "sub", "aud", "iat", "exp", "jti"], "verify_aud": False},
        )
    except jwt.MissingRequiredClaimError as error:
        raise NotGranted(400, "invalid_request", f"The client assertion lacks {error.claim}.") from None
    except (jwt.PyJWTError, ValueError, TypeError):
        raise NotGranted(401, "invalid_client", "The client assertion was not signed by this key.") from None
    if (said["iss"], said["sub"]) != (key.client_id, key.client_id):
        raise NotGranted(401, "invalid_client", "iss and sub are both the client ID that the key belongs to.")
    meant = said["aud"] if isinstance(said["aud"], list) else [said["aud"]]
    if audience not in {one.rstrip("/") for one in meant if isinstance(one, str)}:
        raise NotGranted(401, "invalid_client", f"aud is {audience}, the address of this server.")
    if not isinstance(said["jti"], str) or not 0 < len(said["jti"]) <= LONGEST_ID:
        raise NotGranted(400, "invalid_request", f"jti is a text of at most {LONGEST_ID} characters.")
    return Assertion(said["jti"], _good_until(said, now))


def _good_until(said: dict[str, Any], now: float) -> float:
    """Return until when the assertion is good. Clients know the first two descriptions and set their clock."""
    begins, ends = (_seconds(said[name], name) for name in ("iat", "exp"))
    if ends + _LEEWAY < now:
        raise NotGranted(400, "invalid_request", "Token is expired")
    if begins - _LEEWAY > now:
        raise NotGranted(400, "invalid_request", "Token used before issued")
    if ends > now + _LONGEST_LIFE:
        raise NotGranted(400, "invalid_request", f"exp lies at most {_LONGEST_LIFE} seconds ahead.")
    return ends + _LEEWAY


def _seconds(value: object, name: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) <= 1e12:
        raise NotGranted(400, "invalid_request", f"{name} is a number of seconds since 1970.")
    return float(value)


def make(key: PublicKey, *, secret: str, now: float) -> str:
    """Return a token for the stream of *key*."""
    said = {"sid": key.stream_id, "key": key.key_id, "exp": int(now) + LIFETIME}
    return _PREFIX + jwt.encode(said, _signing(secret), algorithm="HS256")


def is_ours(text: str) -> bool:
    """Tell whether *text* says of itself that it is one of our tokens."""
    return text.startswith(_PREFIX)


def read(token: str, *, secret: str, now: float) -> Grant:
    """Return what *token* stands for. Raises BadToken."""
    try:
        grant = _read(token, secret)
    except (jwt.PyJWTError, ValueError, TypeError, KeyError):
        raise BadToken("bad_token", "This token was not given out here. Ask for one at /token.") from None
    if grant.expires_at <= now:
        raise BadToken("expired_token", "The token has expired. Ask for a new one at /token.")
    return grant


@lru_cache(maxsize=4_096)  # a client shows the same token for minutes; what cannot be read is not remembered
def _read(token: str, secret: str) -> Grant:
    text = token.removeprefix(_PREFIX)
    said = jwt.decode(text, _signing(secret), algorithms=["HS256"], options={**_UNTIMED, "verify_aud": False})
    return Grant(int(said["sid"]), str(said["key"]), int(said["exp"]))


@lru_cache(maxsize=8)
def _signing(secret: str) -> bytes:
    return hashlib.blake2b(b"tokens of the door", key=secret.encode()[:64], digest_size=32).digest()
