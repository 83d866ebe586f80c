"""The language of mappings: columns, alternatives, conditions, times, amounts, what is left out."""

from typing import Any
from zoneinfo import ZoneInfo

import pytest

from apps.ingestion.domain.filling import events_of
from apps.ingestion.domain.mapping import FileMapping, MissingColumn, snake
from apps.ingestion.domain.spelling import Spelling


def filled(template: dict[str, Any], row: dict[str, Any], **options: Any) -> list[dict[str, Any]]:
    """Return the events that one template makes of a row."""
    return [one.event for one in events_of(row, FileMapping([template]), **options)]


@pytest.mark.parametrize(
    ("text", "row", "event"),
    [
        ("{a}", {"a": 5}, {"name": 5}),
        ("{a}", {"a": None}, {"name": ""}),
        ("{a}-{b}", {"a": 1, "b": "x"}, {"name": "1-x"}),
        ("{a ?? b}", {"a": "", "b": "x"}, {"name": "x"}),
        ("{a ?? b}", {"b": "x"}, {"name": "x"}),
        ("{a ?? b}", {"b": ""}, {"name": ""}),
        ("{a ??}", {}, {}),
        ("{a ??}", {"a": ""}, {}),
        ("{a ??}", {"a": 0}, {"name": 0}),
        ("id-{a ??}", {}, {}),
        ("{a ?? 'other'}", {"a": ""}, {"name": "other"}),
        ("{a ?? 'other'}", {"a": "x"}, {"name": "x"}),
        ("plain", {}, {"name": "plain"}),
    ],
)
def test_text_takes_its_columns(text: str, row: dict[str, Any], event: dict[str, Any]) -> None:
    assert filled({"name": text}, row) == [event]


def test_column_that_must_be_there_is_missed() -> None:
    for place in ("{a}", "{a ?? b}", "x-{a}"):
        with pytest.raises(MissingColumn, match="a"):
            filled({"name": place}, {"c": 1})


@pytest.mark.parametrize(
    ("when", "applies"),
    [
        ({"a": "install"}, True),
        ({"a": "INSTALL"}, True),
        ({"a": ["click", "install"]}, True),
        ({"a": {"not": ["click", ""]}}, True),
        ({"a": {"not": "install"}}, False),
        ({"b ??": ""}, True),
        ({"b ??": {"not": ""}}, False),
        ({"a": "install", "b ??": "x"}, False),
    ],
)
def test_template_applies_when_its_conditions_hold(when: dict[str, Any], applies: bool) -> None:
    assert bool(filled({"when": when, "name": "x"}, {"a": "Install"})) is applies


def test_properties_inside_a_text_come_in_and_named_ones_win() -> None:
    template = {"properties": {"*": "{json}", "revenue": "{paid ??}", "value": {"hundredths": "{cents ??}"}}}

    assert filled(template, {"json": '{"level": 3, "revenue": 1}', "paid": "9.5", "cents": "250"}) == [
        {"properties": {"level": 3, "revenue": "9.5", "value": "2.5"}}
    ]
    assert filled(template, {"json": "no json", "cents": "some"}) == [
        {"properties": {"value_text": "no json", "value": "some"}}
    ]


@pytest.mark.parametrize(
    ("said", "moment"),
    [
        ("2026-07-01 12:00:00", "2026-07-01T12:00:00+02:00"),
        ("2026-07-01T12:00:00Z", "2026-07-01T12:00:00Z"),
        ("2016-04-04T23:16UTC", "2016-04-04T23:16+00:00"),
        ("1767225600", "1767225600"),
        ("yesterday", "yesterday"),
    ],
)
def test_time_without_an_offset_is_of_the_zone(said: str, moment: str) -> None:
    assert filled({"timestamp": "{at}"}, {"at": said}, spelling=Spelling(ZoneInfo("Europe/Berlin"))) == [
        {"timestamp": moment}
    ]


def test_row_that_is_skipped_says_why_and_makes_nothing_else() -> None:
    mapping = FileMapping([{"when": {"a": "x"}, "skip": "a test"}, {"name": "y"}])

    assert [(one.skipped, one.event) for one in events_of({"a": "x"}, mapping)] == [("a test", {})]
    assert [(one.skipped, one.event) for one in events_of({"a": "z"}, mapping)] == [("", {"name": "y"})]


def test_names_of_columns_in_snake_case() -> None:
    names = ("AppsFlyer ID", "{gps_adid}", "{idfa||gps_adid}", "[user_id]", "Contributor 1 Touch Type")

    assert [snake(name) for name in names] == [
        "appsflyer_id", "gps_adid", "idfa_gps_adid", "user_id", "contributor_1_touch_type",
    ]  # fmt: skip


def test_mapping_knows_the_columns_that_it_reads() -> None:
    mapping = FileMapping([{"when": {"a ?? b ??": "x"}, "name": "{c}-{d ?? e ?? 'f'}"}])

    assert mapping.columns() == {"a", "b", "c", "d", "e"}


@pytest.mark.parametrize(
    ("text", "row", "said"),
    [
        ("{user.id}", {"user": {"id": "u-1"}}, "u-1"),
        ("{user.id}", {"user.id": "flat", "user": {"id": "u-1"}}, "flat"),
        ("{a.b.c ?? 'none'}", {"a": {"b": "text"}}, "none"),
        ("{tracker::1}", {"tracker": "Facebook::Spring::Set A::Ad 1"}, "Facebook"),
        ("{tracker::3 ??}-{tracker::4}", {"tracker": "Facebook::Spring::Set A::Ad 1"}, "Set A-Ad 1"),
        ("{network ?? tracker::2 ?? 'none'}", {"tracker": "Organic"}, "none"),
    ],
)
def test_members_and_parts_of_a_cell_are_places(text: str, row: dict[str, Any], said: str) -> None:
    assert filled({"name": text}, row) == [{"name": said}]


def test_part_of_a_column_that_is_not_there_is_missing() -> None:
    with pytest.raises(MissingColumn, match="tracker"):
        filled({"name": "{tracker::1}"}, {"other": 1})
    assert FileMapping([{"name": "{tracker::2 ?? user.id}"}]).columns() >= {"tracker", "user"}
