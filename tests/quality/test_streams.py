"""Freshness and volume: looked at by the clock, kept, shown, and counted for the score."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone
from pytest_django.asserts import assertContains

from apps.quality import queries, services
from apps.quality.domain.volumes import band, windows
from tests.factories.company import Company
from tests.quality.test_schemas import store

pytestmark = pytest.mark.stores
ZONE = "Europe/Berlin"


def test_windows_are_the_same_hours_of_the_same_weekdays_over_a_change_of_clocks() -> None:
    now = datetime(2026, 11, 4, 14, 30, tzinfo=UTC)  # a Wednesday, 15:30 in Berlin; clocks went back on 25 October

    today, *before = windows(now, weeks=3, time_zone=ZONE)

    zone = ZoneInfo(ZONE)
    assert [(one[0].astimezone(zone).weekday(), one[1].astimezone(zone).hour) for one in (today, *before)] == [
        (2, 15)
    ] * 4
    assert before[1][1].astimezone(UTC).hour == 13  # before the change


def test_first_hour_looks_at_the_whole_of_yesterday() -> None:
    today, _before, *_rest = windows(datetime(2026, 11, 3, 23, 20, tzinfo=UTC), weeks=2, time_zone=ZONE)

    assert (today[0].astimezone(ZoneInfo(ZONE)).day, today[1] - today[0]) == (3, timedelta(days=1))


@pytest.mark.parametrize(
    ("counts", "inside", "outside"),
    [
        ([100, 100, 100, 100], (80, 120), (60, 140)),
        ([100, 110, 90, 5_000], (80, 140), (30, 300)),  # one odd week moves nothing
        ([4, 6, 5], (1, 9), (0.0 - 1, 40)),
    ],
)
def test_band_is_robust(counts: list[int], inside: tuple[float, float], outside: tuple[float, float]) -> None:
    usual = band(counts, width=3)

    assert usual is not None
    assert all(usual.lowest <= one <= usual.highest for one in inside)
    assert not any(usual.lowest <= one <= usual.highest for one in outside)
    assert band([7, 0, 0], width=3) is None


def look(company: Company, now: datetime) -> list[Any]:
    return services.watch_streams(property_id=company.shop.pk, time_zone=ZONE, now=now)


def test_stream_that_falls_silent_is_noticed_kept_and_counted(company: Company, expect: Any) -> None:
    row = expect("freshness", severity="flag", event="Order*", parameters={"within": "6h"}, name="Orders come")
    now = timezone.now()
    store(company, "m", now - timedelta(hours=5), {}, name="Order Completed")
    store(company, "n", now - timedelta(minutes=5), {}, name="Else")

    seen = [look(company, now)[0].is_met, look(company, now + timedelta(hours=2))[0].is_met]

    assert seen == [True, False]
    (count,) = queries.day_counts(
        company.shop.pk, since=now - timedelta(days=2), until=now + timedelta(days=2), time_zone="UTC"
    )[:1]
    assert count.expectation_id == row.pk
    page = company.client_of(company.ada).get("/o/fernweh/p/shop/quality/")
    assertContains(page, "unexpected")
    assertContains(page, "Orders come")


def test_look_that_is_repeated_counts_once(company: Company, expect: Any) -> None:
    """A task that is run again after a crash changes no score."""
    expect("freshness", severity="flag", parameters={"within": "1h"})
    now = timezone.now()

    look(company, now)
    look(company, now)

    days = queries.day_counts(
        company.shop.pk, since=now - timedelta(days=2), until=now + timedelta(days=2), time_zone="UTC"
    )
    assert sum(one.checked for one in days) == 1


def test_what_never_came_is_late_from_when_it_is_expected(company: Company, expect: Any) -> None:
    expect("freshness", severity="flag", parameters={"within": "1h"})
    now = timezone.now()

    assert [look(company, now)[0].is_met, look(company, now + timedelta(hours=2))[0].is_met] == [True, False]


def test_volume_is_compared_with_the_same_hours_of_the_same_weekday(company: Company, expect: Any) -> None:
    expect("volume", severity="flag", parameters={"weeks": 3})
    now = datetime(2026, 11, 4, 14, 30, tzinfo=UTC)
    midnight = datetime(2026, 11, 4, tzinfo=ZoneInfo(ZONE))
    assert look(company, now) == []  # nothing is known of such days yet
    for week in (1, 2, 3):
        store(company, f"w{week}-", midnight - timedelta(days=7 * week) + timedelta(hours=9), *([{}] * 60))
        store(company, f"late{week}-", midnight - timedelta(days=7 * week) + timedelta(hours=20), *([{}] * 60))
    store(company, "today-", midnight + timedelta(hours=9), *([{}] * 10))

    (low,) = look(company, now)
    store(company, "more-", midnight + timedelta(hours=10), *([{}] * 55))
    (usual,) = look(company, now)

    assert (low.measured, low.is_met) == (10, False)
    assert (usual.measured, usual.is_met) == (65, True)
    assert low.lowest < 60 < low.highest < 120
