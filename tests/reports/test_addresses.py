"""The state of a page in its address."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from urllib.parse import parse_qs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.reports.domain.addresses import read_state
from apps.reports.domain.periods import Period, preset_period
from apps.reports.domain.state import DIMENSIONS, ReportState

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
METHODS = ["linear", "last_touch"]
DEFAULTS = ReportState(period=preset_period("last_30_days", time_zone="UTC", now=NOW), goal_id=1, method="last_touch")


def read(query: str) -> ReportState:
    return read_state(
        parse_qs(query.removeprefix("?"), keep_blank_values=True),
        defaults=DEFAULTS,
        goal_ids=[1, 2],
        methods=METHODS,
        now=NOW,
    )


def test_empty_address_is_the_default_and_stays_empty() -> None:
    state = read("")

    assert state == replace(DEFAULTS, defaults=state.defaults)
    assert state.query() == "?"


def test_address_names_only_what_differs() -> None:
    state = read("method=linear&click=168&from=2026-01-01&to=2026-01-31&compare=year&goal=2&by=source&sort=name")

    assert state.problems == ()
    assert state.query() == (
        "?from=2026-01-01&to=2026-01-31&compare=year&goal=2&method=linear&click=168&by=source&sort=name"
    )


@pytest.mark.parametrize(
    ("query", "problem"),
    [
        ("method=magic", "method"),
        ("goal=3", "goal"),
        ("goal=%D9%A3", "goal"),
        ("click=0", "click"),
        ("click=2161", "click"),
        ("view=169", "view"),
        ("view=1e9", "view"),
        ("by=property_id", "by"),
        ("sort=;DROP", "sort"),
        ("compare=forever", "compare"),
        ("from=2026-99-99", "dates"),
        ("preset=always", "dates"),
    ],
)
def test_parameter_that_cannot_be_read_keeps_its_default_and_is_named(query: str, problem: str) -> None:
    state = read(query)

    assert state.problems == (problem,)
    assert replace(state, problems=(), defaults=()) == DEFAULTS


def test_one_filter_a_dimension_is_kept_as_written() -> None:
    state = read("channel=Direct&channel=Email&source=%22x%22+&campaign=&medium=a%00b")

    assert state.filters == (("channel", "Email"), ("source", '"x" '))
    assert read(state.without_filter("channel", "Email")).filters == (("source", '"x" '),)
    assert dict(read(state.with_filter("channel", "SMS")).filters)["channel"] == "SMS"


def test_second_click_on_a_heading_turns_the_order_round() -> None:
    once = read(read("").sorted_by("conversions"))
    twice = read(once.sorted_by("conversions"))

    assert (once.sort, twice.sort) == ("-conversions", "conversions")
    assert read(read("").sorted_by("name")).sort == "name"


@given(
    method=st.sampled_from(METHODS),
    click=st.integers(1, 2160),
    view=st.integers(1, 168),
    dimension=st.sampled_from(DIMENSIONS),
    values=st.dictionaries(
        st.sampled_from(DIMENSIONS), st.text(min_size=1, max_size=20).filter(lambda text: "\x00" not in text)
    ),
    first=st.dates(date(2024, 1, 1), date(2026, 1, 1)),
    length=st.integers(0, 1000),
)
def test_address_of_any_state_reads_back_as_that_state(
    method: str, click: int, view: int, dimension: str, values: list[str], first: date, length: int
) -> None:
    state = replace(
        read(""),
        period=Period(first, first + timedelta(days=length), "UTC"),
        method=method,
        click_lookback=timedelta(hours=click),
        view_lookback=timedelta(hours=view),
        dimension=dimension,
        filters=tuple((name, values[name]) for name in DIMENSIONS if name in values),
    )

    assert read(state.query()) == state
