"""Links, pixels, macros and files of apps send nobody where the owner did not, and strangers write no header."""

import http.client
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from django.core.exceptions import ValidationError
from playwright.sync_api import sync_playwright
from pytest_django import DjangoDbBlocker

from apps.ingestion import services
from apps.ingestion.domain import app_files
from apps.ingestion.domain.links import UnsafeDestination, _server, check_deep_link, check_destination
from apps.ingestion.models import AppSite, Link
from apps.shared.local.ports import free_port
from tests.conftest import CHROMIUM
from tests.factories.company import Company
from tests.ingestion.processes import Process

pytestmark = [pytest.mark.stores, pytest.mark.clickhouse]

HOME, EVIL = "shop.example", "evil.example"
ESCAPES = [
    "//evil.example", "/%2f/evil.example", "/\\evil.example", "%5c%5cevil.example", "https://evil.example",
    "@evil.example", "%40evil.example", ".evil.example", "%0d%0aLocation:%20https://evil.example",
    "%0d%0aSet-Cookie:%20a=b", "%250d%250aSet-Cookie:%20a=b", "\u560d\u560aSet-Cookie:a",
    "%E5%98%8D%E5%98%8ASet-Cookie:a",
    "javascript:alert(1)", "%6a%61vascript:alert(1)", "..%2f..%2fevil", "%2e%2e/%2e%2e/evil", "%00", "%ff",
    "?next=//evil.example",
    "；evil", "。evil.example", "%E3%80%82evil.example", "#@evil.example",
]  # fmt: skip
PARAMETERS = ("uid", "aid", "next", "url", "redirect", "tbclid", "utm_source", "destination", "referrer")


@pytest.fixture(scope="module")
def link(living_company: Company, django_db_blocker: DjangoDbBlocker) -> Link:
    """A link of Ada's shop."""
    with django_db_blocker.unblock():
        shop, ada = living_company.shop.pk, living_company.ada
        return services.create_link(
            property_id=shop,
            made_by=ada,
            slug="out",
            name="Out",
            destination=f"https://{HOME}/sale?x=1#top",
            source="s",
        )


@pytest.fixture
def wire(running_collect: Process) -> Iterator[http.client.HTTPConnection]:
    """A connection that sends addresses as they are."""
    connection = http.client.HTTPConnection("127.0.0.1", running_collect.port, timeout=10)
    connection._validate_path = lambda _path: None  # type: ignore[attr-defined]  # a hostile client validates nothing
    yield connection
    connection.close()


def ask(wire: http.client.HTTPConnection, address: str, **headers: str) -> http.client.HTTPResponse:
    wire._encode_request = lambda line: line.encode()  # type: ignore[attr-defined]
    wire.putrequest("GET", address, skip_host="Host" in headers)
    for name, value in headers.items():
        wire.putheader(name, value)
    wire.endheaders()
    answer = wire.getresponse()
    answer.read()
    return answer


@pytest.mark.parametrize("escape", ESCAPES)
def test_what_stands_in_the_address_leads_nowhere_else(
    wire: http.client.HTTPConnection, link: Link, escape: str
) -> None:
    addresses = [f"/l/out?{name}={escape}" for name in PARAMETERS]
    addresses += [f"/l/out{escape}", f"/l/{escape}", f"//{EVIL}/l/out", f"/l//{escape}", f"/p/{escape}.gif"]
    addresses += [f"/s/out/click?campaign={escape}&click_id={escape}&ua={escape}", f"/sdk/{escape}", f"/{escape}"]
    for address in addresses:
        answer = ask(wire, address)
        target = urlsplit(answer.headers["Location"] or "")

        assert answer.status < 500, address
        assert answer.headers["Set-Cookie"] is None, address
        assert len(answer.headers.get_all("Location") or []) <= 1, address
        if answer.status in (301, 302, 303, 307, 308):
            assert (target.scheme, target.netloc, target.path) == ("https", HOME, "/sale"), (address, target)
            assert EVIL not in target.query, (address, target)


@pytest.mark.parametrize(
    "name", ["Host", "X-Forwarded-Host", "X-Original-URL", "X-Rewrite-URL", "Forwarded", "Referer"]
)
def test_headers_lead_nowhere_else(wire: http.client.HTTPConnection, link: Link, name: str) -> None:
    answer = ask(wire, "/l/out", **{name: EVIL})

    assert urlsplit(answer.headers["Location"]).netloc == HOME


@pytest.mark.parametrize(
    "host", [EVIL, "127.0.0.1:80@evil.example", "127.0.0.1/../evil", "[::1", "a b", "", "x" * 5_000]
)
def test_library_is_not_sent_to_a_host_that_a_stranger_names(
    wire: http.client.HTTPConnection, living_company: Company, host: str
) -> None:
    key = living_company.shop.streams.get().write_key
    wire.putrequest("GET", f"/v1/projects/{key}/settings", skip_host=True)
    wire.putheader("Host", host)
    wire.putheader("X-Forwarded-Host", EVIL)
    wire.endheaders()
    answer = wire.getresponse()
    body = answer.read()

    assert (answer.status, EVIL.encode() in body) == (400, False)


@pytest.mark.parametrize("host", ["Apps.Example", "apps.example.", "apps.example:443", "APPS.example.:8443"])
def test_files_of_apps_are_those_of_the_domain(
    wire: http.client.HTTPConnection, living_company: Company, django_db_blocker: DjangoDbBlocker, host: str
) -> None:
    with django_db_blocker.unblock():
        AppSite.objects.get_or_create(
            property=living_company.shop, domain="apps.example", defaults={"ios_apps": ["ABCDE12345.my.shop"]}
        )
    assert ask(wire, "/.well-known/apple-app-site-association", Host=host).status == 200


