"""Links and pixels: on the log before the answer, and never a way to send people somewhere else."""

import json
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.core.exceptions import ValidationError
from django.test import Client, RequestFactory
from django.utils import timezone

from apps.ingestion import services, wiring
from apps.ingestion.domain import deliveries
from apps.ingestion.models import AppSite, Link
from apps.ingestion.rest import visitors
from tests.factories.company import Company
from tests.fakes.event_log import MemoryLog

CHROME = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0"


@pytest.fixture
def link(company: Company) -> Link:
    """A link in a newsletter of Ada's shop."""
    return services.create_link(
        property_id=company.shop.pk,
        made_by=company.ada,
        slug="go",
        name="May",
        destination="https://shop.example/sale?utm_source=own&x=1#top",
        source="newsletter",
        medium="email",
        campaign="may",
    )


def test_click_is_on_the_log_and_the_person_at_the_destination(door: Client, link: Link, log: MemoryLog) -> None:
    response = door.get("/l/go?uid=ann", headers={"user-agent": CHROME})

    (entry,) = log.entries.values()
    delivery = deliveries.decode(entry.body)
    (item,) = delivery.items
    target = urlsplit(response["Location"])
    assert (response.status_code, target.netloc, target.path, target.fragment) == (302, "shop.example", "/sale", "top")
    assert parse_qs(target.query) == {
        "utm_source": ["own"],
        "x": ["1"],
        "utm_medium": ["email"],
        "utm_campaign": ["may"],
        "tbclid": [item.message_id],
    }
    assert (item.kind, item.link_id, delivery.property_id) == ("click", link.pk, link.property_id)
    assert b'"userId":"ann"' in item.payload
    assert response["Cache-Control"] == "no-store"


def test_changed_link_sends_elsewhere_and_old_clicks_keep_their_place(
    door: Client, link: Link, log: MemoryLog, company: Company
) -> None:
    """R10: the address stays, and what was clicked before is not rewritten."""
    phone = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Version/18.0 Mobile Safari"
    door.get("/l/go", headers={"user-agent": CHROME})
    changes = {"destination": "https://shop.example/june", "ios_destination": "https://apps.example/june"}
    about = {"property_id": company.shop.pk, "link_id": link.pk, "made_by": company.ada, "now": timezone.now()}
    services.change_link(**about, **changes)
    wiring.link_of().forget()  # what five seconds do

    targets = [door.get("/l/go", headers={"user-agent": agent})["Location"] for agent in (CHROME, phone)]
    door.get("/p/go.gif", headers={"user-agent": CHROME})
    services.change_link(**about, is_active=False)
    wiring.link_of().forget()

    assert [target.partition("?")[0] for target in targets] == list(changes.values())
    kept = [json.loads(deliveries.decode(one.body).items[0].payload)["properties"] for one in log.entries.values()]
    assert kept == [
        {"linkVersion": 1, "sentTo": "https://shop.example/sale?utm_source=own&x=1#top"},
        {"linkVersion": 2, "sentTo": "https://shop.example/june"},
        {"linkVersion": 2, "sentTo": "https://apps.example/june"},
        {"linkVersion": 2},
    ]
    assert door.get("/l/go", headers={"user-agent": CHROME}).status_code == 404


def test_destination_in_another_script_reaches_the_browser_as_an_address(door: Client, company: Company) -> None:
    link = services.create_link(
        property_id=company.shop.pk,
        made_by=None,
        name="x",
        destination="https://магазин.example:8443/größe?q=да#низ",
        source="вк",
    )

    target = urlsplit(door.get(f"/l/{link.slug}", headers={"user-agent": CHROME})["Location"])

    assert (target.netloc, target.path) == ("xn--80aairftm.example:8443", "/gr%C3%B6%C3%9Fe")
    assert parse_qs(target.query)["q"] == ["да"]
    assert target.fragment == "%D0%BD%D0%B8%D0%B7"


def test_pixel_counts_an_impression(door: Client, link: Link, log: MemoryLog) -> None:
    response = door.get("/p/go.gif", headers={"user-agent": CHROME})

    (entry,) = log.entries.values()
    assert [item.kind for item in deliveries.decode(entry.body).items] == ["impression"]
    assert (response["Content-Type"], response.content[:6]) == ("image/gif", b"GIF89a")


