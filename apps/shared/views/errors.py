"""Pages for what went wrong. They need neither a built asset, nor a store, nor a session."""

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from apps.shared import problems, regions
from apps.shared.regions import AcrossRegions, NoRegion, WrongRegion


@dataclass(frozen=True, slots=True)
class Failure:
    """What a person is told: what happened, and what to do next."""

    status: int
    title: str | Promise
    advice: str | Promise
    address: str = ""  # where it goes on instead
    place: str = ""  # and what that is called


BAD_REQUEST = Failure(
    400, _("This request makes no sense to us"), _("Go back, check what you entered, and send it again.")
)
FORBIDDEN = Failure(
    403, _("You may not do this"), _("Ask an owner of the organization for the role, or sign in as someone else.")
)
NOT_FOUND = Failure(
    404, _("There is nothing here"), _("The address may be mistyped, or what it named is gone or not yours to see.")
)
SERVER_ERROR = Failure(
    500, _("Something broke on our side"), _("Nothing you entered caused this. It is logged; try again in a minute.")
)
NOWHERE = Failure(
    421, _("Nobody has said where this data is kept"), _("Tell your operator: this property needs a region.")
)
ACROSS = Failure(421, _("This would read across regions"), _("Look at the properties of each region by themselves."))
UNAVAILABLE = Failure(
    503, _("We are not ready yet"), _("A store is starting or does not answer. This page tries again by itself.")
)


def wrong_region(request: HttpRequest, error: WrongRegion | NoRegion) -> HttpResponse:
    """Answer 421: the data of this page is kept in another region, and nobody reads across."""
    if problems.is_of_program(request):
        return problems.problem(421, "wrong_region", problems.wrong_region_detail(error))
    if isinstance(error, NoRegion):
        return show(request, NOWHERE)
    if isinstance(error, AcrossRegions):
        return show(request, ACROSS)
    host = regions.web_url(error.region)
    title = str(_("This data is kept in the region %(region)s")) % {"region": regions.title(error.region)}
    if not host:
        return show(request, Failure(421, title, _("It can be seen there alone. Ask your operator for the address.")))
    advice = _("It can be seen there alone, so that no figure leaves the region. You sign in there as you do here.")
    address = f"{host}{request.get_full_path()}"
    return show(request, Failure(421, title, advice, address, regions.title(error.region)))


def show(request: HttpRequest, failure: Failure) -> HttpResponse:
    """Render the page of *failure*; a program gets a problem document."""
    if problems.is_of_program(request):
        return problems.of_status(request, failure.status)
    request_id = getattr(request, "request_id", "")
    return render(request, "errors/page.html", {"failure": failure, "request_id": request_id}, status=failure.status)


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:  # noqa: ARG001
    """Answer 400."""
    return show(request, BAD_REQUEST)


def permission_denied(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:  # noqa: ARG001
    """Answer 403."""
    return show(request, FORBIDDEN)


def page_not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:  # noqa: ARG001
    """Answer 404."""
    return show(request, NOT_FOUND)


def server_error(request: HttpRequest) -> HttpResponse:
    """Answer 500."""
    return show(request, SERVER_ERROR)


def service_unavailable(request: HttpRequest) -> HttpResponse:
    """Answer 503 and let the browser try again."""
    response = show(request, UNAVAILABLE)
    response["Retry-After"] = "5"
    if not problems.is_of_program(request):
        response["Refresh"] = "5"
    return response
