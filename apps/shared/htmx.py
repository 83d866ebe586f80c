"""A page, or the part of it that HTMX asks to swap."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_vary_headers


def render_page(
    request: HttpRequest, template: str, context: Mapping[str, Any], *, parts: tuple[str, ...] = ()
) -> HttpResponse:
    """Render *template*, or the part HTMX asks to swap when it is one of *parts*."""
    wanted = request.headers.get("HX-Target", "").replace("-", "_")
    response = render(request, f"{template}#{wanted}" if wanted in parts else template, dict(context))
    patch_vary_headers(response, ("HX-Request", "HX-Target"))
    return response