@pytest.mark.parametrize(
    ("user_agent", "country"),
    [
        ("Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0 (via ggpht.com GoogleImageProxy)", ""),
        ("YahooMailProxy; https://help.yahoo.com/kb/yahoo-mail-proxy-SLN28749.html", ""),
        ("Mozilla/4.0 (compatible; MSIE 7.0; Windows NT 10.0; Microsoft Outlook 16.0.5456; ms-office)", "US"),
    ],
)
def test_picture_in_an_opened_mail_is_an_impression(
    door: Client, link: Link, log: MemoryLog, user_agent: str, country: str
) -> None:
    """R9: mailboxes draw pictures for their readers; the same programs following a link do so ahead of them."""
    where = {"user-agent": user_agent}
    door.get("/p/go.gif?uid=ann", headers=where, REMOTE_ADDR="8.8.8.8")
    door.get("/l/go?uid=ann", headers=where, REMOTE_ADDR="8.8.8.8")

    ((view, views), (_, ahead)) = [
        (one.items, [end.reason for end in one.refusals])
        for one in (deliveries.decode(entry.body) for entry in log.entries.values())
    ]
    assert ([item.kind for item in view], view[0].country, views, ahead) == (["impression"], country, [], ["bot"])


def test_character_that_no_store_keeps_is_left_out_of_ids(door: Client, link: Link, log: MemoryLog) -> None:
    door.get("/l/go?aid=a%00b&uid=%00", headers={"user-agent": CHROME})

    (entry,) = log.entries.values()
    (item,) = deliveries.decode(entry.body).items
    assert b'"anonymousId":"ab","userId":""' in item.payload


@pytest.mark.parametrize(
    "query",
    [
        "aid=a-1",
        "x=1&aid=a-1&uid=",
        "aid=b&aid=a-1",
        "aid=b&aid",
        "%61id=a-1",
        "aid=a%2D1",
        "aid=a+1",
        "aid=a=1",
        "said=b",
        "aid=я",
        "&&aid=a-1&",
        "aid",
    ],
)
def test_ids_in_an_address_are_read_as_django_reads_them(query: str) -> None:
    request = RequestFactory().get(f"/l/go?{query}")

    assert visitors.parameter(request, "aid") == request.GET.get("aid", "")


def test_robot_is_sent_on_and_not_counted(door: Client, link: Link, log: MemoryLog) -> None:
    response = door.get("/l/go", headers={"user-agent": "Googlebot/2.1"})

    (entry,) = log.entries.values()
    delivery = deliveries.decode(entry.body)
    assert (response.status_code, delivery.items, [end.reason for end in delivery.refusals]) == (302, [], ["bot"])


def test_person_is_sent_on_while_the_log_is_down(door: Client, link: Link, log: MemoryLog) -> None:
    log.is_down = True

    assert door.get("/l/go", headers={"user-agent": CHROME}).status_code == 302


def test_looking_is_not_clicking(door: Client, link: Link, log: MemoryLog) -> None:
    assert door.head("/l/go").status_code == 302
    assert not log.entries


@pytest.mark.parametrize("slug", ["nothing", "a" * 300, "%00", "%F0%9F%A6%8A", "go%0d%0a"])
def test_unknown_link_is_a_problem(door: Client, link: Link, slug: str) -> None:
    response = door.get(f"/l/{slug}")

    assert (response.status_code, response["Content-Type"]) == (404, "application/problem+json")


@pytest.mark.parametrize(
    "destination",
    [
        "javascript:alert(1)",
        "//evil.example",
        "/here",
        "https://",
        "https://shop.example@evil.example/",
        "https:\\\\evil.example",
        "https://shop.example/\r\nSet-Cookie: a=b",
        "https://shop.example:port/",
        "data:text/html,x",
        "ftp://shop.example/",
        "https://shop.example\u2028/",
        "https://shop.example/\u202e",
        "https://" + "ö" * 70 + ".example/",
    ],
)
def test_unsafe_destination_is_refused(company: Company, destination: str) -> None:
    with pytest.raises(ValidationError):
        services.create_link(property_id=company.shop.pk, made_by=None, name="x", destination=destination, source="s")


IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Version/18.0 Safari/604.1"
ANDROID = "Mozilla/5.0 (Linux; Android 15; Pixel 9) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0 Mobile"


