"""The handler of `collect`: Django's own, without the parts of a request that the door of events never uses."""

from collections.abc import Callable
from typing import Any

from django.core.handlers.wsgi import WSGIHandler
from django.http import HttpRequest, HttpResponseBase
from django.urls import ResolverMatch

_MOST = 256  # addresses without a parameter are few; what invents others is not remembered


class DoorHandler(WSGIHandler):
    """Spares each event the signals, the script prefix and the search for its view (ADR 0050)."""

    def __init__(self) -> None:
        super().__init__()
        self._matches: dict[str, ResolverMatch] = {}

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> HttpResponseBase:
        """Answer one request."""
        request = self.request_class(environ)
        response = self.get_response(request)
        start_response(f"{response.status_code} {response.reason_phrase}", list(response.items()))
        return response

    def resolve_request(self, request: HttpRequest) -> ResolverMatch:
        """Return the view of an address; the search remembers those that hold no parameter."""
        match = self._matches.get(request.path_info)
        if match is None:
            match = super().resolve_request(request)
            if not match.kwargs and len(self._matches) < _MOST:
                self._matches[request.path_info] = match
        request.resolver_match = match
        return match