@pytest.mark.parametrize(
    "host",
    ["evil.example", "apps.example@evil.example", "evil.example#apps.example", "apps.example/../", "%61pps.example",
     "apps\u3002example", "apps.example\\@evil", "apps.example, evil.example", "apps.example\tx", "", "*", "apps"],
)  # fmt: skip
def test_no_other_host_gets_the_files_of_apps(
    wire: http.client.HTTPConnection, living_company: Company, host: str
) -> None:
    for name in (
        "apple-app-site-association",
        "assetlinks.json",
        "../.well-known/assetlinks.json",
        "assetlinks.json%00",
    ):
        answer = ask(wire, f"/.well-known/{name}", Host=host.encode().decode("latin-1"))
        assert answer.status in (400, 404), (host, name)


def test_file_of_an_app_names_links_alone() -> None:
    """What the app may open is the path of links, whatever a domain or an app is called."""
    document = app_files.apple(app_files.AppFiles(('A1B2C3D4E5.x","components":[{"/":"*"}]',), "", ()))

    assert [one["components"] for one in document["applinks"]["details"] if "components" in one] == [
        [{"/": "/l/*", "comment": "links"}]
    ]


UNSAFE = [
    "https:evil.example", "https:/evil.example", "https:///evil.example", "https:\t//evil.example", "\thttps://evil.example",
    "https://evil.example\\@shop.example", "https://shop.example:443@evil.example/", "https://:@evil.example/",
    "https://shop.example%40evil.example/", "https://evil.example%2f@shop.example/", "https://%65vil.example/",
    "https://evil。example/", "https://evil．example/", "https://evil.example℀x/", "https://a\u00adb.example/",
    "https://shop.example\u200b/", "https://shop.example:99999/", "https://shop.example:-1/", "https://shop.example:0x50/",
    "https://shop.example:/", "https://[::1/", "https://[evil.example]/", "https://.example/", "https://a..example/",
    "https://shop_example\x7f/", "HTTPS://user@evil.example", "view-source:https://shop.example", "http://shop.example/\x00",
    "https://shop.example/%0d%0aSet-Cookie:%20a", "https://0x7f.1/", "https://①②⑦.0.0.1/", "https://ⓔvil.example/",
    "https://127.1/", "https://2130706433/", "https://0177.0.0.1/", "https://straße.example/", "https://ＥＶＩＬ.example/",
]  # fmt: skip


@pytest.mark.skipif(not CHROMIUM, reason="Chromium is not installed: apt-get install chromium")
def test_destination_means_to_a_browser_what_it_means_to_us() -> None:
    """Whatever is let through, a browser reads it as the same host: neither another one, nor none."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = browser.new_page()
        read = page.evaluate(
            "(all) => all.map(one => { try { const u = new URL(one); return [u.protocol, u.hostname, u.username] }"
            " catch { return null } })",
            UNSAFE,
        )
        browser.close()
    wrong = []
    for address, seen in zip(UNSAFE, read, strict=True):
        try:
            check_destination(address)
        except UnsafeDestination:
            continue
        ours = _server(urlsplit(address)).partition(":")[0]
        if seen != [f"{urlsplit(address).scheme}:", ours, ""]:
            wrong.append((address, ours, seen))
    assert wrong == []


@pytest.mark.parametrize(
    "place",
    ["javascript:alert(1)", "JaVaScRiPt:x", "java\tscript:x", " javascript:x", "\x01javascript:x", "javascript\u200b:x",
     "data:text/html,x", "vbscript:x", "file:///etc/passwd", "blob:x", "a b", "view-source:javascript:x",
     "filesystem:https://a/x", "about:blank", "intent://x#Intent;scheme=javascript;end", "content://x"],
)  # fmt: skip
def test_place_in_an_app_runs_nothing(place: str) -> None:
    with pytest.raises(UnsafeDestination):
        check_deep_link(place)


@pytest.mark.parametrize("place", ["/product/7", "shop://product/7", "https://shop.example/7", "product/7?a=b:c"])
def test_place_in_an_app_is_a_path_or_an_address(place: str) -> None:
    check_deep_link(place)


def test_door_asks_no_address_that_it_is_given(wire: http.client.HTTPConnection, link: Link) -> None:
    """SSRF: addresses in events and links are text; nobody calls them."""
    import socket

    with socket.create_server(("127.0.0.1", free_port())) as trap:
        trap.settimeout(1.0)
        here = f"http://127.0.0.1:{trap.getsockname()[1]}/"
        ask(wire, f"/l/out?url={here}", Referer=here)
        ask(wire, f"/s/out/click?campaign={here}&ip={here}&ua={here}")
        ask(wire, f"/p/out.gif?url={here}")
        with pytest.raises(TimeoutError):
            trap.accept()


def test_changed_destination_is_judged_as_a_new_one(
    living_company: Company, link: Link, django_db_blocker: DjangoDbBlocker
) -> None:
    with django_db_blocker.unblock(), pytest.raises(ValidationError):
        services.create_link(
            property_id=living_company.shop.pk, made_by=None, name="x", source="s", destination=f"https://{HOME}/",
            ios_destination="https://user@evil.example/",
        )  # fmt: skip