@pytest.fixture
def app_link(company: Company) -> Link:
    """A link that leads phones to their stores."""
    return services.create_link(
        property_id=company.shop.pk,
        made_by=None,
        slug="app",
        name="App",
        destination="https://shop.example/",
        ios_destination="https://apps.apple.com/app/id1",
        android_destination="https://play.google.com/store/apps/details?id=example.shop",
        deep_link="shop://product/7",
        source="newsletter",
    )


def clicks(log: MemoryLog) -> list[deliveries.Item]:
    return [item for entry in log.entries.values() for item in deliveries.decode(entry.body).items]


def refusals(log: MemoryLog) -> list[str]:
    return [end.reason for entry in log.entries.values() for end in deliveries.decode(entry.body).refusals]


def test_each_system_goes_to_its_own_place(door: Client, app_link: Link, log: MemoryLog) -> None:
    places = [door.get("/l/app", headers={"user-agent": agent})["Location"] for agent in (CHROME, IPHONE, ANDROID)]

    desktop, iphone, android = (item.message_id for item in clicks(log))
    assert places[0] == f"https://shop.example/?utm_source=newsletter&tbclid={desktop}"
    assert places[1] == f"https://apps.apple.com/app/id1?utm_source=newsletter&tbclid={iphone}"
    referrer = parse_qs(urlsplit(places[2]).query)["referrer"]
    assert referrer == [f"utm_source=newsletter&tbclid={android}"]


@pytest.mark.stores
def test_double_click_is_one_click_and_its_second_ends_as_a_duplicate(
    door: Client, link: Link, log: MemoryLog, valkey: None
) -> None:
    targets = [door.get("/l/go", headers={"user-agent": CHROME})["Location"] for _ in range(2)]
    other = door.get("/l/go", headers={"user-agent": IPHONE})["Location"]

    first, second, third = (item.message_id for item in clicks(log))
    assert targets[0] == targets[1] != other
    assert first == second != third


@pytest.mark.parametrize(
    "header", [{"sec-purpose": "prefetch;prerender"}, {"purpose": "prefetch"}, {"x-moz": "prefetch"}]
)
def test_click_that_nobody_made_is_kept_apart(door: Client, link: Link, log: MemoryLog, header: dict[str, str]) -> None:
    response = door.get("/l/go", headers={"user-agent": CHROME, **header})

    assert (response.status_code, "tbclid" in response["Location"]) == (302, False)
    assert (clicks(log), refusals(log)) == ([], ["prefetch"])


@pytest.mark.stores
def test_first_open_gets_what_the_click_was_about_and_nobody_else_does(
    door: Client, company: Company, app_link: Link, log: MemoryLog, key: str, valkey: None
) -> None:
    door.get("/l/app", headers={"user-agent": ANDROID})
    (click,) = clicks(log)
    opening = {"clickId": click.message_id, "anonymousId": "phone-1", "writeKey": key}

    def ask(**changed: object) -> Any:
        return door.post("/v1/first-open", {**opening, **changed}, content_type="application/json")

    theirs = company.theirs.streams.get().write_key
    assert ask(writeKey=theirs).status_code == 404
    assert ask().json() == {
        "clickId": click.message_id,
        "deepLink": "shop://product/7",
        "link": "app",
        "campaign": {"source": "newsletter", "medium": "", "name": ""},
    }
    answers = [ask(), ask(anonymousId="phone-2"), ask(clickId="x"), ask(clickId=5), ask(writeKey="wk_wrong")]
    assert [answer.status_code for answer in answers] == [200, 404, 404, 400, 401]


def test_network_reports_clicks_with_its_own_words(door: Client, link: Link, log: MemoryLog) -> None:
    said = {"click_id": "n-1", "campaign": "summer", "content": "{creative}", "ip": "8.8.8.8", "idfa": "A-1"}
    moment = 1_700_000_000

    assert (
        door.get("/s/go/click", {**said, "ts": moment}, headers={"user-agent": "Go-http-client/2.0"}).status_code == 204
    )
    assert door.get("/s/go/impression", {"uid": "ann"}).status_code == 204

    click, view = clicks(log)
    payload = json.loads(click.payload)
    assert (click.message_id, click.kind, click.occurred_at, click.country) == ("n-1", "click", moment * 1000, "US")
    assert payload["anonymousId"] == "A-1"
    assert payload["context"]["campaign"] == {
        "source": "newsletter", "medium": "email", "name": "summer", "term": "", "content": ""
    }  # fmt: skip
    assert (view.kind, json.loads(view.payload)["userId"]) == ("impression", "ann")


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/s/none/click", 404),
        ("/s/go/click?ts=soon", 400),
        ("/s/go/click?ts=5", 400),
        ("/s/go/click?ts=9e300", 400),
        ("/s/go/click?ip=%00&ua=%00&uid=%00&campaign=%ff", 204),
        ("/s/go/click?click_id=" + "x" * 5_000, 204),
    ],
)
def test_report_of_a_network_that_is_wrong_is_said_so(door: Client, link: Link, path: str, status: int) -> None:
    assert door.get(path).status_code == status


