"""Rows to charts, buckets of days, changes, and tables to take away."""

import csv
import io
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.reports.domain import charts
from apps.reports.domain.buckets import Bucket, DayValue, buckets_of, gathered, grain_of, leading
from apps.reports.domain.changes import change
from apps.reports.domain.periods import Period
from apps.shared.tables import csv_lines, safe_cell

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)


def period(first: str, last: str) -> Period:
    return Period(date.fromisoformat(first), date.fromisoformat(last), "UTC")


@pytest.mark.parametrize(
    ("first", "last", "grain"),
    [("2026-11-01", "2026-11-22", "day"), ("2026-01-01", "2026-11-22", "week"), ("2024-01-01", "2026-11-22", "month")],
)
def test_long_period_is_drawn_in_longer_steps(first: str, last: str, grain: str) -> None:
    assert grain_of(period(first, last)) == grain


def test_today_and_cut_weeks_are_incomplete() -> None:
    days = buckets_of(period("2026-11-20", "2026-11-22"), now=NOW)
    weeks = buckets_of(period("2026-01-01", "2026-11-15"), now=NOW)

    assert [bucket.is_incomplete for bucket in days] == [False, False, True]
    assert weeks[0] == Bucket(date(2026, 1, 1), date(2026, 1, 4), is_incomplete=True)
    assert not weeks[1].is_incomplete
    assert weeks[-1] == Bucket(date(2026, 11, 9), date(2026, 11, 15))


def test_values_are_gathered_without_gaps_and_outside_days_left_out() -> None:
    chosen = period("2026-11-20", "2026-11-22")
    rows = [
        DayValue(date(2026, 11, 20), "a", 1),
        DayValue(date(2026, 11, 22), "a", 2),
        DayValue(date(2026, 11, 22), "a", 3),
        DayValue(date(2026, 12, 1), "a", 9),
    ]

    assert gathered(rows, chosen, buckets_of(chosen, now=NOW)) == {"a": [1.0, 0.0, 5.0]}


@given(st.dictionaries(st.text(max_size=3), st.lists(st.integers(0, 99), min_size=2, max_size=2), max_size=9))
def test_leading_names_and_the_rest_hold_the_whole(values: dict[str, list[float]]) -> None:
    kept = leading(values, most=4, rest="the rest")

    assert len(kept) <= 4
    assert sum(map(sum, kept.values())) == sum(map(sum, values.values()))


def test_channel_keeps_its_colour_and_the_others_take_free_ones() -> None:
    numbers = charts.series_numbers(["Organic", "Email", "Paid Search", "other"], rest="other")

    assert numbers["Email"] == charts.SERIES_OF_CHANNEL["Email"]
    assert numbers["other"] == 0
    assert len({numbers["Organic"], numbers["Email"], numbers["Paid Search"]}) == 3


def test_incomplete_step_is_faded_and_comparison_is_dashed() -> None:
    option = charts.over_time(
        ["a", "b"], [False, True], {"Email": [1, 2]}, numbers={"Email": 4}, before=[3, 4], before_name="before"
    )

    bars, line = option["series"]
    assert bars["data"] == [1, {"value": 2, "itemStyle": {"opacity": charts.FADED}}]
    assert bars["itemStyle"]["color"] == "var(--chart-4)"
    assert (line["lineStyle"]["type"], line["data"]) == ("dashed", [3, 4])


@pytest.mark.parametrize(
    ("now", "before", "expected"), [(3, 2, 0.5), (0, 2, -1.0), (2, 0, None), (2, None, None), (2, Decimal(-1), None)]
)
def test_change_is_said_only_where_it_makes_sense(now: int, before: int | None, expected: float | None) -> None:
    assert change(now, before) == expected


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "  =1", "＝1", '=HYPERLINK("x")'])
def test_text_that_looks_like_a_formula_is_put_behind_an_apostrophe(text: str) -> None:
    assert safe_cell(text).startswith("'")


def test_negative_number_stays_a_number() -> None:
    assert (safe_cell(Decimal("-1.50")), safe_cell(-2), safe_cell(None)) == ("-1.50", "-2", "")


@given(st.lists(st.lists(st.text(alphabet='ab",\n;é\r', max_size=8), min_size=2, max_size=2), max_size=5))
def test_table_reads_back_as_it_was(rows: list[list[str]]) -> None:
    text = "".join(csv_lines(["x", "y"], rows)).removeprefix("\ufeff")

    read = list(csv.reader(io.StringIO(text, newline="")))
    assert read == [["x", "y"], *([safe_cell(cell) for cell in row] for row in rows)]
