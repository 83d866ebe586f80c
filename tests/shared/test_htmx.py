"""One address answers with the page or with the part that was asked for, and with no other."""

from pathlib import Path
from typing import Any

import pytest
from django.test import RequestFactory

from apps.shared.htmx import render_page


@pytest.fixture
def template(tmp_path: Path, settings: Any) -> str:
    """A page with two parts."""
    (tmp_path / "page.html").write_text(
        "<h1>{{ word }}</h1>{% partialdef first_part inline %}<p>{{ word }}</p>{% endpartialdef %}"
        "{% partialdef secret %}<i>no</i>{% endpartialdef %}"
    )
    engine = {**settings.TEMPLATES[0], "DIRS": [tmp_path]}
    settings.TEMPLATES = [engine]
    return "page.html"


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        ("", "<h1>hi</h1><p>hi</p>"),
        ("first-part", "<p>hi</p>"),
        ("first_part", "<p>hi</p>"),
        ("secret", "<h1>hi</h1><p>hi</p>"),
    ],
)
def test_part_is_served_only_when_the_view_lists_it(template: str, target: str, expected: str) -> None:
    request = RequestFactory().get("/", headers={"HX-Request": "true", "HX-Target": target} if target else {})

    response = render_page(request, template, {"word": "hi"}, parts=("first_part",))

    assert response.content.decode() == expected
    assert response.headers["Vary"] == "HX-Request, HX-Target"
