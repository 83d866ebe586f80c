"""The door's handler leaves parts of Django's out, and answers the same."""

import io
from asyncio import iscoroutinefunction
from collections.abc import Iterator
from functools import partial
from inspect import isfunction
from typing import Any

import pytest
from django.core.handlers.wsgi import WSGIHandler, WSGIRequest
from django.db import connections
from django.test import override_settings
from django.urls import clear_url_caches

from config.door import DoorHandler
from config.urls_collect import urlpatterns

# Django's own handler looks after connections that tests before it may have left open.
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _at_the_door() -> Iterator[None]:
    middleware = ["apps.shared.middleware.RequestContextMiddleware"]
    with override_settings(ROOT_URLCONF="config.urls_collect", MIDDLEWARE=middleware, APPEND_SLASH=False):
        clear_url_caches()
        yield
    clear_url_caches()


def _environ(method: str, path: str) -> dict[str, Any]:
    return {
        "REQUEST_METHOD": method,
        "PATH_INFO": path,
        "QUERY_STRING": "",
        "SERVER_NAME": "door",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "HTTP_X_REQUEST_ID": "request-0001",
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(),
    }


def _ask(handler: WSGIHandler, method: str, path: str) -> tuple[str, dict[str, str], bytes]:
    started: list[Any] = []
    answer = handler(_environ(method, path), lambda status, headers: started.extend((status, dict(headers))))
    body = b"".join(answer)
    answer.close()
    return started[0], started[1], body


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("OPTIONS", "/v1/track"),
        ("GET", "/v1/track"),
        ("POST", "/l/spring"),
        ("GET", "/health"),
        ("GET", "/nowhere"),
        ("GET", "/v1/batches/"),
    ],
)
def test_door_answers_as_django_does(method: str, path: str) -> None:
    door, django = DoorHandler(), WSGIHandler()

    answers = [_ask(door, method, path), _ask(door, method, path), _ask(django, method, path)]

    assert answers[0] == answers[1] == answers[2]


def test_door_remembers_a_bounded_number_of_addresses() -> None:
    """Whoever makes addresses up fills the memory, which then begins anew, and long ones are not kept."""
    door = DoorHandler()

    for number in range(1_100):
        _ask(door, "POST", f"/l/link-{number}")
    _ask(door, "POST", f"/l/{'x' * 200}")
    _ask(door, "GET", "/nowhere")
    _ask(door, "OPTIONS", "/v1/track")

    assert set(door._matches) == {f"/l/link-{number}" for number in range(1_024, 1_100)} | {"/v1/track"}


def test_links_that_are_remembered_are_told_apart() -> None:
    door = DoorHandler()
    asked = [door.resolve_request(WSGIRequest(_environ("GET", f"/l/{slug}"))) for slug in ("spring", "summer") * 2]

    assert [match.kwargs for match in asked] == [{"slug": "spring"}, {"slug": "summer"}] * 2


def test_views_of_the_door_are_plain_functions_that_need_no_transaction() -> None:
    """DoorHandler calls them without what Django's handler would do for any other view."""
    assert not any(settings["ATOMIC_REQUESTS"] for settings in connections.settings.values())
    for pattern in urlpatterns:
        assert isfunction(pattern.callback) or isinstance(pattern.callback, partial), pattern
        assert not iscoroutinefunction(pattern.callback), pattern
