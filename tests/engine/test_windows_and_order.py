"""Lookbacks to the millisecond, elapsed time, and who wins a tie."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

import attribution as engine
from tests.engine.builders import DAY, MS, NOON, journey, shares, touch

LAST = engine.METHODS["last_touch"].spec
LINEAR = engine.METHODS["linear"].spec
KINDS = tuple(engine.TouchKind)


def reason(*touchpoints: engine.Touchpoint) -> str | None:
    """Return why nothing is credited, None when something is."""
    return engine.unattributed_reason(journey(*touchpoints), engine.Lookbacks())


def winner(*touchpoints: engine.Touchpoint) -> str:
    """Return the id that last touch credits."""
    return next(one.touchpoint.id for one in engine.credit(LAST, journey(*touchpoints)) if one.touchpoint and one.share)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("beyond", "expected"), [(-MS, None), (0 * MS, None), (MS, "outside_window")])
def test_lookback_ends_to_the_millisecond(kind: engine.TouchKind, beyond: timedelta, expected: str | None) -> None:
    assert reason(touch("t", engine.Lookbacks().of(kind) + beyond, kind=kind)) == expected


@pytest.mark.parametrize(("age", "expected"), [(MS, None), (0 * MS, None), (-MS, "outside_window")])
def test_conversion_ends_the_window_to_the_millisecond(age: timedelta, expected: str | None) -> None:
    assert reason(touch("t", age)) == expected


def test_parts_of_a_millisecond_do_not_count() -> None:
    """ClickHouse keeps milliseconds; what lies inside one is one instant."""
    late = touch("t", -timedelta(microseconds=999))

    assert reason(late) is None


def test_views_and_clicks_have_their_own_lookback() -> None:
    lookbacks = engine.Lookbacks(click=2 * DAY, view=5 * DAY)
    found = journey(touch("view", 3 * DAY, kind=KINDS[0]), touch("click", 3 * DAY), touch("visit", 3 * DAY))

    assert [one.touchpoint.id for one in engine.credit(LINEAR, found, lookbacks) if one.touchpoint] == ["view"]


@pytest.mark.parametrize("lookback", [-MS, 91 * DAY, timedelta.max])
def test_impossible_lookbacks_are_refused(lookback: timedelta) -> None:
    with pytest.raises(engine.BadLookbackError):
        engine.Lookbacks(click=lookback)


@pytest.mark.parametrize("night", ["2026-03-29T12:00", "2026-10-25T12:00"])
def test_change_of_clocks_moves_no_touchpoint(night: str) -> None:
    """A day of 23 or 25 hours is no reason to count 24 hours otherwise: lookbacks are elapsed time."""
    converted_at = datetime.fromisoformat(night).replace(tzinfo=ZoneInfo("Europe/Berlin"))
    conversion = engine.Conversion("sale", converted_at)
    exactly = converted_at.astimezone(UTC) - timedelta(hours=24)

    for touched_at, expected in ((exactly, None), (exactly - MS, "outside_window")):
        local = touched_at.astimezone(ZoneInfo("Europe/Berlin"))
        view = engine.Touchpoint("v", engine.TouchKind.VIEW, local, local, "Display")
        found = engine.Journey(conversion, (view,), "u:ann")
        assert engine.unattributed_reason(found, engine.Lookbacks()) == expected


def test_time_zones_of_the_same_instant_are_equal() -> None:
    tokyo = timezone(timedelta(hours=9))
    found = journey(touch("a", 14 * DAY), touch("b", 7 * DAY), touch("c"))
    elsewhere = tuple(replace(one, touched_at=one.touched_at.astimezone(tokyo)) for one in found.touchpoints)

    decay = engine.METHODS["time_decay"].spec
    assert shares(decay, replace(found, touchpoints=elsewhere)) == shares(decay, found)


def test_instants_without_a_zone_are_refused() -> None:
    naive = engine.Touchpoint("t", engine.TouchKind.CLICK, datetime(2026, 5, 1), NOON)  # noqa: DTZ001

    with pytest.raises(engine.NaiveInstantError):
        engine.credit(LAST, journey(naive))
    with pytest.raises(engine.NaiveInstantError):
        engine.milliseconds(datetime(2026, 5, 1))  # noqa: DTZ001


def test_at_equal_times_click_beats_visit_beats_view() -> None:
    view, visit, click = (touch(kind, kind=kind) for kind in KINDS)

    assert winner(click, view, visit) == "click"
    assert winner(visit, view) == "visit"


def test_at_equal_times_and_kinds_the_later_received_wins() -> None:
    assert winner(touch("b", received_after=MS), touch("a")) == "b"


def test_at_equal_everything_the_smaller_id_wins() -> None:
    assert winner(touch("b"), touch("a"), touch("c")) == "a"


def test_a_later_view_beats_an_earlier_click_for_last_touch() -> None:
    assert winner(touch("click", MS), touch("view", kind=engine.TouchKind.VIEW)) == "view"


def test_a_repeated_id_is_one_touchpoint_the_first_received() -> None:
    """R2."""
    first, again = touch("t", DAY, "Email"), touch("t", DAY, "Display", received_after=MS)

    earned = engine.credit(LINEAR, journey(again, first, again))

    assert [(one.channel, one.share) for one in earned] == [("Email", 1.0)]


@pytest.mark.parametrize(("platform", "channel"), [("web", "Direct"), ("server", "Direct"), ("ios", "Organic")])
def test_conversion_without_touchpoints_is_kept_as_one_row(platform: str, channel: str) -> None:
    conversion = engine.Conversion("sale", NOON, Decimal("9.99"), "EUR", platform)

    earned = engine.credit(LINEAR, engine.Journey(conversion, person="u:ann"))

    expected = engine.Credit("sale", None, channel, 1.0, Decimal("9.99"), "no_touchpoint")
    assert earned == [expected]


def test_missing_identity_is_its_own_reason() -> None:
    found = engine.Journey(engine.Conversion("sale", NOON), person=None)

    assert engine.unattributed_reason(found, engine.Lookbacks()) == "identity_missing"


def test_most_specific_lookback_wins_for_each_kind() -> None:
    lookbacks = engine.Lookbacks(
        overrides=(
            engine.LookbackOverride(source="google", click=3 * DAY, view=2 * DAY),
            engine.LookbackOverride(campaign="spring", click=4 * DAY),
            engine.LookbackOverride("google", "spring", click=5 * DAY),
            engine.LookbackOverride(ad_group="boots", click=6 * DAY),
            engine.LookbackOverride("google", ad_group="boots", click=7 * DAY),
        )
    )

    def lookback(kind: engine.TouchKind, source: str, campaign: str, ad_group: str = "") -> timedelta:
        touched = replace(touch("t", kind=kind), source=source, campaign=campaign, ad_group=ad_group)
        return lookbacks.of_touchpoint(touched)

    click, view = engine.TouchKind.CLICK, engine.TouchKind.VIEW
    assert lookback(click, "google", "spring") == 5 * DAY
    assert lookback(click, "bing", "spring") == 4 * DAY
    assert lookback(click, "google", "autumn") == 3 * DAY
    assert lookback(click, "bing", "spring", "boots") == 6 * DAY
    assert lookback(click, "google", "spring", "boots") == 7 * DAY
    assert lookback(click, "bing", "") == 30 * DAY
    assert lookback(view, "google", "spring") == 2 * DAY
    assert lookback(view, "bing", "spring") == DAY
    outside = replace(touch("t", 3 * DAY + MS), source="google")
    assert engine.unattributed_reason(journey(outside), lookbacks) == "outside_window"


def test_overrides_that_make_no_sense_are_refused() -> None:
    for parameters in ({"click": DAY}, {"source": "google"}, {"source": "google", "view": 91 * DAY}):
        with pytest.raises(engine.BadLookbackError):
            engine.LookbackOverride(**parameters)  # type: ignore[arg-type]
    twice = engine.LookbackOverride("google", click=DAY)
    with pytest.raises(engine.BadLookbackError, match="same"):
        engine.Lookbacks(overrides=(twice, replace(twice, view=DAY)))
    with pytest.raises(engine.BadLookbackError, match="arrays"):
        engine.credit_arrays(
            LINEAR, engine.JourneyArrays.of([journey(touch("t"))]), engine.Lookbacks(overrides=(twice,))
        )
