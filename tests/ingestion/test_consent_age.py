"""An agreement in a TCF string counts for as many months as the property says; a refusal for good (R8, ADR 0110)."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from apps.compliance.api import is_outdated, tcf_choices
from apps.ingestion import services
from apps.ingestion.domain import deliveries
from apps.ingestion.models import RememberedConsent
from tests.factories.company import Company
from tests.fakes.event_log import MemoryLog
from tests.ingestion.test_consent import EVENT, forgetful, tcf  # noqa: F401  a fixture
from tests.ingestion.test_door import post

OLD = datetime.now(UTC) - timedelta(days=13 * 31)
FOR_ADS, MEASURED, REFUSED = (1, 2, 3, 7), (1, 7), (1,)


def call(door: Client, key: str, purposes: tuple[int, ...], chosen: datetime | None = None, **more: Any) -> int:
    context = {"consent": {"tcf": tcf(*purposes, chosen=chosen)}, "page": {"url": "https://a.example/?gclid=g-1"}}
    return int(post(door, "/v1/track", {**EVENT, "context": context, **more}, key).status_code)


@pytest.fixture
def asking(company: Company) -> Any:
    """Ask everywhere, for as many months as a test says."""

    def ask(months: int = 13) -> None:
        services.change_consent(
            property_id=company.shop.pk, made_by=company.ada, asks_everywhere=True, tcf_months=months
        )

    return ask


@pytest.mark.parametrize(
    ("chosen", "on", "months", "is_over"),
    [
        ("2025-10-27", "2026-11-27", 13, False),
        ("2025-10-26", "2026-11-27", 13, True),
        ("2026-08-31", "2026-09-30", 1, False),
        ("2026-01-31", "2026-02-28", 1, False),
        ("2026-01-31", "2026-03-01", 1, True),
        ("1970-01-01", "2026-01-01", 24, True),
        ("1970-01-01", "2026-01-01", 0, False),
        ("2100-01-01", "2026-01-01", 1, False),
    ],
)
def test_months_are_those_of_the_calendar(chosen: str, on: str, months: int, is_over: bool) -> None:
    choices = tcf_choices(tcf(*FOR_ADS, chosen=datetime.fromisoformat(chosen).replace(tzinfo=UTC)))
    at = int(datetime.fromisoformat(f"{on}T23:59:59+00:00").timestamp() * 1_000)

    assert is_outdated(choices, at=at, months=months) is is_over


def test_old_agreement_is_none_where_people_are_asked(door: Client, key: str, log: MemoryLog, asking: Any) -> None:
    asking()

    statuses = [call(door, key, FOR_ADS, OLD), call(door, key, FOR_ADS)]

    assert statuses == [403, 200]
    refused = next(iter(log.entries.values())).body
    assert [one.reason for one in deliveries.decode(refused).refusals] == ["consent_denied"]
    assert b"ann" not in refused


def test_person_hears_that_a_new_agreement_is_needed(door: Client, key: str, asking: Any) -> None:
    asking()
    context = {"consent": {"tcf": tcf(*FOR_ADS, chosen=OLD)}}

    answer = post(door, "/v1/track", {**EVENT, "context": context}, key).json()

    assert answer["detail"] == "The agreement in the consent string is too old: this property needs a new one."


@pytest.mark.parametrize(("months", "status"), [(12, 403), (24, 200), (0, 200)])
def test_property_says_for_how_long(door: Client, key: str, asking: Any, months: int, status: int) -> None:
    asking(months)

    assert call(door, key, FOR_ADS, OLD) == status


def test_what_was_refused_does_not_grow_old(door: Client, key: str, log: MemoryLog) -> None:
    """This property asks nobody: the old string takes nothing away that was not refused, and gives nothing that was."""
    statuses = [call(door, key, MEASURED, OLD), call(door, key, FOR_ADS, OLD), call(door, key, REFUSED, OLD)]

    assert statuses == [200, 200, 403]
    kept = [item.payload for entry in log.entries.values() for item in deliveries.decode(entry.body).items]
    assert [b"g-1" in payload for payload in kept] == [False, True]
    assert post(door, "/v1/track", EVENT, key).status_code == 403  # the refusal holds for calls that say nothing


def test_memory_of_an_agreement_ends_with_it(door: Client, key: str, asking: Any) -> None:
    asking()
    agreed = {**EVENT, "context": {"consent": {"status": "granted"}}}
    statuses = [
        post(door, "/v1/track", agreed, key).status_code,
        post(door, "/v1/track", EVENT, key).status_code,
        call(door, key, FOR_ADS, OLD),
        post(door, "/v1/track", EVENT, key).status_code,
    ]

    assert statuses == [200, 200, 403, 403]
    assert not RememberedConsent.objects.exists()


def test_memory_of_a_refusal_does_not_end(door: Client, key: str, asking: Any) -> None:
    post(door, "/v1/track", {**EVENT, "context": {"consent": {"status": "denied"}}}, key)

    assert call(door, key, FOR_ADS, OLD) == 403
    assert call(door, key, FOR_ADS) == 200


def test_event_is_judged_by_its_own_day(door: Client, key: str, asking: Any) -> None:
    """What an app sends after a year offline, and what a file brings, happened while the agreement was young."""
    asking()
    long_ago = (OLD + timedelta(days=30)).isoformat()

    assert call(door, key, FOR_ADS, OLD, timestamp=long_ago) == 200
