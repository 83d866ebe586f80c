"""What every report has around it: the door, honest words when a store is away."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpResponse
from django.utils.translation import gettext as _

from apps.attribution import api as attribution
from apps.orgs import api as orgs
from apps.shared import regions
from apps.shared.no_figures import NO_FIGURES, no_figures

View = Callable[..., Any]


def report_page(view: View | None = None, *, needs: orgs.Permission = orgs.Permission.REPORTS) -> Any:
    """Let members in who may read reports, or what the page *needs*."""
    if view is None:
        return lambda decorated: report_page(decorated, needs=needs)

    @wraps(view)
    def shown(request: orgs.PropertyRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        regions.of_property(request.property.id)  # before anything streams: every report is made of a region's events
        try:
            return view(request, *args, **kwargs)
        except NO_FIGURES as problem:
            return no_figures(request, problem)
        except attribution.UntrainedMethod:
            # Asked for by a file or an old address: pages offer the training before they ask.
            return HttpResponse(_("This method has not been trained yet."), status=409, content_type="text/plain")

    return orgs.property_page(needs)(shown)
