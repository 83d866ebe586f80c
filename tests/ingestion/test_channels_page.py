"""A property's own channels: before the default ones, previewed, versioned, and from then on."""

import pytest
from django.utils import timezone
from pytest_django.asserts import assertContains, assertRedirects

from apps.ingestion import services, wiring
from apps.ingestion.domain import deliveries, pipeline
from apps.ingestion.domain.channel_rules import ChannelRule, own_channel
from apps.ingestion.domain.events import Event
from apps.ingestion.models import ChannelVersion
from apps.ingestion.services import store_events
from tests.factories.company import Company
from tests.ingestion.test_writing import ABOUT

PAGE = "/o/fernweh/p/shop/channels/"


def filled(*rules: dict[str, str], version: int = 0, **extra: str) -> dict[str, str]:
    fields = {f"rules-{number}-{name}": value for number, rule in enumerate(rules) for name, value in rule.items()}
    return {"version": str(version), "rules-TOTAL_FORMS": "3", "rules-INITIAL_FORMS": "0", **fields, **extra}


PARTNERS = {"channel": "Partners", "source": "blog-*", "medium": "referral"}


@pytest.mark.parametrize(
    ("words", "channel"),
    [
        (("blog-ann", "Referral", "", ""), "Partners"),
        (("blog-ann", "email", "", ""), ""),
        (("ann-blog-", "referral", "", ""), ""),
        (("x", "y", "may-brand-de", "a.example"), "Brand"),
        (("x" * 500 + "*" * 500, "y", "", ""), ""),
    ],
)
def test_first_rule_that_matches_names_the_channel(words: tuple[str, str, str, str], channel: str) -> None:
    rules = (
        ChannelRule("Partners", source="blog-*", medium="referral"),
        ChannelRule("Brand", campaign="*brand*"),
        ChannelRule("Late", source="blog-*", medium="referral"),
        ChannelRule("Never", source="*a*a*a*a*b"),
    )

    assert own_channel(rules, words) == channel


def test_writer_follows_the_newest_version(company: Company) -> None:
    rule = ChannelRule("Partners", source="google")
    services.change_channels(property_id=company.shop.pk, made_by=company.ada, rules=[rule])
    wiring._channel_rules_of().forget()
    delivery = deliveries.Delivery(1, company.shop.pk, 1, "web", 0, "", [], [])

    about = wiring.rules_of(delivery)
    event = Event(1, 1, "m", "page", "", 0, 0, page_url="https://shop.example/?utm_source=google&utm_medium=cpc")

    assert pipeline.put_channel(event, about).channel == "Partners"
    assert pipeline.put_channel(event, ABOUT).channel == "Paid Search"


@pytest.mark.stores
@pytest.mark.usefixtures("clickhouse")
def test_change_is_previewed_and_saved_as_a_version(company: Company) -> None:
    ada, now = company.client_of(company.ada), timezone.now()
    times = {name: [now, now] for name in ("occurred_at", "received_at", "stored_at")}
    own = {
        "property_id": [company.shop.pk] * 2,
        "message_id": ["a", "b"],
        "kind": ["page"] * 2,
        "has_source": [True] * 2,
    }
    words = {"source": ["blog-ann", "google"], "medium": ["referral", "cpc"], "channel": ["Referral", "Paid Search"]}
    store_events({**own, **times, **words, "has_source": [True] * 2})

    preview = ada.post(PAGE, filled(PARTNERS, preview="1"))

    assertContains(preview, '<td class="strong">Partners</td>')
    assert not ChannelVersion.objects.exists()
    assertRedirects(ada.post(PAGE, filled(PARTNERS)), PAGE)
    row = ChannelVersion.objects.get()
    assert (row.version, row.made_by, row.rules[0]["channel"]) == (1, company.ada, "Partners")
    assertContains(ada.post(PAGE, filled(PARTNERS)), "Somebody else changed", status_code=422)
    assertContains(ada.get(PAGE), "Version 1")


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ({"source": "x"}, "Name the channel"),
        ({"channel": "X"}, "Say which source"),
        ({"channel": "X", "source": "*a*b*c*d*"}, "At most four stars"),
    ],
)
def test_rule_that_is_none_is_said_at_the_form(company: Company, rule: dict[str, str], words: str) -> None:
    assertContains(company.client_of(company.grace).post(PAGE, filled(rule)), words, status_code=422)


def test_outsider_finds_nothing(company: Company) -> None:
    mallory = company.client_of(company.mallory)

    assert (mallory.get(PAGE).status_code, mallory.post(PAGE, filled(PARTNERS)).status_code) == (404, 404)
