"""The bytes of a request, never more of them than agreed, whatever the client claims or compresses."""

import re
import zlib

from django.http import HttpRequest

from apps.shared.slow_clients import TOO_SLOW

_GZIP = 16 + zlib.MAX_WBITS
_DEFLATE = 32 + zlib.MAX_WBITS
_HALF = re.compile(rb"\\u[dD][89a-fA-F]")
# Every escape in its turn, so that a backslash that stands for itself begins none.
_ESCAPES = re.compile(
    rb"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|(?P<half>\\u[dD][89a-fA-F][0-9a-fA-F]{2})|\\.",
    re.DOTALL,
)
_UNKNOWN = rb"\ufffd"
_BEGINS_GZIP = b"\x1f\x8b"
_MOST_MEMBERS = 64  # each costs a copy of what comes behind it
_ENCODINGS = {"": 0, "identity": 0, "gzip": _GZIP, "x-gzip": _GZIP, "deflate": _DEFLATE}


class BodyRefused(Exception):
    """The body cannot be taken; says with which status, why, and in whose words."""

    def __init__(self, status: int, reason: str, detail: str) -> None:
        super().__init__(detail)
        self.status, self.reason, self.detail = status, reason, detail


def read_body(request: HttpRequest, *, limit: int) -> bytes:
    """Return the body, decompressed, as valid UTF-8 of at most *limit* bytes. Raises BodyRefused."""
    encoding = request.META.get("HTTP_CONTENT_ENCODING", "").strip().lower()
    if encoding not in _ENCODINGS:
        raise BodyRefused(415, "unsupported_encoding", "Send the body plain or compressed with gzip.")
    raw = _read(request, limit)
    body = _inflate(raw, _ENCODINGS[encoding], limit) if encoding and _ENCODINGS[encoding] else raw
    if not body:
        raise BodyRefused(400, "empty", "The body is empty.")
    try:
        body.decode()
    except UnicodeDecodeError as error:
        raise BodyRefused(400, "not_utf8", f"The body is not UTF-8: byte {error.start} begins no character.") from None
    return whole_characters(body.removeprefix(b"\xef\xbb\xbf"))


def whole_characters(body: bytes) -> bytes:
    """Return *body* with a sign in place of each half of a character that was cut through.

    Programs that count in UTF-16 cut texts inside of an emoji, and write the half that is left as an escape. It is
    JSON, it stands for nothing, and one of them would have a whole batch refused.
    """
    if _HALF.search(body) is None:
        return body
    return _ESCAPES.sub(lambda found: _UNKNOWN if found.lastgroup == "half" else found[0], body)


def _read(request: HttpRequest, limit: int) -> bytes:
    claimed = request.META.get("CONTENT_LENGTH") or ""
    if claimed.isdigit() and int(claimed) > limit:
        raise _too_large(limit)
    # Django takes a chunked body for an empty one; the server knows its end.
    source = request.META["wsgi.input"]
    wanted = int(claimed) if claimed.isdigit() else limit + 1
    parts, size = [], 0
    while size < wanted:
        try:
            part = source.read(wanted - size)
        except OSError:
            raise BodyRefused(400, "broken_off", "The body broke off.") from None
        if not part:
            break
        parts.append(part)
        size += len(part)
    if size > limit:
        raise _too_large(limit)
    if TOO_SLOW in request.META:
        raise BodyRefused(408, "too_slow", "The body did not come in time.")
    if claimed.isdigit() and size < wanted:
        raise BodyRefused(400, "broken_off", "The body is shorter than its Content-Length.")
    return b"".join(parts)


def _inflate(raw: bytes, window: int, limit: int) -> bytes:
    body, rest = b"", raw
    # What gzip makes may have several members: programs that write as they go end one after the other (RFC 1952).
    for _ in range(_MOST_MEMBERS):
        more, rest = _member(rest, window, limit + 1 - len(body))
        body += more
        if len(body) > limit:
            raise _too_large(limit)
        if window != _GZIP or not rest.startswith(_BEGINS_GZIP):
            break
    if rest:
        raise BodyRefused(400, "bad_compression", "The compressed body goes on behind its end.")
    return body


def _member(raw: bytes, window: int, most: int) -> tuple[bytes, bytes]:
    """Return up to *most* bytes of what the first member of *raw* holds, and what comes behind it."""
    inflater = zlib.decompressobj(window)
    try:
        body = inflater.decompress(raw, most)
    except zlib.error:
        raise BodyRefused(400, "bad_compression", "The body is not what its Content-Encoding says.") from None
    if not inflater.eof and len(body) < most:
        raise BodyRefused(400, "bad_compression", "The compressed body is cut off.")
    return body, inflater.unused_data


def _too_large(limit: int) -> BodyRefused:
    return BodyRefused(413, "too_large", f"A request has at most {limit} bytes, also when decompressed.")
