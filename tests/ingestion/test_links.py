"""Links and pixels: on the log before the answer, and never a way to send people somewhere else."""

from urllib.parse import parse_qs, urlsplit

import pytest
from django.core.exceptions import ValidationError
from django.test import Client

from apps.ingestion import services
from apps.ingestion.domain import deliveries
from apps.ingestion.models import Link
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


def test_character_that_no_store_keeps_is_left_out_of_ids(door: Client, link: Link, log: MemoryLog) -> None:
    door.get("/l/go?aid=a%00b&uid=%00", headers={"user-agent": CHROME})

    (entry,) = log.entries.values()
    (item,) = deliveries.decode(entry.body).items
    assert b'"anonymousId":"ab","userId":""' in item.payload


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
