"""Each request: its id in and out, its time by route, its log lines, and the admin's own content policy."""

import json
import logging
import time
from collections.abc import Iterator

import pytest
import structlog
from django.http import Http404, HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from django.urls import path
from prometheus_client import REGISTRY

from apps.shared import logs
from apps.shared.middleware import RequestContextMiddleware

log = structlog.get_logger("tests")


def greet(request: HttpRequest, name: str) -> HttpResponse:
    log.info("greeted", name=name)
    return HttpResponse(request.request_id)  # type: ignore[attr-defined]


def lose(_request: HttpRequest) -> HttpResponse:
    raise Http404


urlpatterns = [path("greet/<str:name>", greet), path("lose", lose), path("admin/greet/<str:name>", greet)]


@pytest.fixture
def slim(settings: object, client: Client) -> Client:
    settings.ROOT_URLCONF = __name__  # type: ignore[attr-defined]
    settings.MIDDLEWARE = ["apps.shared.middleware.RequestContextMiddleware"]  # type: ignore[attr-defined]
    return client


@pytest.fixture
def with_policy(settings: object, client: Client) -> Client:
    settings.ROOT_URLCONF = __name__  # type: ignore[attr-defined]
    names = ("RequestContextMiddleware", "AdminPolicyMiddleware")
    request_context, admin_policy = (f"apps.shared.middleware.{name}" for name in names)
    settings.MIDDLEWARE = [request_context, "csp.middleware.CSPMiddleware", admin_policy]  # type: ignore[attr-defined]
    return client


def count(route: str, method: str, status: str) -> float:
    labels = {"route": route, "method": method, "status": status}
    return REGISTRY.get_sample_value("api_latency_count", labels) or 0.0


def test_given_request_id_is_kept(slim: Client) -> None:
    response = slim.get("/greet/ada", headers={"x-request-id": "from-the-proxy-1"})

    assert (response.content, response["X-Request-ID"]) == (b"from-the-proxy-1", "from-the-proxy-1")


@pytest.mark.parametrize("given", ["", "short", "new\nline-and-more", "x" * 65, "<script>alert</script>"])
def test_malformed_request_id_is_replaced(slim: Client, given: str) -> None:
    response = slim.get("/greet/ada", headers={"x-request-id": given})

    assert response["X-Request-ID"] != given
    assert len(response["X-Request-ID"]) == 21


def test_two_requests_get_two_ids(slim: Client) -> None:
    ids = {slim.get("/greet/ada")["X-Request-ID"] for _ in range(50)}

    assert len(ids) == 50


def test_time_is_kept_by_route_not_by_address(slim: Client) -> None:
    before = count("greet/<str:name>", "GET", "200")

    for name in ("ada", "grace", "mallory"):
        slim.get(f"/greet/{name}")

    assert count("greet/<str:name>", "GET", "200") - before == 3


def test_addresses_of_nothing_share_one_label(slim: Client) -> None:
    before = count("unknown", "GET", "404")

    for number in range(5):
        slim.get(f"/nothing/{number}")

    assert count("unknown", "GET", "404") - before == 5


def test_invented_methods_share_one_label(slim: Client) -> None:
    before = count("greet/<str:name>", "other", "200")

    slim.generic("BREW", "/greet/ada")

    assert count("greet/<str:name>", "other", "200") - before == 1


def test_log_line_carries_the_request_id(slim: Client, stream: "list[str]") -> None:
    slim.get("/greet/ada", headers={"x-request-id": "asked-by-ada"})

    (line,) = [json.loads(line) for line in stream if "greeted" in line]
    assert (line["event"], line["name"], line["request_id"], line["level"]) == (
        "greeted",
        "ada",
        "asked-by-ada",
        "info",
    )


def test_request_id_does_not_stay_for_the_next(slim: Client) -> None:
    slim.get("/greet/ada")

    assert structlog.contextvars.get_contextvars() == {}


@pytest.fixture
def stream() -> Iterator["list[str]"]:
    root = logging.getLogger()
    handlers, level = root.handlers, root.level
    logs.configure({"level": "INFO", "form": "json"})
    lines: list[str] = []
    handler = root.handlers[0]
    handler.emit = lambda record: lines.append(handler.format(record))  # type: ignore[method-assign]
    yield lines
    root.handlers, root.level = handlers, level


def test_library_line_is_json_as_well(stream: "list[str]") -> None:
    logging.getLogger("some.library").warning("lost %s of %s", 1, 2)

    line = next(json.loads(line) for line in stream if "lost" in line)
    assert (line["event"], line["logger"], line["level"]) == ("lost 1 of 2", "some.library", "warning")


def test_exception_is_part_of_its_line(stream: "list[str]") -> None:
    try:
        raise ValueError("no such thing")
    except ValueError:
        log.exception("failed", event_id="e1")

    line = next(json.loads(line) for line in stream if "e1" in line)
    assert (line["event"], line["event_id"]) == ("failed", "e1")
    assert "ValueError: no such thing" in line["exception"]


def test_page_allows_no_inline_script(with_policy: Client) -> None:
    policy = with_policy.get("/greet/ada")["Content-Security-Policy"]

    assert "script-src 'self'" in policy
    assert "unsafe" not in policy


def test_admin_alone_allows_inline_script(with_policy: Client) -> None:
    policy = with_policy.get("/admin/greet/ada")["Content-Security-Policy"]

    assert "script-src 'self' 'unsafe-inline' 'unsafe-eval'" in policy
    assert "default-src 'none'" in policy


def test_request_context_costs_microseconds() -> None:
    answer = HttpResponse()
    request = RequestFactory().get("/")
    request.resolver_match = None
    middleware = RequestContextMiddleware(lambda _: answer)
    middleware(request)

    def round_of(times: int) -> float:
        began = time.perf_counter()
        for _ in range(times):
            middleware(request)
        return (time.perf_counter() - began) / times

    # A tenth of a request's budget would be 10 us; the bound is loose, for busy machines.
    assert min(round_of(500) for _ in range(10)) < 60e-6
