"""From events to visits, touchpoints and journeys."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import attribution as engine
from tests.engine.builders import DAY, MS, NOON

MINUTE = timedelta(minutes=1)
GAP = engine.VISIT_GAP
GOAL = engine.GoalRule(is_conversion=lambda event: event.name == "Order Completed")
ONCE = engine.GoalRule(is_conversion=GOAL.is_conversion, counting="once")


def event(key: str, /, after: timedelta = timedelta(0), kind: str = "page", **fields: Any) -> engine.Event:
    """Return an event of Ann's browser, *after* noon."""
    at = NOON + after
    return engine.Event(key, kind, at, at, **({"anonymous_id": "browser", "name": key} | fields))


def sourced(key: str, /, after: timedelta, source: str, **fields: Any) -> engine.Event:
    """Return a page reached by a campaign of *source*."""
    return event(key, after, source=source, medium="cpc", channel="Paid Search", has_source=True, **fields)


def order(key: str, /, after: timedelta, **fields: Any) -> engine.Event:
    """Return an order of 100."""
    return event(key, after, "track", **({"name": "Order Completed", "value": Decimal(100)} | fields))


def opened(*events: engine.Event) -> list[str]:
    """Return the ids of the events that are touchpoints, in order of time."""
    found = [touchpoint for _, touchpoint in engine.touchpoints_of(events)]
    return [one.id for one in engine.in_touch_order(found)]


def paths(*events: engine.Event, goal: engine.GoalRule = GOAL) -> dict[str, list[str]]:
    """Return the touchpoints of each conversion."""
    return {one.conversion.id: [touch.id for touch in one.touchpoints] for one in engine.build_journeys(events, goal)}


@pytest.mark.parametrize(("silence", "expected"), [(GAP, ["a"]), (GAP + MS, ["a", "b"]), (GAP - MS, ["a"])])
def test_silence_longer_than_the_gap_ends_a_visit(silence: timedelta, expected: list[str]) -> None:
    assert opened(event("a"), event("b", silence)) == expected


def test_every_page_keeps_the_visit_alive() -> None:
    assert opened(*(event(f"p{number}", number * GAP) for number in range(5))) == ["p0"]


def test_another_campaign_opens_a_visit_and_direct_continues_it() -> None:
    events = (
        sourced("google", 0 * MINUTE, "google"),
        event("inside", 1 * MINUTE),
        sourced("same again", 2 * MINUTE, "google"),
        sourced("bing", 3 * MINUTE, "bing"),
        event("inside bing", 4 * MINUTE),
        sourced("google again", 5 * MINUTE, "google"),
    )

    assert opened(*events) == ["google", "bing", "google again"]


def test_a_campaign_interrupts_a_direct_visit() -> None:
    assert opened(event("direct"), sourced("ad", MINUTE, "google")) == ["direct", "ad"]


def test_a_sourced_event_of_the_same_instant_opens_before_a_direct_one() -> None:
    assert opened(event("a"), sourced("z", timedelta(0), "google")) == ["z"]


def test_a_track_alone_opens_no_direct_visit() -> None:
    """A server's order must not become a direct touchpoint of the person who ordered."""
    server = order("sale", DAY, anonymous_id="", user_id="ann", platform="server")

    assert opened(server) == []
    assert opened(event("t", kind="track"), event("p", MINUTE), event("u", 2 * MINUTE, "track")) == ["p"]
    assert opened(sourced("t", timedelta(0), "google", kind="track")) == ["t"]


def test_devices_have_visits_of_their_own() -> None:
    assert opened(event("a"), event("b", MINUTE, anonymous_id="phone")) == ["a", "b"]


def test_clicks_and_impressions_are_touchpoints_beside_visits() -> None:
    events = (event("seen", kind="impression"), event("clicked", MINUTE, "click"), event("landed", 2 * MINUTE))

    kinds = [touchpoint.kind for _, touchpoint in engine.touchpoints_of(events)]
    assert sorted(kinds) == ["click", "view", "visit"]


def test_landing_campaign_survives_the_pages_after_it() -> None:
    """The credit belongs to the visit's source, not to the address of the last page."""
    events = (sourced("landing", timedelta(0), "google"), event("basket", MINUTE), order("sale", 2 * MINUTE))

    (found,) = engine.build_journeys(events, GOAL)

    earned = engine.credit(engine.METHODS["last_touch"].spec, found)
    assert [(one.channel, one.share) for one in earned] == [("Paid Search", 1.0)]


