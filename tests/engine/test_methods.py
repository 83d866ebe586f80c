"""Each method's own edges, its parameters, and the traps that other implementations fell into."""

from datetime import timedelta
from typing import Any

import pytest

import attribution as engine
from tests.engine.builders import DAY, journey, path, shares, touch

METHODS = engine.METHODS
VIEW, VISIT, CLICK = engine.TouchKind


def test_every_method_tells_what_it_does_and_cannot_claim() -> None:
    assert list(METHODS) == [method.name for method in METHODS.values()]
    assert all(method.spec.name == name for name, method in METHODS.items())
    assert all(
        one.title and one.description.endswith(".") and one.cannot_claim.endswith(".") for one in METHODS.values()
    )


def test_direct_yields_only_inside_the_window() -> None:
    old = touch("old", 31 * DAY, "Email")
    direct = touch("direct", DAY, "Direct", VISIT)

    assert engine.credit(METHODS["last_non_direct"].spec, journey(old, direct))[0].channel == "Direct"


def test_last_non_direct_of_direct_visits_is_the_last() -> None:
    assert shares(METHODS["last_non_direct"].spec, path("Direct", "Direct")) == [0.0, 1.0]


@pytest.mark.parametrize(
    ("kinds_and_channels", "expected"),
    [
        ([(CLICK, "Paid Search"), (VISIT, "Paid Social"), (VISIT, "Email"), (VISIT, "Direct")], "Paid Social"),
        ([(CLICK, "Paid Search"), (VIEW, "Display"), (VISIT, "Direct")], "Paid Search"),
        ([(VISIT, "Email"), (VIEW, "Display"), (VISIT, "Direct")], "Display"),
        ([(VISIT, "Direct"), (VISIT, "Direct")], "Direct"),
    ],
)
def test_last_paid_click_falls_back_step_by_step(
    kinds_and_channels: list[tuple[engine.TouchKind, str]], expected: str
) -> None:
    """The last paid click, else the last that is not direct (a view too), else the last."""
    hours = range(len(kinds_and_channels), 0, -1)
    rows = [
        touch(f"t{hour}", timedelta(hours=hour), channel, kind)
        for hour, (kind, channel) in zip(hours, kinds_and_channels, strict=True)
    ]

    earned = engine.credit(METHODS["last_paid_click"].spec, journey(*rows))

    assert [one.channel for one in earned if one.share] == [expected]


@pytest.mark.parametrize(
    ("channels", "expected"),
    [("A", [1.0]), ("AB", [0.5, 0.5]), ("ABC", [0.4, 0.2, 0.4]), ("ABCD", [0.4, 0.1, 0.1, 0.4])],
)
def test_position_based_by_length(channels: str, expected: list[float]) -> None:
    assert shares(METHODS["position_based"].spec, path(*channels)) == pytest.approx(expected)


def test_position_based_with_unequal_ends_rescales_two_touchpoints() -> None:
    spec = METHODS["position_based"].build(first=0.2, rest=0.2, last=0.6)

    assert shares(spec, path("A", "B")) == pytest.approx([0.25, 0.75])


@pytest.mark.parametrize(
    ("place", "expected"),
    [
        (0, [0.6, 0.05, 0.05, 0.3]),
        (1, [0.3, 0.3, 0.1, 0.3]),
        (3, [0.3, 0.05, 0.05, 0.6]),
        (None, [0.4, 0.1, 0.1, 0.4]),
    ],
)
def test_w_shaped_adds_coinciding_roles_up(place: int | None, expected: list[float]) -> None:
    found = path("A", "B", "C", "D")
    milestone_at = None if place is None else found.touchpoints[place].touched_at
    reached = engine.Journey(found.conversion, found.touchpoints, milestone_at=milestone_at)

    assert shares(METHODS["w_shaped"].spec, reached) == pytest.approx(expected)


@pytest.mark.parametrize("hours", [-24 * 10, 1])
def test_w_shaped_milestone_before_the_path_or_after_the_sale_is_none(hours: int) -> None:
    found = path("A", "B", "C", "D")
    milestone_at = found.conversion.converted_at + timedelta(hours=hours)
    reached = engine.Journey(found.conversion, found.touchpoints, milestone_at=milestone_at)

    assert shares(METHODS["w_shaped"].spec, reached) == pytest.approx([0.4, 0.1, 0.1, 0.4])


def test_time_decay_of_old_journeys_does_not_underflow() -> None:
    """2^-7,776,000 is 0 in floats, and 0 / 0 would silence every channel."""
    spec = METHODS["time_decay"].build(half_life=timedelta(seconds=1))
    found = journey(touch("a", 29 * DAY), touch("b", 29 * DAY, "Display"), touch("c", 29 * DAY - timedelta(seconds=1)))

    assert shares(spec, found) == pytest.approx([0.25, 0.25, 0.5])


