"""Requests that say when they are the same request: the first answer is kept, and given again."""

from msgspec import Struct


class Repeat(Struct, frozen=True):
    """A request under the *name* of its key; *fingerprint* tells one body from another."""

    name: str
    fingerprint: bytes


class Kept(Struct, frozen=True, array_like=True):
    """The first answer to a request; a status of 0 means that it is not there yet."""

    fingerprint: bytes
    status: int = 0
    content_type: str = ""
    body: bytes = b""
