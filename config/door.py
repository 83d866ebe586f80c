"""The handler of `collect`: Django's own, without the parts of a request that the door of events never uses.

A body is read before the request takes its turn: threads that wait for slow clients are many and cheap, and those
that work are as few as is fast (ADR 0050, ADR 0089).
"""

import io
import time
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.urls import ResolverMatch

from apps.shared import cors, metrics
from apps.shared.health import urls as health
from apps.shared.problems import problem
from apps.shared.slow_clients import TOO_SLOW, SlowClients
from apps.shared.turns import Turns

_MOST, _LONGEST = 1_024, 100  # addresses whose view is remembered, and how long one may be: callers make them up
THREADS = 256  # of the server, for a process
_TURNS = 16
_FOR_OPERATORS = frozenset(f"/{route.pattern}" for route in health.urlpatterns)  # no page of others reads them
_PATIENCE = 15.0  # seconds in which a request must have come
_HEARD_OUT = 4 * 1024 * 1024  # bytes: whoever still sends when the connection ends never reads why


class DoorHandler(WSGIHandler):
    """Spares each event the signals, the script prefix, the search for its view and what views may be (ADR 0050)."""

    def __init__(self) -> None:
        super().__init__()
        self._matches: dict[str, ResolverMatch] = {}
        self._turns = Turns(_TURNS)
        self._slow = SlowClients(most=THREADS // 2, patience=_PATIENCE)

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> HttpResponseBase:
        """Answer one request."""
        response = self._answer(environ)
        if environ["PATH_INFO"] not in _FOR_OPERATORS:
            cors.open_to(environ, response)
        start_response(f"{response.status_code} {response.reason_phrase}", list(response.items()))
        return response

    def _answer(self, environ: dict[str, Any]) -> HttpResponseBase:
        if not self._take_body(environ):
            return _too_many()
        if cors.is_preflight(environ) and environ["PATH_INFO"] not in _FOR_OPERATORS:
            return cors.preflight(environ)
        self._turns.take()
        try:
            return self.get_response(self.request_class(environ))
        finally:
            self._turns.give_back()

    def _take_body(self, environ: dict[str, Any]) -> bool:
        """Read the body as far as any view would; tell whether there was room for it.

        Of one that is too large the rest is thrown away, so that the client has sent it and reads the answer; one that
        is far too large, or asks before it sends, is left to the view, which says so without reading it.
        """
        claimed = environ.get("CONTENT_LENGTH") or ""
        if claimed in ("", "0") and "HTTP_TRANSFER_ENCODING" not in environ:
            return True
        most = settings.INGESTION_MAX_BATCH_BYTES
        wanted = int(claimed) if claimed.isdecimal() else most + 1
        if wanted > _HEARD_OUT or (wanted > most and "HTTP_EXPECT" in environ):
            return True
        address = environ.get("REMOTE_ADDR", "")
        began = self._slow.begin(address, port=int(environ.get("SERVER_PORT") or 0))
        if began is None:
            return False
        try:
            source = environ["wsgi.input"]
            body = _read(source, min(wanted, most + 1))
            environ["wsgi.input"] = io.BytesIO(body)
            if len(body) > most:
                _throw_away(source, _HEARD_OUT - len(body))
        finally:
            self._slow.end(address)
        if time.monotonic() - began > _PATIENCE - 1:
            environ[TOO_SLOW] = "1"
        return True

    def _get_response(self, request: HttpRequest) -> HttpResponseBase:
        """Ask the view. Those of the door are plain functions: no transaction, no template, no middleware of views."""
        match = self.resolve_request(request)
        response: HttpResponseBase = match.func(request, *match.args, **match.kwargs)
        return response

    def resolve_request(self, request: HttpRequest) -> ResolverMatch:
        """Return the view of an address; what was found is remembered, and forgotten when it is too much."""
        match = self._matches.get(request.path_info)
        if match is None:
            match = super().resolve_request(request)
            if len(self._matches) >= _MOST:
                self._matches.clear()
            if len(request.path_info) <= _LONGEST:
                self._matches[request.path_info] = match
        request.resolver_match = match
        return match


def _too_many() -> HttpResponse:
    metrics.events_dropped.labels("too_many_bodies").inc()
    detail = "Too many requests of this address are still on their way. Nothing was accepted; send it again."
    response = problem(429, "too_many_requests", detail)
    response.headers["Retry-After"] = "2"
    return response


def _read(source: Any, wanted: int) -> bytes:
    """Return at most *wanted* bytes of *source*; fewer where the client broke off, or was cut off."""
    parts, size = [], 0
    try:
        while size < wanted and (part := source.read(wanted - size)):
            parts.append(part)
            size += len(part)
    except OSError:
        pass  # what came is less than what was announced, and the view says so
    return b"".join(parts)


def _throw_away(source: Any, most: int) -> None:
    try:
        while most > 0 and (part := source.read(min(most, 65_536))):
            most -= len(part)
    except OSError:
        pass
