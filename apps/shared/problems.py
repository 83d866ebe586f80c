"""Errors as RFC 9457 problem details, the same from Django, from DRF and from the door of events."""

from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from django.http import HttpRequest, JsonResponse
from drf_standardized_errors.formatter import ExceptionFormatter
from drf_standardized_errors.handler import exception_handler as standardized
from drf_standardized_errors.types import ErrorResponse
from rest_framework.exceptions import APIException
from rest_framework.response import Response

from apps.shared import regions
from apps.shared.regions import AcrossRegions, NoRegion, WrongRegion

CONTENT_TYPE = "application/problem+json"
_OF_PROGRAMS = ("/api/", "/v1/", "/scim/")


def details(status: int, code: str, detail: str, **extra: Any) -> dict[str, Any]:
    """Return the members of a problem document; *code* names the kind of problem for programs."""
    return {
        "type": f"urn:problem-type:tributary:{code}",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "code": code,
        "detail": detail,
        **extra,
    }


def problem(status: int, code: str, detail: str, **extra: Any) -> JsonResponse:
    """Return a problem document as an answer."""
    return JsonResponse(details(status, code, detail, **extra), status=status, content_type=CONTENT_TYPE)


class ProblemFormatter(ExceptionFormatter):
    """Turns DRF's errors into a problem document; validation lists each field under `errors`."""

    def format_error_response(self, error_response: ErrorResponse) -> dict[str, Any]:
        """Return the document of the whole answer."""
        first, *others = error_response.errors
        if error_response.type != "validation_error":
            return details(self.exc.status_code, first.code, first.detail)
        fields = [{"field": error.attr, "code": error.code, "detail": error.detail} for error in (first, *others)]
        return details(self.exc.status_code, "invalid", "Some fields are not valid.", errors=fields)


class Misdirected(APIException):
    """The data is kept in a region whose stores this process does not open."""

    status_code = 421
    default_code = "wrong_region"


def exception_handler(exc: Exception, context: Any) -> Response | None:
    """Answer a DRF error as a problem document with its own content type."""
    if isinstance(exc, WrongRegion | NoRegion):
        exc = Misdirected(wrong_region_detail(exc))
    response = standardized(exc, context)
    if response is not None:
        response.content_type = CONTENT_TYPE
    return response


def wrong_region_detail(error: WrongRegion | NoRegion) -> str:
    """Return what a program is told that asked the wrong region, with the address of the right one."""
    if isinstance(error, NoRegion):
        return str(error)
    address = regions.web_url(error.region)
    return f"{error} Ask {address} instead." if address and not isinstance(error, AcrossRegions) else str(error)


def bad_request(_request: HttpRequest, exception: Exception | None = None) -> JsonResponse:  # noqa: ARG001  Django names it
    """Answer 400 for what Django itself refused."""
    return problem(400, "bad_request", "The request could not be understood.")


def not_found(request: HttpRequest, exception: Exception | None = None) -> JsonResponse:  # noqa: ARG001  Django names it
    """Answer 404 and name the address."""
    return problem(404, "not_found", f"There is nothing at {request.path}.")


def server_error(request: HttpRequest) -> JsonResponse:
    """Answer 500 with the id under which the log tells the rest."""
    request_id = getattr(request, "request_id", "")
    return problem(500, "server_error", "The server failed. Tell its operator the request id.", request_id=request_id)


def permission_denied(_request: HttpRequest, exception: Exception | None = None) -> JsonResponse:  # noqa: ARG001  Django names it
    """Answer 403 for what Django itself refused."""
    return problem(403, "permission_denied", "You may not do this.")


def unavailable(_request: HttpRequest) -> JsonResponse:
    """Answer 503: a store is starting or does not answer."""
    return problem(503, "unavailable", "A store is starting or does not answer. Send the same again in a moment.")


def is_of_program(request: HttpRequest) -> bool:
    """Tell whether an address is one of programs, which read no pages, also where nothing is."""
    return request.path_info.startswith(_OF_PROGRAMS)


def of_status(request: HttpRequest, status: int) -> JsonResponse:
    """Return the problem document for what ended with *status* outside of a view."""
    answers: dict[int, Callable[[HttpRequest], JsonResponse]] = {
        400: bad_request,
        403: permission_denied,
        404: not_found,
        503: unavailable,
    }
    return answers.get(status, server_error)(request)
