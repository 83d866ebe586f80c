"""HTTP to addresses that people of an organization typed in: public ones only, over TLS, in small answers.

A `requests` session, because that is what allauth speaks. What goes over the wire is httpx behind httpx-secure, which
looks at the address that was really connected to, so that neither a name, nor a redirect, nor a name that changes its
address between two questions leads inside (server-side request forgery).
"""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import Any, cast
from urllib.parse import urlsplit

import httpx
import requests
from django.conf import settings
from httpx_secure import httpx_ssrf_protection
from requests.adapters import BaseAdapter
from requests.structures import CaseInsensitiveDict

MOST_BYTES = 1024 * 1024
PATIENCE = 8.0  # seconds for a whole answer
_HEADERS = {"Accept-Encoding": "gzip", "User-Agent": "Tributary"}


class Unreachable(requests.ConnectionError):
    """The address did not answer, or is none that may be asked. Which of the two is not said to whoever typed it."""


def session() -> requests.Session:
    """Return a session that follows no redirect and reads no proxy from the environment."""
    made = requests.Session()
    made.trust_env = False
    made.max_redirects = 0
    made.mount("https://", _Guarded())
    made.mount("http://", _Guarded())
    return made


def is_private_allowed(url: str) -> bool:
    """Tell whether the operator lets this host and port be asked although it is inside, and without TLS."""
    parts = urlsplit(url)
    return (
        f"{parts.hostname}:{parts.port or (443 if parts.scheme == 'https' else 80)}" in settings.ACCOUNTS_PRIVATE_HOSTS
    )


class _Guarded(BaseAdapter):
    """Carries one request of `requests` over a guarded httpx client of its own."""

    def send(self, request: requests.PreparedRequest, *_args: Any, **_options: Any) -> requests.Response:
        """Send *request*. Raises Unreachable."""
        url = request.url or ""
        if not url.startswith("https://") and not is_private_allowed(url):
            raise Unreachable("Only https is asked.", request=request)
        # A thread of its own: the caller's may have an event loop that is running.
        with ThreadPoolExecutor(max_workers=1) as pool:
            return pool.submit(asyncio.run, _fetch(request)).result()

    def close(self) -> None:
        """Keep nothing open between requests."""


async def _fetch(request: requests.PreparedRequest) -> requests.Response:
    try:
        async with asyncio.timeout(PATIENCE), _client(request.url or "") as client:
            headers = {**{name: str(value) for name, value in request.headers.items()}, **_HEADERS}
            method, url = request.method or "GET", request.url or ""
            async with client.stream(method, url, headers=headers, content=_body(request)) as answer:
                content = bytearray()
                async for block in answer.aiter_bytes():
                    content += block
                    if len(content) > MOST_BYTES:
                        raise Unreachable("The answer is too large.", request=request)
                return _as_response(answer, bytes(content), request)
    except (httpx.HTTPError, httpx.InvalidURL, TimeoutError, OSError, ValueError) as error:
        if isinstance(error, Unreachable):
            raise
        raise Unreachable("The address could not be asked.", request=request) from error


def _client(url: str) -> httpx.AsyncClient:
    client = httpx.AsyncClient(trust_env=False, follow_redirects=False, timeout=PATIENCE)
    return client if is_private_allowed(url) else httpx_ssrf_protection(client)


def _body(request: requests.PreparedRequest) -> bytes | None:
    body = cast("bytes | str | None", request.body)
    return body.encode() if isinstance(body, str) else body


def _as_response(answer: httpx.Response, content: bytes, request: requests.PreparedRequest) -> requests.Response:
    made = requests.Response()
    made.status_code = answer.status_code
    # Decompressed by now, so what describes the wire is left out.
    wire = {"content-encoding", "transfer-encoding", "content-length"}
    made.headers = CaseInsensitiveDict({name: value for name, value in answer.headers.items() if name not in wire})
    made._content = content  # noqa: SLF001  how requests' own test doubles fill an answer
    made.encoding = answer.charset_encoding or "utf-8"
    made.url, made.request, made.reason = request.url or "", request, answer.reason_phrase
    return made
