"""What every request goes through: an id, a clock, TLS for programs, and for the admin a softer content policy."""

import os
import re
from collections.abc import Callable
from contextvars import ContextVar
from itertools import count
from time import perf_counter

from csp.constants import SELF, UNSAFE_EVAL, UNSAFE_INLINE
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from prometheus_client import Histogram
from structlog.contextvars import STRUCTLOG_KEY_PREFIX

from apps.shared.metrics import api_latency
from apps.shared.problems import problem

Answerer = Callable[[HttpRequest], HttpResponse]

# structlog finds it by its name; its own functions for this look at every variable there is, for every event.
_bound_id: ContextVar[str] = ContextVar(f"{STRUCTLOG_KEY_PREFIX}request_id")
_WELL_FORMED_ID = re.compile(r"[A-Za-z0-9._-]{8,64}").fullmatch
_KNOWN_METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}


class RequestContextMiddleware:
    """Gives each request an id, binds it to the log lines, times the answer by route.

    Runs in `collect` for every event, so it spends microseconds: ids are counted, label lookups are remembered.
    """

    def __init__(self, get_response: Answerer) -> None:
        self.get_response = get_response
        self._timers: dict[tuple[str, str, int], Histogram] = {}
        self._numbers = count(1)
        self._prefix, self._pid = "", 0

    def __call__(self, request: HttpRequest) -> HttpResponse:
        started = perf_counter()
        request_id = request.META.get("HTTP_X_REQUEST_ID", "")
        if not request_id or not _WELL_FORMED_ID(request_id):
            request_id = self._new_id()
        request.request_id = request_id  # type: ignore[attr-defined]
        token = _bound_id.set(request_id)
        try:
            response = self.get_response(request)
        finally:
            _bound_id.reset(token)
        response.headers["X-Request-ID"] = request_id
        match = request.resolver_match
        key = (match.route if match else "unknown", request.method or "", response.status_code)
        timer = self._timers.get(key) or self._timer(key)
        timer.observe(perf_counter() - started)
        return response

    def _new_id(self) -> str:
        """Return an id that no other process gives out, also after a fork."""
        if self._pid != os.getpid():
            self._pid, self._prefix = os.getpid(), os.urandom(6).hex()
        return f"{self._prefix}-{next(self._numbers):08x}"

    def _timer(self, key: tuple[str, str, int]) -> Histogram:
        route, method, status = key
        timer = api_latency.labels(route, method if method in _KNOWN_METHODS else "other", str(status))
        if method in _KNOWN_METHODS:
            self._timers[key] = timer
        return timer


class PlainProgramsMiddleware:
    """Refuses programs that came without TLS, where pages are led to it: nobody would notice what went in clear."""

    def __init__(self, get_response: Answerer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        is_of_program = request.path_info.startswith(("/api/v1/", "/scim/"))
        if is_of_program and settings.SECURE_SSL_REDIRECT and not request.is_secure():
            return problem(403, "https_required", "Ask over https, and change the key: it has travelled in clear.")
        return self.get_response(request)


class AdminPolicyMiddleware:
    """Allows inline and evaluated script under /admin/ alone, which the admin's theme needs."""

    def __init__(self, get_response: Answerer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if request.path_info.startswith("/admin/"):
            response._csp_update = {  # type: ignore[attr-defined]  # noqa: SLF001  how django-csp is told per response
                "script-src": [SELF, UNSAFE_INLINE, UNSAFE_EVAL],
                "style-src": [SELF, UNSAFE_INLINE],
            }
        return response
