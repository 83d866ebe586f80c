"""The gallery and the preferences work for anyone, with nothing but the code."""

import re
from pathlib import Path

import pytest
from django.test import Client

# Parts of the frame of a signed-in page; the gallery stands in the plain layout.
FRAME = {"nav", "property-switcher", "account-menu", "live-status", "form-fields"}


@pytest.fixture
def gallery(client: Client) -> str:
    """The gallery as HTML."""
    return client.get("/design/").content.decode()


def test_gallery_shows_every_component() -> None:
    shown = "".join(file.read_text(encoding="utf-8") for file in Path("templates/design").glob("*.html"))
    layouts = "".join(file.read_text(encoding="utf-8") for file in Path("templates").glob("**/*.html"))
    names = {file.stem.replace("_", "-") for file in Path("templates/components").glob("*.html")}

    used = set(re.findall(r"<c-([a-z-]+)", shown))
    anywhere = set(re.findall(r"<c-([a-z-]+)", layouts))

    assert names - used - FRAME - {"brand", "language-menu", "theme-menu", "icon"} == set()
    assert names - anywhere == set()


def test_gallery_has_nothing_that_the_policy_refuses(gallery: str) -> None:
    assert gallery.count("<h1>") == 2  # the page's own and the sample
    assert not re.search(r"\sstyle=|\son[a-z]+=\"", gallery)
    assert not re.search(r"<script(?![^>]*(src=|application/json))", gallery)
    assert not re.search(r"(src|href)=\"https?://", gallery)


def test_policy_allows_only_our_own_files(client: Client) -> None:
    policy = client.get("/design/").headers["Content-Security-Policy"]

    assert "unsafe" not in policy
    assert "script-src 'self'" in policy
    assert "style-src 'self'" in policy


def test_gallery_speaks_russian(client: Client) -> None:
    drawn = client.get("/design/", headers={"Accept-Language": "ru"}).content.decode()

    assert '<html lang="ru"' in drawn
    assert "Кнопки и меню" in drawn


@pytest.mark.parametrize(
    ("theme", "written"), [("dark", ' data-theme="dark"'), ("light", ' data-theme="light"'), ("pink", "")]
)
def test_theme_chosen_is_written_by_the_server(client: Client, theme: str, written: str) -> None:
    answer = client.post("/preferences/theme/", {"theme": theme, "next": "/design/"})

    drawn = client.get(answer.headers["Location"]).content.decode()

    assert answer.headers["Location"] == "/design/"
    assert f'<html lang="en"{written}>' in drawn


@pytest.mark.parametrize("target", ["https://example.org/", "//example.org/", "javascript:alert(1)", ""])
def test_theme_never_leads_to_another_site(client: Client, target: str) -> None:
    answer = client.post("/preferences/theme/", {"theme": "dark", "next": target})

    assert answer.headers["Location"] == "/"
