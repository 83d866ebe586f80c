"""Where a person lands after signing in."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from apps.orgs import queries


@login_required
def home(request: HttpRequest) -> HttpResponse:
    """Go straight to the only property, or let the person choose."""
    properties = list(queries.properties_of(request.user))  # type: ignore[arg-type]
    if len(properties) == 1:
        only = properties[0]
        return redirect("reports:overview", organization=only.organization.slug, property=only.slug)
    return render(request, "orgs/home.html", {"choices": properties})
