"""Leave for browsers: a page of any origin may ask the door anything, and reads every answer, also why it was refused.

Write keys are public and no cookie counts here, so nothing is opened that a program could not ask for. A refusal
without these headers would be a network error to the page, which then could not tell "send it again" from "never".
"""

import re
from typing import Any

from django.http import HttpResponse, HttpResponseBase
from django.utils.cache import patch_vary_headers

_ORIGIN = "Access-Control-Allow-Origin"
_READABLE = ", ".join(
    ("Retry-After", "X-Request-ID", "X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset",
     "Idempotent-Replayed", "Allow", "WWW-Authenticate")
)  # fmt: skip
_ASKED = "HTTP_ACCESS_CONTROL_REQUEST_METHOD"
_is_token = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+").fullmatch
_LONGEST = 4_096  # characters of header names in one question


def is_preflight(environ: dict[str, Any]) -> bool:
    """Tell whether a browser asks whether a page may send what it wants to send."""
    return environ["REQUEST_METHOD"] == "OPTIONS" and "HTTP_ORIGIN" in environ and _ASKED in environ


def preflight(environ: dict[str, Any]) -> HttpResponse:
    """Allow what is asked for, whatever the address: the request itself then hears what is wrong with it.

    Tools for tracing add headers of their own to every request of a page; a list of ours would cost their events.
    """
    response = HttpResponse(status=204)
    method = environ[_ASKED]
    names = [name.strip() for name in environ.get("HTTP_ACCESS_CONTROL_REQUEST_HEADERS", "")[:_LONGEST].split(",")]
    if _is_token(method):
        response.headers["Access-Control-Allow-Methods"] = method
    if allowed := ", ".join(name for name in names if _is_token(name)):
        response.headers["Access-Control-Allow-Headers"] = allowed
    if "HTTP_ACCESS_CONTROL_REQUEST_PRIVATE_NETWORK" in environ:
        # A page of the public may also send to a door inside a private network.
        response.headers["Access-Control-Allow-Private-Network"] = "true"
    response.headers["Access-Control-Max-Age"] = "86400"
    patch_vary_headers(response, ["Access-Control-Request-Method", "Access-Control-Request-Headers"])
    return response


def open_to(environ: dict[str, Any], response: HttpResponseBase) -> None:
    """Let the page that asks read *response*.

    Its origin is named, because a beacon of JSON always asks with cookies, and then no asterisk counts. What caches
    keep for everybody says the same to everybody.
    """
    headers = response.headers
    if "public" in headers.get("Cache-Control", ""):
        headers[_ORIGIN] = "*"
    elif "HTTP_ORIGIN" in environ:
        headers[_ORIGIN] = environ["HTTP_ORIGIN"]
        headers["Access-Control-Allow-Credentials"] = "true"
        patch_vary_headers(response, ["Origin"])
    else:
        return
    headers["Access-Control-Expose-Headers"] = _READABLE
