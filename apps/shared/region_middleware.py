"""What a page answers that asked for data of another region."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from apps.shared.regions import NoRegion, WrongRegion
from apps.shared.views import errors

Answerer = Callable[[HttpRequest], HttpResponse]


class RegionMiddleware:
    """Answers 421 where a page asked for data that its process, or its work, must not read."""

    def __init__(self, get_response: Answerer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Show the page of a wrong region; every other failure is none of ours."""
        if isinstance(error, WrongRegion | NoRegion):
            return errors.wrong_region(request, error)
        return None
