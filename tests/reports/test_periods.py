"""Date ranges, their presets and comparisons."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.reports.domain import periods
from apps.reports.domain.periods import Period, UnreadablePeriod, compared_period, preset_period, read_period

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
BERLIN = "Europe/Berlin"


def read(preset: str = "", first: str = "", last: str = "", time_zone: str = BERLIN, now: datetime = NOON) -> Period:
    return read_period(preset=preset, first=first, last=last, time_zone=time_zone, now=now)


def test_period_begins_and_ends_by_the_clocks_of_the_property() -> None:
    period = Period(date(2026, 7, 1), date(2026, 7, 31), BERLIN)

    assert period.starts_at == datetime(2026, 6, 30, 22, tzinfo=UTC)
    assert period.ends_at == datetime(2026, 7, 31, 22, tzinfo=UTC)


def test_day_of_clock_change_has_its_real_length() -> None:
    period = Period(date(2026, 10, 25), date(2026, 10, 25), BERLIN)

    assert period.ends_at - period.starts_at == timedelta(hours=25)


@pytest.mark.parametrize(
    ("preset", "expected"),
    [
        ("today", (date(2026, 11, 22), date(2026, 11, 22))),
        ("yesterday", (date(2026, 11, 21), date(2026, 11, 21))),
        ("last_7_days", (date(2026, 11, 16), date(2026, 11, 22))),
        ("last_30_days", (date(2026, 10, 24), date(2026, 11, 22))),
        ("last_90_days", (date(2026, 8, 25), date(2026, 11, 22))),
        ("this_month", (date(2026, 11, 1), date(2026, 11, 22))),
        ("last_month", (date(2026, 10, 1), date(2026, 10, 31))),
        ("this_year", (date(2026, 1, 1), date(2026, 11, 22))),
    ],
)
def test_preset_means_days_of_the_calendar(preset: str, expected: tuple[date, date]) -> None:
    period = read(preset)

    assert (period.starts_on, period.ends_on) == expected


def test_today_is_the_day_of_the_property_not_of_the_server() -> None:
    late = datetime(2026, 11, 22, 23, 30, tzinfo=UTC)

    assert preset_period("today", time_zone="Asia/Tokyo", now=late).starts_on == date(2026, 11, 23)


def test_dates_win_over_a_preset() -> None:
    period = read("today", "2026-01-01", "2026-01-31")

    assert (period.starts_on, period.ends_on, period.preset) == (date(2026, 1, 1), date(2026, 1, 31), "")


def test_one_date_means_one_day() -> None:
    assert read(first="2026-02-03").days == [date(2026, 2, 3)]


@pytest.mark.parametrize(
    ("first", "last"),
    [("2026-02-30", ""), ("x", "y"), ("2026-02-03", "2026-02-02"), ("2000-01-01", "2026-01-01"), ("0001-01-01", "")],
)
def test_dates_that_make_no_sense_are_refused(first: str, last: str) -> None:
    with pytest.raises(UnreadablePeriod):
        read(first=first, last=last)


def test_unknown_preset_is_refused() -> None:
    with pytest.raises(UnreadablePeriod):
        read("since_ever")


def test_period_with_today_is_incomplete_until_midnight() -> None:
    period = read("last_7_days")

    assert period.is_incomplete(NOON)
    assert not period.is_incomplete(period.ends_at)


def test_finished_period_is_compared_with_as_many_days_before() -> None:
    compared = compared_period(read("last_month"), "previous", now=NOON)

    assert compared == Period(date(2026, 8, 31), date(2026, 9, 30), BERLIN)


def test_running_period_is_compared_up_to_the_same_moment() -> None:
    compared = compared_period(read("today"), "previous", now=NOON)

    assert compared is not None
    assert compared.ends_at == NOON - timedelta(days=1)


def test_moment_of_comparison_is_counted_in_whole_minutes() -> None:
    compared = compared_period(read("today"), "previous", now=NOON + timedelta(seconds=59.9))

    assert compared is not None
    assert compared.ends_at == NOON - timedelta(days=1)


def test_comparison_with_the_year_before_survives_a_leap_day() -> None:
    compared = compared_period(read(first="2024-02-29", last="2024-03-01"), "year", now=NOON)

    assert compared == Period(date(2023, 2, 28), date(2023, 3, 1), BERLIN)


def test_no_comparison_is_none() -> None:
    assert compared_period(read("today"), "none", now=NOON) is None


@given(
    first=st.dates(date(2001, 1, 1), date(2099, 1, 1)),
    length=st.integers(0, 400),
    zone=st.sampled_from(["UTC", BERLIN, "America/New_York", "Asia/Kolkata", "Pacific/Apia"]),
)
def test_previous_period_touches_the_period_without_gap(first: date, length: int, zone: str) -> None:
    period = Period(first, first + timedelta(days=length), zone)

    compared = compared_period(period, "previous", now=datetime(2101, 1, 1, tzinfo=UTC))

    assert compared is not None
    assert compared.ends_at == period.starts_at
    assert len(compared.days) == len(period.days)


def test_every_preset_has_a_name() -> None:
    from apps.reports import wording

    assert set(wording.PRESETS) == set(periods.PRESETS)
