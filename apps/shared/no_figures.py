"""The page in place of figures that cannot be had now: the store is away, or too much was asked of it."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from apps.shared.clickhouse import QueryTooLarge, StoreUnavailable

NO_FIGURES = (StoreUnavailable, QueryTooLarge)


def no_figures(request: HttpRequest, problem: Exception) -> HttpResponse:
    """Return that page; *problem* is one of `NO_FIGURES`."""
    is_too_large = isinstance(problem, QueryTooLarge)
    status = 422 if is_too_large else 503
    return render(request, "errors/unavailable.html", {"is_too_large": is_too_large}, status=status)
