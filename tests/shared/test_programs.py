"""Programs read problem documents whatever goes wrong below their addresses, from `web` and from `collect` (R11)."""

import json
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import path

from config.urls import handler400, handler403, handler404, handler500

__all__ = ["handler400", "handler403", "handler404", "handler500"]
NOWHERE = ["/api/", "/api/v1/", "/api/v1/nothing/", "/api/v2/properties/", "/v1/nothing", "/v1/", "/scim/v3/Users"]
FAILURES = {
    "broken": RuntimeError("a secret"),
    "denied": PermissionDenied(),
    "odd": SuspiciousOperation(),
}


def failing(_request: HttpRequest, name: str) -> HttpResponse:
    """Fail as it is told."""
    raise FAILURES[name]


urlpatterns = [path("api/fail/<name>", failing), path("fail/<name>", failing)]


def assert_problem(response: Any, status: int, code: str) -> None:
    assert (response.status_code, response["Content-Type"]) == (status, "application/problem+json")
    document = json.loads(response.content)
    assert (document["status"], document["code"]) == (status, code)
    assert document["detail"]
    assert "a secret" not in str(document)


@pytest.mark.django_db
@pytest.mark.parametrize("method", ["get", "post", "put", "delete"])
@pytest.mark.parametrize("address", NOWHERE)
def test_address_that_is_none_answers_programs(client: Client, address: str, method: str) -> None:
    response = getattr(client, method)(address, headers={"Accept": "text/html"})

    assert_problem(response, 404, "not_found")
    assert address in response.json()["detail"]


@pytest.mark.parametrize("address", ["/api/v1/properties/", "/v1/nothing", "/v1/batch/more", "/v1/"])
def test_address_that_collect_has_not_answers_programs(settings: Any, address: str) -> None:
    settings.ROOT_URLCONF = "config.urls_collect"

    assert_problem(Client().get(address), 404, "not_found")


@pytest.mark.parametrize(("address", "method"), [("/v1/batch", "put"), ("/v1/events", "get"), ("/v1/track/", "delete")])
def test_wrong_method_at_collect_answers_programs(settings: Any, address: str, method: str) -> None:
    settings.ROOT_URLCONF = "config.urls_collect"

    response = getattr(Client(), method)(address)

    assert_problem(response, 405, "wrong_method")
    assert "POST" in response["Allow"]


@pytest.mark.django_db
def test_wrong_method_of_the_api_answers_programs(client: Client, django_user_model: Any) -> None:
    client.force_login(django_user_model.objects.create(email="ada@example.com"))

    assert_problem(client.delete("/api/v1/properties/"), 405, "method_not_allowed")


@pytest.mark.urls("tests.shared.test_programs")
@pytest.mark.parametrize(
    ("name", "status", "code"),
    [("broken", 500, "server_error"), ("denied", 403, "permission_denied"), ("odd", 400, "bad_request")],
)
def test_what_fails_answers_programs_with_a_problem_and_people_with_a_page(name: str, status: int, code: str) -> None:
    client = Client(raise_request_exception=False)

    assert_problem(client.get(f"/api/fail/{name}"), status, code)
    page = client.get(f"/fail/{name}")
    assert (page.status_code, page["Content-Type"]) == (status, "text/html; charset=utf-8")


@pytest.mark.django_db
def test_page_that_is_none_stays_a_page(client: Client) -> None:
    response = client.get("/apiary/")

    assert (response.status_code, response["Content-Type"]) == (404, "text/html; charset=utf-8")