def test_every_conversion_of_a_visit_is_a_journey() -> None:
    events = (event("page"), order("first", MINUTE), order("second", 2 * MINUTE))

    assert paths(*events) == {"first": ["page"], "second": ["page"]}


def test_once_counts_the_first_of_a_person_and_keeps_the_others() -> None:
    events = (order("second", MINUTE), order("first", timedelta(0)), order("other", DAY, anonymous_id="else"))

    counted = {one.conversion.id: one.is_counted for one in engine.build_journeys(events, ONCE)}
    assert counted == {"first": True, "second": False, "other": True}


def test_conversions_without_touchpoints_or_identity_are_kept() -> None:
    events = (order("nobody", timedelta(0), anonymous_id=""), order("stranger", timedelta(0), anonymous_id="else"))

    reasons = {
        one.conversion.id: engine.unattributed_reason(one, engine.Lookbacks())
        for one in engine.build_journeys(events, GOAL)
    }
    assert reasons == {"nobody": "identity_missing", "stranger": "no_touchpoint"}


@pytest.mark.parametrize(("age", "expected"), [(90 * DAY, ["old"]), (90 * DAY + MS, []), (0 * DAY, ["old"])])
def test_widest_lookback_bounds_the_candidates(age: timedelta, expected: list[str]) -> None:
    assert paths(event("old", -age, "click"), order("sale", timedelta(0)))["sale"] == expected


def test_a_device_joined_later_brings_its_earlier_visits() -> None:
    before = (event("page"), order("sale", DAY, anonymous_id="", user_id="ann"))
    login = event("login", 2 * DAY, "identify", user_id="ann")

    assert paths(*before) == {"sale": []}
    assert paths(*before, login) == {"sale": ["page"]}


def test_alias_joins_what_the_previous_id_did() -> None:
    events = (
        event("page", anonymous_id="old"),
        event("alias", MINUTE, "alias", anonymous_id="", user_id="ann", previous_id="old"),
        order("sale", DAY, anonymous_id="", user_id="ann"),
    )

    assert paths(*events) == {"sale": ["page"]}


def test_click_and_the_visit_it_opened_are_one_touchpoint() -> None:
    click = event("click", DAY, "click", channel="Email")
    landing = sourced("landing", DAY + MS, "news", own_click="click")
    again = sourced("opened from a bookmark", 2 * DAY, "news", own_click="click")

    assert paths(event("page"), click, landing, again, order("sale", 3 * DAY)) == {"sale": ["page", "click"]}


def test_landing_of_a_click_without_an_id_is_the_touchpoint() -> None:
    click = event("click", anonymous_id="click", kind="click", channel="Email")
    landing = sourced("landing", MS, "news", own_click="click")

    assert paths(click, landing, order("sale", DAY)) == {"sale": ["landing"]}


def test_landing_stands_where_its_click_is_too_late_for_the_journey() -> None:
    landing = sourced("landing", timedelta(0), "news", own_click="click")
    click = event("click", 2 * MINUTE, "click", channel="Email")

    found = paths(landing, click, order("before", MINUTE), order("after", 3 * MINUTE))

    assert found == {"before": ["landing"], "after": ["click"]}


def test_refund_follows_the_credits_of_its_order() -> None:
    late = event("late ad", 3 * DAY, "click", channel="Display")
    refund = order("refund", 5 * DAY, name="Order Refunded", value=Decimal("-33.33"), order_id="7")
    events = (sourced("ad", timedelta(0), "google"), order("sale", MINUTE, order_id="7", currency="EUR"), late, refund)

    sale, taken_back = engine.build_journeys((*events[:3], replace(refund, currency="EUR")), GOAL)

    assert taken_back.conversion.converted_at == NOON + 5 * DAY
    assert taken_back.conversion.refund_of == "sale"
    for method in engine.METHODS.values():
        given, taken = engine.credit(method.spec, sale), engine.credit(method.spec, taken_back)
        assert [(one.channel, one.share) for one in taken] == [(one.channel, one.share) for one in given]
        assert sum(one.amount for one in taken) == Decimal("-33.33")


