"""What every page shows about where it is: the person's organizations and properties, asked once and only if shown."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils.functional import SimpleLazyObject

from apps.orgs import queries


class PropertyMiddleware:
    """Gives a request `properties` (lazy) and `property` (None until a property page sets it)."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.property = None  # type: ignore[attr-defined]
        request.properties = SimpleLazyObject(  # type: ignore[attr-defined]
            lambda: list(queries.properties_of(request.user)) if request.user.is_authenticated else []
        )
        return self.get_response(request)
