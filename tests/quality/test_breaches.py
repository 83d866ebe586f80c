"""A stream that is not as expected is said on pages and mailed to whoever asked: once as it begins, once as it ends."""

from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone
from pytest_django.asserts import assertContains, assertNotContains, assertRedirects

from apps.orgs.models import Membership, Role
from apps.quality import queries, services
from apps.quality.models import Breach, BreachReader
from tests.factories.company import Company
from tests.quality.test_schemas import store

pytestmark = pytest.mark.stores
PAGE = "/o/fernweh/p/shop/quality/"
REPORT = "/o/fernweh/p/shop/"
MAIL = f"{PAGE}breaches/mail/"


@pytest.fixture
def ada(company: Company) -> Client:
    """The owner's browser."""
    return company.client_of(company.ada)


@pytest.fixture
def look(company: Company) -> Any:
    """Do what the clock has done every quarter of an hour, at a moment."""

    def call(after: timedelta) -> None:
        about: Any = {"property_id": company.shop.pk}
        services.watch_streams(**about, time_zone="Europe/Berlin", now=timezone.now() + after)
        services.tell_breaches(**about)

    return call


@pytest.fixture
def orders(company: Company, expect: Any) -> Any:
    """Orders came five minutes ago, and are expected within six hours."""
    store(company, "m", timezone.now() - timedelta(minutes=5), {}, name="Order Completed")
    return expect("freshness", severity="flag", event="Order*", parameters={"within": "6h"}, name="Orders come")


def test_silence_is_said_and_mailed_once_and_its_end_too(company: Company, ada: Client, look: Any, orders: Any) -> None:
    assertRedirects(ada.post(MAIL, {"on": "1"}), PAGE)
    look(timedelta(0))
    assert (Breach.objects.count(), mail.outbox) == (0, [])

    for hours in (7, 8, 9):
        look(timedelta(hours=hours))

    (begun,) = mail.outbox
    assert begun.to == [company.ada.email]
    assert begun.subject == "Shop: “Orders come” is not as expected"
    assert "Nothing came for 7 h 5 min; expected was something within 6 h." in begun.body
    for page in (PAGE, REPORT):
        assertContains(ada.get(page), "“Orders come” is not as expected")

    store(company, "n", timezone.now() + timedelta(hours=9, minutes=30), {}, name="Order Completed")
    for hours in (10, 11):
        look(timedelta(hours=hours))

    assert [one.subject for one in mail.outbox[1:]] == ["Shop: “Orders come” is as expected again"]
    row = Breach.objects.get()
    assert (row.end, row.is_begin_told, row.is_end_told) == ("met", True, True)


def test_notice_goes_when_somebody_has_seen_it_and_its_end_is_another(
    company: Company, ada: Client, look: Any, orders: Any
) -> None:
    look(timedelta(hours=7))
    seen = f"{PAGE}breaches/{Breach.objects.get().pk}/seen/"

    assertRedirects(ada.post(seen), PAGE)
    assertNotContains(ada.get(REPORT), "Orders come")
    store(company, "n", timezone.now() + timedelta(hours=7, minutes=30), {}, name="Order Completed")
    look(timedelta(hours=8))
    Breach.objects.update(ended_at=timezone.now())

    assertContains(ada.get(REPORT), "“Orders come” is as expected again")
    assertContains(ada.get(PAGE), "As expected again")
    ada.post(seen)
    assertNotContains(ada.get(REPORT), "Orders come")
    assert Breach.objects.get().seen_by == company.ada


def test_what_is_not_expected_any_more_ends_and_says_so(company: Company, ada: Client, look: Any, orders: Any) -> None:
    ada.post(MAIL, {"on": "1"})
    look(timedelta(hours=7))
    services.archive_expectation(property_id=company.shop.pk, expectation_id=orders.pk, made_by=company.ada)
    look(timedelta(hours=8))

    assert Breach.objects.get().end == "withdrawn"
    assert mail.outbox[-1].subject == "Shop: “Orders come” is not expected any more"
    assertNotContains(ada.get(REPORT), "Orders come")
    assertContains(ada.get(PAGE), "Not expected any more")


def test_whoever_may_not_read_events_any_more_is_not_mailed(
    company: Company, ada: Client, look: Any, orders: Any
) -> None:
    grace = company.client_of(company.grace)
    for one in (ada, grace):
        one.post(MAIL, {"on": "1"})
    ada.post(MAIL, {"on": "0"})
    Membership.objects.filter(user=company.grace).update(role=Role.MARKETER)

    look(timedelta(hours=7))

    assert list(BreachReader.objects.values_list("user_id", flat=True)) == [company.grace.pk]
    assert mail.outbox == []
    assertNotContains(grace.get(REPORT), "Orders come")


def test_mail_is_in_the_language_in_which_it_was_asked_for(ada: Client, look: Any, orders: Any) -> None:
    ada.cookies.load({"django_language": "ru"})
    ada.post(MAIL, {"on": "1"})

    look(timedelta(hours=7))

    assert "не соответствует ожиданию" in mail.outbox[0].subject


def test_breach_is_one_however_many_look_and_a_mail_that_failed_is_made_up_for(
    company: Company, ada: Client, look: Any, orders: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada.post(MAIL, {"on": "1"})

    def fail(*_: Any, **__: Any) -> None:
        raise ConnectionError

    with monkeypatch.context() as broken:
        broken.setattr("apps.quality.services.breaches.mail.send", fail)
        with pytest.raises(ConnectionError):
            look(timedelta(hours=7))
    look(timedelta(hours=7, minutes=15))

    assert (Breach.objects.count(), len(mail.outbox)) == (1, 1)
    assert [one.pk for one in queries.unseen_breaches(company.shop.pk, now=timezone.now())] == [Breach.objects.get().pk]
