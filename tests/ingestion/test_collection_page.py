"""The page of collection: admins change what is asked of people and what streams may send; outsiders find nothing."""

import pytest
from django.test import Client
from pytest_django.asserts import assertContains, assertRedirects

from apps.compliance.api import EUROPE
from apps.ingestion import queries
from apps.ingestion.domain.limits import Limit
from apps.ingestion.models import ConsentVersion
from tests.factories.company import Company

PAGE = "/o/fernweh/p/shop/collection/"

pytestmark = [pytest.mark.stores, pytest.mark.usefixtures("clickhouse")]


def consent(version: int = 0, **fields: str) -> dict[str, str]:
    return {
        "version": str(version),
        "asks": "europe",
        "countries": "",
        "hears_signal": "on",
        "tcf_months": "13",
        **fields,
    }


def limits(company: Company, per_second: str, burst: str = "", *, stream_id: int = 0) -> dict[str, str]:
    stream = stream_id or company.shop.streams.get().pk
    own = {"limits-0-stream_id": str(stream), "limits-0-per_second": per_second, "limits-0-burst": burst}
    return {"limits-TOTAL_FORMS": "1", "limits-INITIAL_FORMS": "1", **own}


@pytest.fixture
def ada(company: Company) -> Client:
    """The owner's browser."""
    return company.client_of(company.ada)


def test_rules_of_consent_become_a_version(company: Company, ada: Client) -> None:
    assertRedirects(ada.post(PAGE, consent()), PAGE)
    assertRedirects(ada.post(PAGE, consent(1)), PAGE)  # nothing was changed
    assertRedirects(ada.post(PAGE, consent(1, asks="some", countries="fr, DE", hears_signal="", tcf_months="6")), PAGE)

    rows = list(ConsentVersion.objects.filter(property=company.shop).values_list("version", "made_by", "asks_in"))
    assert rows == [(2, company.ada.pk, ["DE", "FR"]), (1, company.ada.pk, sorted(EUROPE))]
    rules = queries.consent_rules(company.shop.pk)
    assert (rules.asks("DE"), rules.asks("US"), rules.asks(""), rules.hears_signal) == (True, False, True, False)
    assert rules.tcf_months == 6
    assertContains(ada.get(PAGE), "Version 2")
    assertContains(ada.get(PAGE), "A consent string agrees for 6 months.")
    assertContains(ada.get(PAGE), "An agreement is needed in DE, FR. Global Privacy Control is not heard.")
    assertContains(ada.get(PAGE), "in the European Economic Area, the United Kingdom and Switzerland. Global Privacy")


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"asks": "some"}, "Name at least one country"),
        ({"asks": "some", "countries": "DE EUROPE"}, "is no country of two letters"),
        ({"tcf_months": "25"}, "less than or equal to 24"),
        ({"tcf_months": ""}, "This field is required"),
        ({"version": "7"}, "Somebody else changed the settings"),
    ],
)
def test_what_is_wrong_is_said_at_the_form(ada: Client, fields: dict[str, str], words: str) -> None:
    assertContains(ada.post(PAGE, {**consent(), **fields}), words, status_code=422)
    assert not ConsentVersion.objects.exists()


def test_limit_is_set_changed_and_taken_away(company: Company, ada: Client) -> None:
    stream = company.shop.streams.get().pk

    for sent, kept in ((("100", ""), Limit(100, 100)), (("100", "500"), Limit(100, 500)), (("", ""), None)):
        assertRedirects(ada.post(PAGE, limits(company, *sent)), PAGE)
        assert queries.limit_of(stream) == kept
    assertContains(ada.post(PAGE, limits(company, "0")), "field__error", status_code=422)


def test_nobody_limits_the_stream_of_another_property(company: Company, ada: Client) -> None:
    theirs = company.theirs.streams.get().pk

    ada.post(PAGE, limits(company, "1", stream_id=theirs))

    assert queries.limit_of(theirs) is None


def test_analyst_looks_and_outsider_finds_nothing(company: Company) -> None:
    grace, mallory = company.client_of(company.grace), company.client_of(company.mallory)

    assertContains(grace.get(PAGE), "You can look at the settings")
    assert grace.post(PAGE, consent()).status_code == 403
    assert (mallory.get(PAGE).status_code, mallory.post(PAGE, consent()).status_code) == (404, 404)
    assert not ConsentVersion.objects.exists()
