"""The reason given for each touchpoint."""

from datetime import timedelta

import pytest

import attribution as engine
from tests.engine.builders import DAY, MS, NOON, journey, path, touch

METHODS = engine.METHODS
VIEW, VISIT, CLICK = engine.TouchKind


def codes(method: engine.MethodSpec, found: engine.Journey) -> list[str]:
    """Return the code of every touchpoint, in touch order."""
    return [one.code for one in engine.explain(found, method).touches]


def test_each_removed_touchpoint_names_its_rule() -> None:
    found = journey(
        touch("old click", 31 * DAY),
        touch("old view", 2 * DAY, kind=VIEW),
        touch("email", DAY),
        touch("direct", timedelta(hours=1), "Direct", VISIT),
        touch("late", -DAY),
    )

    assert codes(METHODS["last_non_direct"].spec, found) == [
        "outside_click_lookback",
        "outside_view_lookback",
        "only_touchpoint",
        "direct_yields",
        "after_conversion",
    ]


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        (METHODS["last_touch"].spec, ["not_last", "not_last", "last"]),
        (METHODS["first_touch"].spec, ["first", "not_first", "not_first"]),
        (METHODS["last_paid_click"].spec, ["not_paid_click", "only_touchpoint", "not_paid_click"]),
        (METHODS["linear"].spec, ["equal_share"] * 3),
        (METHODS["linear_distinct"].spec, ["equal_share_of_channel"] * 3),
        (METHODS["position_based"].spec, ["first", "rest", "last"]),
        (METHODS["position_based"].build(rest=0.0), ["first", "zero_weight", "last"]),
        (METHODS["time_decay"].spec, ["decayed"] * 3),
        (METHODS["custom"].build(by_channel={"Email": 0.0}), ["zero_weight", "custom_weight", "zero_weight"]),
        (METHODS["custom"].build(by_channel={"Email": 0.0, "Paid Search": 0.0}), ["all_zero"] * 3),
    ],
)
def test_each_method_says_why(spec: engine.MethodSpec, expected: list[str]) -> None:
    assert codes(spec, path("Email", "Paid Search", "Email")) == expected


def test_roles_that_coincide_are_all_named() -> None:
    found = path("A", "B", "C")
    reached = engine.Journey(found.conversion, found.touchpoints, milestone_at=found.touchpoints[0].touched_at)

    told = engine.explain(reached, METHODS["w_shaped"].spec)

    assert told.touches[0].parameters == {"roles": "first, milestone"}
    assert told.touches[0].text == "It is first, milestone at once."


def test_sentences_carry_times_people_can_read() -> None:
    told = engine.explain(journey(touch("t", 31 * DAY + timedelta(hours=5))), METHODS["linear"].spec)

    assert told.touches[0].text == "It is 31 days 5 hours old; clicks and visits count for 30 days."
    assert told.touches[0].parameters == {"age_ms": 31 * 86_400_000 + 5 * 3_600_000, "lookback_ms": 30 * 86_400_000}
    assert told.text.endswith("Counts as Direct. Every touchpoint lies outside its window.")


def test_unattributed_conversion_is_explained_too() -> None:
    told = engine.explain(engine.Journey(engine.Conversion("c", NOON), person=None), METHODS["linear"].spec)

    assert (told.reason, told.touches, told.channel) == ("identity_missing", (), "Direct")


def test_touchpoint_a_hair_too_old_is_said_to_be_just_over_the_window() -> None:
    told = engine.explain(journey(touch("a", 30 * DAY + MS)), engine.METHODS["linear"].spec)

    assert told.touches[0].text == "It is just over 30 days old; clicks and visits count for 30 days."
