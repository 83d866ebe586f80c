"""Secrets at rest: text that PostgreSQL holds encrypted, under keys that can be changed.

The first of SECRETS_KEYS encrypts; all of them decrypt. `manage.py rotate_secrets` writes everything anew under the
first, after which the others may go. Without SECRETS_KEYS the keys follow from SECRET_KEY and SECRET_KEY_FALLBACKS.
"""

import base64
from functools import lru_cache
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.core.exceptions import FieldError
from django.db import models


class Undecipherable(RuntimeError):
    """A stored secret was encrypted under none of the present keys."""


def encrypt(text: str) -> str:
    """Return *text* encrypted under the first key; empty text stays empty."""
    return _cipher().encrypt(text.encode()).decode() if text else ""


def decrypt(token: str) -> str:
    """Return what `encrypt` was given. Raises Undecipherable."""
    try:
        return _cipher().decrypt(token.encode()).decode() if token else ""
    except InvalidToken:
        raise Undecipherable("Put the key that this secret was written under back into SECRETS_KEYS.") from None


def rotate(token: str) -> str:
    """Return *token* encrypted anew under the first key. Raises Undecipherable."""
    try:
        return _cipher().rotate(token.encode()).decode() if token else ""
    except InvalidToken:
        raise Undecipherable("Put the key that this secret was written under back into SECRETS_KEYS.") from None


def _cipher() -> MultiFernet:
    phrases = settings.SECRETS_KEYS or (settings.SECRET_KEY, *map(str, settings.SECRET_KEY_FALLBACKS))
    return _cipher_of(tuple(phrases))


@lru_cache(maxsize=8)
def _cipher_of(phrases: tuple[str, ...]) -> MultiFernet:
    """Return a cipher under keys derived from *phrases*, so that any long random text will do as a key."""
    return MultiFernet([Fernet(base64.urlsafe_b64encode(_derived(phrase))) for phrase in phrases])


def _derived(phrase: str) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=b"tributary secrets at rest").derive(phrase.encode())


class EncryptedTextField(models.TextField):  # type: ignore[type-arg]
    """Text in Python, a Fernet token in the database. It cannot be searched: equal texts have different tokens."""

    def get_prep_value(self, value: Any) -> Any:
        """Encrypt on the way to the database."""
        return value if value is None else encrypt(str(value))

    def from_db_value(self, value: str | None, _expression: object, _connection: object) -> str | None:
        """Decrypt on the way back."""
        return value if value is None else decrypt(value)

    def get_lookup(self, lookup_name: str) -> Any:
        """Refuse comparisons, which could only ever find nothing."""
        if lookup_name != "isnull":
            raise FieldError(f"{self.name} is encrypted and cannot be searched by {lookup_name}.")
        return super().get_lookup(lookup_name)