def test_time_decay_reads_seconds_and_not_calendar_days() -> None:
    found = journey(touch("a", timedelta(hours=23)), touch("b", timedelta(hours=1)))

    first, second = shares(METHODS["time_decay"].build(half_life=timedelta(hours=22)), found)

    assert first / second == pytest.approx(0.5)


def test_custom_weights_count_from_both_ends_and_add_up() -> None:
    spec = METHODS["custom"].build(from_start=(3.0, 1.0), from_end=(2.0,), otherwise=1.0)

    assert shares(spec, path(*"ABCDE")) == pytest.approx([3 / 8, 1 / 8, 1 / 8, 1 / 8, 2 / 8])
    assert shares(spec, path(*"AB")) == pytest.approx([0.5, 0.5])
    assert shares(spec, path("A")) == [1.0]


def test_custom_weights_that_come_out_zero_are_linear() -> None:
    spec = METHODS["custom"].build(by_channel={"Email": 0.0})

    assert shares(spec, path("Email", "Email")) == [0.5, 0.5]
    assert shares(spec, path("Email", "Display")) == [0.0, 1.0]


@pytest.mark.parametrize(
    ("method", "parameters"),
    [
        ("position_based", {"first": -0.1}),
        ("position_based", {"first": float("nan")}),
        ("position_based", {"first": 0.0, "rest": 0.0, "last": 0.0}),
        ("w_shaped", {"milestone": float("inf")}),
        ("time_decay", {"half_life": timedelta(0)}),
        ("time_decay", {"half_life": -DAY}),
        ("custom", {"otherwise": 0.0}),
        ("custom", {"from_start": (1e300,)}),
        ("custom", {"by_channel": {"Email": 1e-300}}),
        ("custom", {"by_kind": {"glance": 1.0}}),
        ("custom", {"by_kind": {"view": 0.0, "visit": 0.0, "click": 0.0}}),
    ],
)
def test_unusable_parameters_are_refused_when_saved(method: str, parameters: dict[str, Any]) -> None:
    with pytest.raises(engine.BadSpecError):
        METHODS[method].build(**parameters)


@pytest.mark.parametrize(
    "stored",
    [
        {},
        {"name": "x", "weighting": {"kind": "magic"}, "prefers": []},
        {"name": "x", "weighting": {"kind": "equal", "extra": 1}, "prefers": []},
        {"name": "x", "weighting": {"kind": "decay", "half_life": "long"}, "prefers": []},
        {"name": "x", "weighting": {"kind": "shares", "first": "1"}, "prefers": []},
        {"name": "x", "weighting": None, "prefers": []},
        {"name": "x", "weighting": {"kind": "equal"}, "prefers": [1]},
    ],
)
def test_stored_nonsense_is_refused_by_name(stored: dict[str, Any]) -> None:
    with pytest.raises(engine.BadSpecError):
        engine.MethodSpec.from_dict(stored)


def test_channel_names_are_compared_whole() -> None:
    """A substring test for membership would find "eta" in "theta" and "Direct" in "Directories"."""
    earned = engine.credit(METHODS["linear_distinct"].spec, path("eta", "theta", "theta"))
    assert [one.share for one in earned] == [0.5, 0.25, 0.25]

    only_eta = METHODS["custom"].build(by_channel={"eta": 0.0})
    assert shares(only_eta, path("eta", "theta", "beta")) == [0.0, 0.5, 0.5]

    assert shares(METHODS["last_non_direct"].spec, path("Email", "Directories")) == [0.0, 1.0]


@pytest.mark.parametrize("method", METHODS)
def test_the_same_path_twice_earns_twice(method: str) -> None:
    """Paths must be added and not overwrite each other."""
    totals: dict[str, float] = {}
    for _ in range(2):
        for one in engine.credit(METHODS[method].spec, path("Paid Search", "Email", "Paid Search")):
            totals[one.channel] = totals.get(one.channel, 0.0) + float(one.amount)

    assert sum(totals.values()) == pytest.approx(200)


@pytest.mark.parametrize("method", METHODS)
def test_a_journey_of_thousands_is_credited_in_full(method: str) -> None:
    rows = [touch(f"t{second}", timedelta(seconds=second), f"c{second % 7}") for second in range(5_000)]
    found = journey(*rows, value="100.00")

    engine.check_conserved([found], engine.credit(METHODS[method].spec, found))
