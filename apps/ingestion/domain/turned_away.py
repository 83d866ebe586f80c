"""Calls that the door answered and did not take: what is noted of them, so that their sender can find out.

Nothing was accepted, so nothing of what they held may be kept (R8): not the payload, not an address, and of message
ids no more than a keyed digest, which tells whether a given id was among them and cannot be read.
"""

import hashlib
import hmac
import re
from collections.abc import Iterable
from datetime import UTC, datetime
from itertools import chain, islice
from typing import NamedTuple

import msgspec

MOST_IDS = 100  # of one call
_LOOKED_AT = 65_536  # bytes of a body that may be no JSON
_ID = re.compile(rb'"messageId"\s*:\s*("(?:[^"\\]|\\.){1,3072}"|-?[0-9]{1,40}(?![0-9.eE]))')  # with every sign escaped
_DIGEST = 6  # bytes: one in 280 million million by chance


class Note(NamedTuple):
    """One call that was not taken: when, what it was answered, by how many events, and the digests of their ids."""

    at: int
    status: int
    reason: str
    events: int
    ids: bytes

    def is_about(self, digest: bytes) -> bool:
        """Tell whether a message with this digest was among the first of the call."""
        return any(self.ids[place : place + _DIGEST] == digest for place in range(0, len(self.ids), _DIGEST))


class TurnedAway(NamedTuple):
    """One call as pages show it."""

    stream_id: int
    at: datetime
    status: int
    reason: str
    events: int


def note(*, at: int, status: int, reason: str, bodies: Iterable[bytes], events: int, key: bytes) -> bytes:
    """Return what is kept of a call that was answered at *at* (milliseconds)."""
    found = chain.from_iterable(_ID.finditer(body, 0, _LOOKED_AT) for body in islice(bodies, MOST_IDS))
    ids = b"".join(digest(_said(one.group(1)), key) for one in islice(found, MOST_IDS))
    return msgspec.msgpack.encode(Note(at, status, reason, events, ids))


def _said(literal: bytes) -> bytes:
    """Return an id as it is looked for: without its quotes, and nothing in it escaped."""
    if b"\\" not in literal:
        return literal.strip(b'"')
    try:
        return msgspec.json.decode(literal, type=str).encode()
    except (msgspec.MsgspecError, UnicodeError):
        return literal[1:-1]


def read(text: bytes) -> Note | None:
    """Return a note, None for what is none."""
    try:
        return msgspec.msgpack.decode(text, type=Note)
    except msgspec.MsgspecError:
        return None


def digest(message_id: bytes, key: bytes) -> bytes:
    """Return what stands for a message id."""
    return hmac.new(key, message_id, hashlib.sha256).digest()[:_DIGEST]


def shown(one: Note, stream_id: int) -> TurnedAway:
    """Return a note as pages show it."""
    return TurnedAway(stream_id, datetime.fromtimestamp(one.at / 1000, UTC), one.status, one.reason, one.events)
