"""What every page of data quality has around it: the door, words when a store is away."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpResponse

from apps.orgs import api as orgs
from apps.shared.no_figures import NO_FIGURES, no_figures

View = Callable[..., Any]


def quality_page(needs: orgs.Permission) -> Callable[[View], View]:
    """Let members in who have *needs*, and say honestly when a store is away."""

    def decorated(view: View) -> View:
        @wraps(view)
        def shown(request: orgs.PropertyRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            try:
                return view(request, *args, **kwargs)
            except NO_FIGURES as problem:
                return no_figures(request, problem)

        return orgs.property_page(needs)(shown)

    return decorated
