"""The browser SDK, served by the door: a site that measures itself asks nobody else for anything."""

import gzip
import hashlib
from dataclasses import dataclass
from functools import cache

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from apps.ingestion.rest import answers

FOLDER = settings.BASE_DIR / "static" / "dist" / "sdk"
# The address outlives updates: a browser keeps the file for a day, and uses it for a month while it asks for a new one.
_CACHE = "public, max-age=86400, stale-while-revalidate=2592000, stale-if-error=2592000"
_NAMES = ("tributary.js", "tributary.mjs")
_HEADERS = {
    "Cache-Control": _CACHE,
    "Cross-Origin-Resource-Policy": "cross-origin",
    "X-Content-Type-Options": "nosniff",
    "Vary": "Accept-Encoding",
}


@dataclass(frozen=True, slots=True)
class _File:
    plain: bytes
    zipped: bytes
    tag: str


def library(request: HttpRequest, name: str) -> HttpResponse:
    """Serve one of the SDK's files, or say that the browser's own is still the newest."""
    if request.method not in ("GET", "HEAD"):
        return answers.refused(405, "wrong_method", "The SDK answers to GET.", headers={"Allow": "GET, HEAD"})
    file = _file(name) if name in _NAMES else None
    if file is None:
        return answers.refused(404, "unknown_file", f"The SDK is one of: {', '.join(_NAMES)}.")
    headers = {**_HEADERS, "ETag": file.tag}
    if file.tag in request.META.get("HTTP_IF_NONE_MATCH", ""):
        return answers.with_headers(HttpResponse(status=304), headers)
    is_zipped = "gzip" in request.META.get("HTTP_ACCEPT_ENCODING", "")
    if is_zipped:
        headers["Content-Encoding"] = "gzip"
    body = file.zipped if is_zipped else file.plain
    return answers.with_headers(HttpResponse(body, content_type="text/javascript; charset=utf-8"), headers)


@cache
def _file(name: str) -> _File | None:
    path = FOLDER / name
    if not path.exists():
        return None
    plain = path.read_bytes()
    tag = f'W/"{hashlib.sha256(plain).hexdigest()[:20]}"'
    return _File(plain, gzip.compress(plain, 9, mtime=0), tag)
