"""The menu shows what exists, for the property that is shown."""

from typing import Any

import pytest
from django.http import HttpRequest, HttpResponse
from django.urls import include, path, resolve

from apps.shared import navigation
from apps.shared.navigation import Entry


def page(request: HttpRequest, **scope: str) -> HttpResponse:
    """Stand for any page of a property."""
    return HttpResponse()


_pages = [
    path("", page, name="overview"),
    path("all/", page, name="conversion-list"),
    path("one/", page, name="conversion-detail"),
]
urlpatterns = [
    path("o/<slug:organization>/p/<slug:property>/", include((_pages, "sample"))),
    path("", page, name="home"),
]

OVERVIEW = Entry("Overview", "sample:overview", "house", order=1, key="o")
CONVERSIONS = Entry("Conversions", "sample:conversion-list", "target", order=2)
ABSENT = Entry("Absent", "sample:absent", "x", order=3)


@pytest.fixture(autouse=True)
def menu(monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    """Register three entries and no others."""
    settings.ROOT_URLCONF = __name__
    monkeypatch.setattr(navigation, "_entries", {})
    navigation.register(CONVERSIONS, ABSENT, OVERVIEW)


def test_menu_of_a_property_shows_pages_that_exist_in_order() -> None:
    links = navigation.links(resolve("/o/northwind/p/shop/"))

    assert [(link.label, link.url) for link in links] == [
        ("Overview", "/o/northwind/p/shop/"),
        ("Conversions", "/o/northwind/p/shop/all/"),
    ]


@pytest.mark.parametrize(
    ("address", "current"),
    [("", ["Overview"]), ("all/", ["Conversions"]), ("one/", ["Conversions"])],
)
def test_menu_marks_the_page_or_the_list_it_belongs_to(address: str, current: list[str]) -> None:
    links = navigation.links(resolve(f"/o/northwind/p/shop/{address}"))

    assert [link.label for link in links if link.is_current] == current


def test_part_of_a_page_has_an_entry_beside_the_page_and_is_never_the_current_one() -> None:
    navigation.register(Entry("Totals", "sample:conversion-list", "sum", order=3, anchor="totals"))

    links = navigation.links(resolve("/o/northwind/p/shop/all/"))

    assert [(link.url, link.is_current) for link in links[1:]] == [
        ("/o/northwind/p/shop/all/", True),
        ("/o/northwind/p/shop/all/#totals", False),
    ]


def test_menu_outside_a_property_is_empty() -> None:
    assert navigation.links(resolve("/")) == []


def test_first_page_of_a_property_is_the_first_entry() -> None:
    assert navigation.first_page("northwind", "app") == "/o/northwind/p/app/"
