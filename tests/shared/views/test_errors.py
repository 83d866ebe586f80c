"""Error pages say what happened and need neither a build nor a store."""

import pytest
from django.test import Client, RequestFactory

from apps.shared import views


@pytest.mark.parametrize(
    ("show", "status", "title"),
    [
        (views.bad_request, 400, "This request makes no sense to us"),
        (views.permission_denied, 403, "You may not do this"),
        (views.page_not_found, 404, "There is nothing here"),
        (views.server_error, 500, "Something broke on our side"),
        (views.service_unavailable, 503, "We are not ready yet"),
    ],
)
def test_error_page_says_what_happened(show: object, status: int, title: str) -> None:
    assert callable(show)
    response = show(RequestFactory().get("/x"))
    page = response.content.decode()

    assert response.status_code == status
    assert f"<h1>{title}</h1>" in page
    assert "/static/dist/" not in page


def test_unknown_address_carries_the_request_id(client: Client) -> None:
    response = client.get("/there-is-no-such-page/", headers={"X-Request-ID": "find-me-12345"})

    assert response.status_code == 404
    assert "<code>find-me-12345</code>" in response.content.decode()


def test_not_ready_page_tries_again_by_itself() -> None:
    response = views.service_unavailable(RequestFactory().get("/x"))

    assert response.headers["Retry-After"] == "5"


def test_old_form_is_explained() -> None:
    response = Client(enforce_csrf_checks=True).post("/preferences/theme/", {"theme": "dark"})

    assert response.status_code == 403
    assert "This form is too old" in response.content.decode()
