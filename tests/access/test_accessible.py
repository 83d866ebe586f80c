"""Every page of accounts, organizations, keys, sign-in and the record, by axe-core in a browser (WCAG 2.2 AA).

The list is that of the addresses: a new page is looked at without being named here.
"""

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.contrib.staticfiles.handlers import StaticFilesHandler
from django.test import Client
from django.test.testcases import LiveServerThread
from playwright.sync_api import Page, Route, sync_playwright

from apps.orgs.models import Membership
from tests.access import routes
from tests.access.test_r5 import Everything, everything, world  # noqa: F401  fixtures
from tests.conftest import CHROMIUM
from tests.factories.company import PASSWORD, Company
from tests.shared.views.test_accessibility import QUIET, complaints_of, violations

OURS = ("apps.orgs.", "apps.accounts.", "apps.compliance.")
# Redirects, files and answers for programs.
NO_PAGE = re.compile(r"\.csv$|^scim/|^api/|/page/$|^accounts/(saml|oidc)/")


@pytest.fixture(scope="module")
def files() -> Iterator[str]:
    """Serve what the pages load: styles and scripts. The pages themselves are drawn beforehand."""
    server = LiveServerThread("127.0.0.1", StaticFilesHandler)
    server.daemon = True
    server.start()
    server.is_ready.wait(10)
    yield f"http://127.0.0.1:{server.port}"
    server.terminate()


def addresses(everything: Everything) -> list[str]:  # noqa: F811
    """Return the address of every page of these apps, and of allauth's."""
    found = []
    for route, pattern in routes.walk():
        module = getattr(pattern.callback, "__module__", "")
        if NO_PAGE.search(route) or not (module.startswith(OURS) or route.startswith("accounts/")):
            continue
        if "(?P" in route or "^" in route:
            continue
        try:
            found.append(everything.address(route, secret="nothing"))
        except KeyError:
            continue  # allauth's keys of mails, which are other pages than these
    return sorted(set(found))


def drawn(client: Client, address: str) -> list[tuple[str, str]]:
    """Return the page, and how it looks when its form came back empty, where it has one."""
    pages: list[tuple[str, str]] = []
    for name, ask in (("", client.get), (" (empty)", client.post)):
        answer = ask(address)
        is_page = answer.status_code in {200, 422} and "text/html" in answer["Content-Type"]
        if not is_page or answer.streaming:
            break  # what is no page by itself is a button of another: not pressed
        pages.append((address + name, answer.content.decode()))
    return pages


def looked_at(pages: dict[str, str], files: str, theme: str) -> dict[str, list[Any]]:
    """Return what axe-core and the console complain of, by page."""
    found: dict[str, list[Any]] = {}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        context = browser.new_context(viewport={"width": 1280, "height": 900})
        page = context.new_page()
        shown = {"html": ""}

        def answer(route: Route) -> None:
            path = urlsplit(route.request.url).path
            if path == "/page-under-test/":
                route.fulfill(body=shown["html"], content_type="text/html; charset=utf-8")
            elif path.startswith("/static/"):
                route.continue_()
            else:
                route.abort()

        page.route("**/*", answer)
        page.emulate_media(color_scheme=theme, reduced_motion="reduce")  # type: ignore[arg-type]
        for name, html in pages.items():
            shown["html"] = html
            page.goto(f"{files}/page-under-test/", wait_until="load")
            if broken := violations(page):
                found[name] = broken
        browser.close()
    return found


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_no_page_has_a_violation(everything: Everything, files: str, theme: str, settings: Any) -> None:  # noqa: F811
    settings.RATELIMIT_ENABLE = False
    client, pages = everything.clients["owner"], {}
    everything.company.ada.set_password(PASSWORD)
    for address in addresses(everything):
        if "logout" in address or "leave" in address:
            continue
        pages |= dict(drawn(client, address))
        if not Membership.objects.filter(user=everything.company.ada).exists():
            pytest.fail(f"{address} put Ada out")
    stranger = Client()
    for address in ("/accounts/login/", "/accounts/sso/", "/accounts/password/reset/", "/accounts/login/code/"):
        pages |= {f"stranger {name}": html for name, html in drawn(stranger, address)}
    assert len(pages) > 40, sorted(pages)

    assert looked_at(pages, files, theme) == {}


def test_every_form_says_what_is_wrong_beside_the_field_and_puts_the_focus_there(
    everything: Everything,  # noqa: F811
) -> None:
    from lxml import html

    client, wrong, seen = everything.clients["owner"], [], 0
    for address in addresses(everything):
        if "logout" in address or "leave" in address:
            continue
        for name, text in drawn(client, address):
            page = html.fromstring(text)
            invalid = page.xpath("//*[@aria-invalid='true']")
            seen += len(invalid)
            for field in invalid:
                told = [page.get_element_by_id(one, None) for one in field.get("aria-describedby", "").split()]
                if not any(one is not None and "field__error" in one.get("class", "") for one in told):
                    wrong.append((name, field.get("name"), "no word beside it"))
            focused = page.xpath("//*[@autofocus]")
            if invalid and [one.get("name") for one in focused] != [invalid[0].get("name")]:
                wrong.append((name, [one.get("name") for one in focused], "focus"))
    assert wrong == []
    assert seen >= 10


@pytest.mark.django_db(transaction=True)
def test_whole_flow_by_keyboard_alone(company: Company, valkey: None, live_server: Any, mailoutbox: list[Any]) -> None:
    """Sign in, find the members, invite with a mistake, be led to it, correct it: without a mouse."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        page = browser.new_context(base_url=live_server.url).new_page()
        complaints = complaints_of(page)
        page.goto("/accounts/login/?next=/o/fernweh/members/")
        _tab_to(page, "login")
        page.keyboard.type("ada@example.org")
        _tab_to(page, "password")
        page.keyboard.type(PASSWORD)
        page.keyboard.press("Enter")
        page.wait_for_url(re.compile(r"^[^?]+/o/fernweh/members/$"))
        page.keyboard.press("Tab")
        assert "#content" in str(page.evaluate("document.activeElement.getAttribute('href')")), (
            "first a way past the menu"
        )
        page.keyboard.press("Enter")
        _tab_to(page, "email")
        page.keyboard.type("not an address")
        page.keyboard.press("Enter")
        page.wait_for_selector("[aria-invalid=true]")
        assert page.evaluate("document.activeElement.name") == "email"
        assert page.input_value("[name=email]") == "not an address", "what was typed is kept"
        page.keyboard.press("Control+A")
        page.keyboard.type("lin@example.org")
        page.keyboard.press("Enter")
        page.wait_for_selector("text=lin@example.org")
        assert [one for one in complaints if "422" not in one] == []
        browser.close()


def _tab_to(page: Page, name: str) -> None:
    for _ in range(80):
        if page.evaluate("document.activeElement.name") == name:
            return
        page.keyboard.press("Tab")
    pytest.fail(f"{name} cannot be reached by keyboard")
