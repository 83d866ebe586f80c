"""Every page of a property, asked by everyone. A new address is asked without a line being added here (R5)."""

from collections.abc import Iterator

import pytest
from django.urls import URLPattern, URLResolver, get_resolver
from django.urls.resolvers import RoutePattern

from tests.factories.company import Company

FILLED = {
    "organization": "fernweh",
    "property": "shop",
    "conversion_id": "sale-1",
    "table": "breakdown",
}


def property_patterns() -> Iterator[tuple[str, URLPattern]]:
    """Yield every address below a property, with the pattern that serves it."""

    def walk(resolver: URLResolver, before: str) -> Iterator[tuple[str, URLPattern]]:
        for one in resolver.url_patterns:
            route = before + str(one.pattern)
            if isinstance(one, URLResolver):
                yield from walk(one, route)
            elif "<slug:organization>" in route:
                yield route, one

    yield from walk(get_resolver(), "")


def address(route: str) -> str:
    """Return *route* with its parameters filled in: those that are known by name, a number for the rest."""
    converters = RoutePattern(route).converters
    for name, converter in converters.items():
        word = str(FILLED.get(name, 1))
        kind = next(kind for kind in (f"<{short}:{name}>" for short in _shorts(converter)) if kind in route)
        route = route.replace(kind, word)
    return f"/{route}"


def _shorts(converter: object) -> list[str]:
    from django.urls.converters import get_converters

    return [short for short, one in get_converters().items() if type(one) is type(converter)]


ROUTES = sorted({route for route, _ in property_patterns()})


def test_there_are_pages_to_ask_for() -> None:
    assert len(ROUTES) >= 9


@pytest.mark.parametrize("route", ROUTES)
def test_page_is_there_for_members_and_not_for_others(world: Company, route: str) -> None:
    url = address(route)

    for method in ("get", "post", "head"):
        outsider = getattr(world.client_of(world.mallory), method)(url)
        stranger = getattr(world.client_of(None), method)(url)
        assert outsider.status_code == 404, (method, url)
        assert stranger.status_code == 302, (method, url)
        assert stranger["Location"].startswith("/accounts/login/")
    for member in (world.ada, world.grace):
        answer = world.client_of(member).get(url)
        assert answer.status_code in {200, 405, 404 if "<int:" in route else 200}, (member.email, url)


@pytest.mark.parametrize("route", ROUTES)
def test_outsider_cannot_tell_a_foreign_property_from_one_that_is_not(world: Company, route: str) -> None:
    client, url = world.client_of(world.mallory), address(route)

    foreign = client.get(url).content.decode()
    missing = client.get(url.replace("/p/shop/", "/p/nothing/")).content.decode()

    assert without_request_id(foreign) == without_request_id(missing)


def without_request_id(page: str) -> str:
    import re

    page = re.sub(r"<code>[0-9a-f-]+</code>", "", page)
    page = re.sub(r'name="csrfmiddlewaretoken" value="\w+"|X-CSRFToken": "\w+"', "", page)
    return page.replace("/p/nothing/", "/p/shop/")


def test_own_page_shows_nothing_of_another_property(world: Company) -> None:
    client = world.client_of(world.mallory)

    listed = client.get("/o/cinder/p/shop/conversions/").content.decode()
    detail = client.get("/o/cinder/p/shop/conversions/sale-1/")
    found = client.get("/o/cinder/p/shop/events/?message_id=sale-1").content.decode()

    assert "sale-1" not in listed
    assert detail.status_code == 404
    assert "No message with this id was received" in found