def test_phones_learn_which_app_opens_links_of_a_domain(door: Client, company: Company) -> None:
    wiring.app_files_of().forget()
    AppSite.objects.create(
        property=company.shop,
        domain="go.shop.example",
        ios_apps=["ABCDE12345.example.shop"],
        android_package="example.shop",
        android_fingerprints=["AA:BB"],
    )

    apple = door.get("/.well-known/apple-app-site-association", headers={"host": "go.shop.example"})
    google = door.get("/.well-known/assetlinks.json", headers={"host": "go.shop.example:443"})
    nobody = door.get("/.well-known/assetlinks.json", headers={"host": "elsewhere.example"})

    assert apple["Content-Type"] == "application/json"
    assert apple.json()["applinks"]["details"][0] == {
        "appIDs": ["ABCDE12345.example.shop"],
        "components": [{"/": "/l/*", "comment": "links"}],
    }
    assert google.json()[0]["target"] == {
        "namespace": "android_app",
        "package_name": "example.shop",
        "sha256_cert_fingerprints": ["AA:BB"],
    }
    assert (nobody.status_code, nobody["Content-Type"]) == (404, "application/problem+json")


@pytest.mark.parametrize("place", ["javascript:alert(1)", "data:text/html,x", "a b", "x\0y"])
def test_harmful_place_in_an_app_is_refused(company: Company, place: str) -> None:
    with pytest.raises(ValidationError):
        services.create_link(
            property_id=company.shop.pk, made_by=None, name="x", destination="https://a.example/", source="s",
            deep_link=place,
        )  # fmt: skip


@pytest.mark.parametrize(
    ("address", "place"),
    [
        ("https://a.example/?x=1&y=%7B%7d+z%20#f?q=1", "https://a.example/?x=1&y=%7B%7d+z%20&{}#f?q=1"),
        ("https://a.example/x|y?a|b={c}^d&e[]=1#a|{b}", "https://a.example/x|y?a|b={c}^d&e[]=1&{}#a|{b}"),
        ("https://a.example/a//b/../c?x=a/b?c&q='(*)!", "https://a.example/a//b/../c?x=a/b?c&q='(*)!&{}"),
        ("https://a.example/?%2&a;b=1", "https://a.example/?%2&a;b=1&{}"),
        ("https://a.example/#/shop?id=7", "https://a.example/?{}#/shop?id=7"),
        ("https://a.example/?a=1&", "https://a.example/?a=1&{}"),
        ("https://a.example/?a=1&b=&=c&&d", "https://a.example/?a=1&b=&=c&&d&{}"),
    ],
)
def test_what_an_address_holds_stays_as_it_was_written(
    door: Client, company: Company, log: MemoryLog, address: str, place: str
) -> None:
    services.create_link(
        property_id=company.shop.pk, made_by=None, slug="kept", name="Kept", destination=address, source="s"
    )

    location = door.get("/l/kept", headers={"user-agent": CHROME})["Location"]

    assert location == place.replace("{}", f"utm_source=s&tbclid={clicks(log)[0].message_id}")


@pytest.mark.parametrize(
    "headers", [{"sec-purpose": "prefetch", "user-agent": CHROME}, {"user-agent": "Googlebot/2.1"}]
)
def test_program_that_asks_keeps_nothing_of_the_person_in_the_address(
    door: Client, link: Link, log: MemoryLog, headers: dict[str, str]
) -> None:
    """R8: nobody has asked whether that person agrees."""
    door.get("/l/go?uid=ann@example.com&aid=a-1&gclid=g-1", headers=headers)

    (entry,) = log.entries.values()
    assert refusals(log) in (["prefetch"], ["bot"])
    assert not any(said in entry.body for said in (b"ann@", b"a-1", b"g-1"))
