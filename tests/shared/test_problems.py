"""Problem documents: from our own code, from Django and from DRF, with the same members."""

import json
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client, RequestFactory
from rest_framework import exceptions, serializers
from rest_framework.request import Request
from rest_framework.test import APIRequestFactory
from rest_framework.views import APIView

from apps.shared import problems


class Answers(serializers.Serializer[Any]):
    """A form with one number."""

    number = serializers.IntegerField(max_value=10)


class Door(APIView):
    """Checks a form, or fails as it is told."""

    authentication_classes = ()
    permission_classes = ()

    def post(self, request: Request) -> HttpResponse:
        if request.data == {"fail": "throttle"}:
            raise exceptions.Throttled(wait=7)
        Answers(data=request.data).is_valid(raise_exception=True)
        return HttpResponse()


def ask(body: Any) -> tuple[HttpResponse, dict[str, Any]]:
    response = Door.as_view()(APIRequestFactory().post("/door", body, format="json"))
    response.render()
    return response, json.loads(response.content)


def test_problem_has_the_members_of_the_standard() -> None:
    response = problems.problem(413, "batch_too_large", "A batch has at most 500 KB.", field="batch")

    assert (response.status_code, response["Content-Type"]) == (413, "application/problem+json")
    assert json.loads(response.content) == {
        "type": "urn:problem-type:tributary:batch_too_large",
        "title": "Request Entity Too Large",
        "status": 413,
        "code": "batch_too_large",
        "detail": "A batch has at most 500 KB.",
        "field": "batch",
    }


def test_invalid_field_is_named_in_the_problem() -> None:
    response, body = ask({"number": 11})

    assert (response.status_code, response["Content-Type"]) == (400, "application/problem+json")
    assert (body["code"], body["status"]) == ("invalid", 400)
    assert body["errors"] == [
        {"field": "number", "code": "max_value", "detail": "Ensure this value is less than or equal to 10."}
    ]


def test_throttled_request_keeps_its_retry_header() -> None:
    response, body = ask({"fail": "throttle"})

    assert (response.status_code, response["Retry-After"]) == (429, "7")
    assert (body["code"], body["title"]) == ("throttled", "Too Many Requests")


def test_malformed_json_is_a_problem_of_the_client() -> None:
    request = APIRequestFactory().post("/door", "{", content_type="application/json")

    response = Door.as_view()(request)

    assert (response.status_code, response.data["code"]) == (400, "parse_error")


@pytest.mark.parametrize(
    ("answer", "status", "code"),
    [
        (problems.bad_request, 400, "bad_request"),
        (problems.not_found, 404, "not_found"),
        (problems.server_error, 500, "server_error"),
    ],
)
def test_django_errors_are_problems_too(answer: Any, status: int, code: str) -> None:
    response = answer(RequestFactory().get("/nowhere"))

    assert (response.status_code, response["Content-Type"]) == (status, "application/problem+json")
    assert json.loads(response.content)["code"] == code


def test_unknown_address_at_the_door_of_events_is_a_problem(settings: Any) -> None:
    """R11: what Django itself answers goes through its own call of the handler, with its own argument names."""
    settings.ROOT_URLCONF = "config.urls_collect"
    settings.MIDDLEWARE = ["apps.shared.middleware.RequestContextMiddleware"]

    response = Client().get("/nowhere")

    assert (response.status_code, response["Content-Type"]) == (404, "application/problem+json")
    assert response.json()["code"] == "not_found"
