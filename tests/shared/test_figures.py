"""Figures are written as a reader of the language writes them."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.utils import timezone, translation

from apps.shared.templatetags import figures

SPACE = "\xa0"


@pytest.mark.parametrize(("language", "expected"), [("en", "12,345.68"), ("ru", f"12{SPACE}345,68")])
def test_number_in_a_language_groups_its_way(language: str, expected: str) -> None:
    with translation.override(language):
        assert figures.number(Decimal("12345.678"), 2) == expected


@pytest.mark.parametrize(
    ("amount", "currency", "expected"),
    [(Decimal("1234.5"), "USD", "$1,234.50"), (Decimal("1234"), "JPY", "¥1,234"), (Decimal("-3.2"), "EUR", "-€3.20")],
)
def test_money_has_the_decimals_of_its_currency(amount: Decimal, currency: str, expected: str) -> None:
    with translation.override("en"):
        assert figures.money(amount, currency) == expected


def test_whole_money_drops_the_cents() -> None:
    with translation.override("en"):
        assert figures.whole_money(Decimal("318402.40"), "EUR") == "€318,402"


@pytest.mark.parametrize(("language", "expected"), [("en", "12.3%"), ("ru", f"12,3{SPACE}%")])
def test_percent_in_a_language_has_its_space(language: str, expected: str) -> None:
    with translation.override(language):
        assert figures.percent(0.1234) == expected


@pytest.mark.parametrize(
    ("share", "expected"), [(0.1234, "+12.3%"), (-0.045, "−4.5%"), (0.0001, "0.0%"), (-0.0001, "0.0%"), (None, "–")]
)
def test_change_shows_its_sign_unless_it_is_none(share: float | None, expected: str) -> None:
    with translation.override("en"):
        assert figures.signed_percent(share) == expected


def test_compact_shortens_a_large_figure() -> None:
    with translation.override("en"):
        assert figures.compact(1_284_590) == "1.3M"


@pytest.mark.parametrize(
    ("value", "expected"),
    [(timedelta(days=3, hours=4, minutes=5), "3 d 4 h"), (90_000, "1 min 30 s"), (400, "0 s"), (None, "–")],
)
def test_span_shows_its_two_largest_units(value: timedelta | int | None, expected: str) -> None:
    with translation.override("en"):
        assert figures.span(value) == expected


def test_day_is_written_with_its_month() -> None:
    with translation.override("en"):
        assert figures.day(date(2026, 11, 22)) == "Nov 22, 2026"


def test_ago_carries_the_instant_for_machines() -> None:
    past = datetime.now(UTC) - timedelta(hours=3)

    with translation.override("en"):
        written = figures.ago(past)

    assert f'datetime="{past.isoformat()}"' in written
    assert "3 hours ago" in written


@pytest.mark.parametrize(
    "write", [figures.number, figures.compact, figures.percent, figures.moment, figures.ago, figures.day]
)
def test_nothing_is_a_dash(write: object) -> None:
    assert callable(write)
    assert write(None) == "–"


@pytest.mark.parametrize(
    ("language", "minute", "lately"),
    [
        ("en", "Nov 8, 2026, 05:09", "Nov 8, 05:09:07"),
        ("ru", "8 нояб. 2026\u202fг., 05:09", "8 нояб., 05:09:07"),
    ],
)
def test_instant_is_written_the_way_of_the_language_and_the_time_zone(language: str, minute: str, lately: str) -> None:
    at = datetime(2026, 11, 8, 2, 9, 7, tzinfo=UTC)
    with translation.override(language), timezone.override("Europe/Moscow"):
        assert figures.minute(at) == minute
        assert figures.lately(at) == f'<time class="num" datetime="2026-11-08T05:09:07+03:00">{lately}</time>'
    assert (figures.minute(None), figures.lately(None)) == ("–", "–")