def test_refund_sent_as_a_positive_amount_is_taken_back_too() -> None:
    goal = engine.GoalRule(GOAL.is_conversion, is_refund=lambda one: one.name == "Order Refunded")
    refund = order("refund", DAY, name="Order Refunded", value=Decimal(40), order_id="7")

    found = engine.build_journeys((order("sale", timedelta(0), order_id="7"), refund), goal)

    assert sum(one.conversion.value for one in found) == Decimal(60)


def test_refund_without_its_order_has_no_touchpoints() -> None:
    refund = order("refund", DAY, value=Decimal(-5), order_id="unknown")

    assert paths(event("page"), refund) == {"refund": []}


def test_milestone_is_the_latest_before_the_conversion() -> None:
    goal = engine.GoalRule(GOAL.is_conversion, is_milestone=lambda one: one.name == "Trial Started")
    trials = [event(f"trial{day}", day * DAY, "track", name="Trial Started") for day in (0, 2, 9)]

    found = engine.build_journeys((*trials, order("sale", 5 * DAY)), goal)

    assert found[0].milestone_at == NOON + 2 * DAY


@st.composite
def _events(draw: st.DrawFn) -> list[engine.Event]:
    """Draw events of two browsers and two users, tied and repeated now and then."""
    drawn = []
    for number in range(draw(st.integers(0, 12))):
        at = NOON + draw(st.sampled_from([0, 1, 29, 30, 31, 60, 60 * 24 * 91])) * MINUTE
        has_source = draw(st.booleans())
        drawn.append(
            engine.Event(
                id=f"e{draw(st.integers(0, 9))}",
                kind=draw(st.sampled_from(["page", "track", "click", "impression", "identify", "alias"])),
                occurred_at=at,
                received_at=at + draw(st.sampled_from([0, 1])) * MINUTE,
                name=draw(st.sampled_from(["Order Completed", "x"])),
                anonymous_id=draw(st.sampled_from(["", "p", "q"])),
                user_id=draw(st.sampled_from(["", "ann", "bob"])),
                previous_id=draw(st.sampled_from(["", "p", "bob"])),
                value=Decimal(number),
                has_source=has_source,
                own_click=draw(st.sampled_from(["", "e1", "e2"])),
                source=draw(st.sampled_from(["google", "bing"])) if has_source else "(direct)",
            )
        )
    return drawn


@given(_events(), st.randoms(use_true_random=False))
def test_arrival_order_and_repetition_change_no_journey(events: list[engine.Event], chance: Random) -> None:
    """R2, R7: late, repeated and reordered events give the same journeys, bit for bit."""
    shuffled = [*events, *events[:3]]
    chance.shuffle(shuffled)

    assert engine.build_journeys(shuffled, GOAL) == engine.build_journeys(events, GOAL)


@given(_events())
def test_no_conversion_is_lost_and_all_credit_is_given(events: list[engine.Event]) -> None:
    """R3, R9."""
    found = engine.build_journeys(events, GOAL)

    kept = {one.id: one for one in sorted(events, key=lambda one: one.received_at, reverse=True)}
    first = {one.id for one in kept.values() if one.name == "Order Completed"}
    if len({one.id for one in events}) == len(events):
        assert {one.conversion.id for one in found} == first
    for method in engine.METHODS.values():
        engine.check_conserved(found, [one for own in found for one in engine.credit(method.spec, own)])


@given(_events())
def test_visits_equal_a_naive_walk_over_each_device(events: list[engine.Event]) -> None:
    """R4: the same visits from a loop that remembers nothing but the visit under way."""
    distinct = list({one.id: one for one in events}.values())
    expected = set()
    for device in {one.device_key for one in distinct}:
        mine = [one for one in distinct if one.device_key == device and one.kind in ("page", "screen", "track")]
        mine.sort(key=lambda one: (one.occurred_at, not one.has_source, one.received_at, one.id))
        campaign, last = None, None
        for one in mine:
            if last is None or one.occurred_at - last > GAP:
                campaign = None
            last = one.occurred_at
            own = (one.source, one.medium, one.campaign) if one.has_source else ("direct",)
            if (campaign is None and (one.has_source or one.kind == "page")) or (one.has_source and own != campaign):
                campaign = own
                expected.add(one.id)

    found = {touch.id for _, touch in engine.touchpoints_of(distinct) if touch.kind == engine.TouchKind.VISIT}
    assert found == expected
