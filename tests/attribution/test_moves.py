"""What a what-if says beside the engine, and what a promotion changes and keeps (R4, R7, R10)."""

import random
from collections import defaultdict
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from math import isclose

import pytest
from django.utils import timezone

import attribution as engine
from apps.attribution import channel_rule_sql, queries, services
from apps.attribution.domain.scenarios import BadRules, RuleRow, Scenario, rows_of_rules, rules_of_rows
from apps.attribution.goal_sql import Parameters
from apps.attribution.models import ChannelRulesVersion, Goal, GoalVersion, Promotion
from apps.orgs import api as orgs
from apps.orgs.models import User
from apps.shared import clickhouse
from tests.attribution import brute_force, worlds
from tests.attribution.brute_force import TestGoal

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clickhouse")]
PERIOD = (datetime(2026, 3, 2, tzinfo=UTC), datetime(2026, 8, 1, tzinfo=UTC))
NOW = datetime(2026, 9, 1, tzinfo=UTC)
DAY = timedelta(days=1)
RULES = engine.ChannelRules.of(
    [
        {"channel": "Brand", "when": [["channel", "is", "Paid Search"], ["campaign", "is", "BRAND"]]},
        {"channel": "Spring", "when": [["campaign", "starts_with", "spr"]]},
        {"channel": "Direct", "when": [["source", "contains", "oog"], ["medium", "ends_with", "anic"]]},
        {"channel": "Rest", "when": [["medium", "is_not", "cpc"]]},
    ]
)
SALE = TestGoal(lambda one: one.event.name == "Order Completed")


@pytest.fixture
def world(property_id: int) -> list[worlds.Sent]:
    """A built world with one goal."""
    sent = worlds.random_world(random.Random("moves"), 400)
    worlds.store(property_id, sent, timezone.now())
    services.create_goal(property_id=property_id, made_by=None, name="Sale", event_name="Order Completed")
    services.build_journeys(property_id=property_id, clock=timezone.now)
    return sent


def in_force(property_id: int) -> Scenario:
    now = queries.rule_values(property_id)
    return Scenario(now.goal_id, now.method, now.click_lookback, now.view_lookback)


def _journeys(world: list[worlds.Sent], rules: engine.ChannelRules | None) -> dict[str, engine.Journey]:
    sent = world
    if rules is not None:
        ruled = engine.with_ruled_channels([one.event for one in world], [rules])
        sent = [replace(one, event=event) for one, event in zip(world, ruled, strict=True)]
    every = brute_force.engine_journeys(sent, SALE)
    return {
        one.conversion.id: one
        for one in every
        if one.is_counted and PERIOD[0] <= one.conversion.converted_at < PERIOD[1]
    }


def _shares(scenario: Scenario, journey: engine.Journey) -> dict[str, float]:
    lookbacks = engine.Lookbacks(scenario.click_lookback, scenario.view_lookback)
    return engine.shares_by_channel(engine.credit(engine.METHODS[scenario.method].spec, journey, lookbacks))


@pytest.mark.parametrize(
    "changes",
    [
        {"method": "linear"},
        {"method": "time_decay", "click_lookback": 7 * DAY},
        {"click_lookback": 90 * DAY, "view_lookback": 7 * DAY},
        {"channel_rules": RULES},
        {"method": "last_paid_click", "channel_rules": RULES, "click_lookback": DAY},
        {"method": "position_based", "channel_rules": engine.ChannelRules()},
    ],
)
def test_every_move_equals_the_engine_s(property_id: int, world: list[worlds.Sent], changes: dict[str, object]) -> None:
    before = in_force(property_id)
    after = replace(before, **changes)  # type: ignore[arg-type]
    rows = {one.conversion_id: one for one in brute_force.expected_rows(world, SALE)}
    old, new = _journeys(world, None), _journeys(world, after.channel_rules)
    expected: dict[tuple[str, str], list[float]] = defaultdict(lambda: [0.0, 0.0])
    for name in rows.keys() & old.keys():
        row = rows[name]
        euros = float(row.value) if row.currency in ("", "EUR") else 0.0
        for key, share in engine.moved_shares(_shares(before, old[name]), _shares(after, new[name])).items():
            expected[key][0] += 0 if row.is_refund else share
            expected[key][1] += euros * share

    found = queries.credit_moves(property_id, before=before, after=after, period=PERIOD)

    assert {(one.giver or "", one.taker or "") for one in found} == set(expected)
    for one in found:
        conversions, revenue = expected[one.giver or "", one.taker or ""]
        assert isclose(one.conversions, conversions, abs_tol=1e-7), one
        assert isclose(float(one.revenue), revenue, abs_tol=0.02), one


def test_moves_add_up_to_the_difference_of_every_channel(property_id: int, world: list[worlds.Sent]) -> None:
    before = in_force(property_id)
    after = replace(before, method="linear", channel_rules=RULES, click_lookback=7 * DAY)

    sides = [queries.credit_by(property_id, period=PERIOD, **one.question()) for one in (before, after)]
    moves = queries.credit_moves(property_id, before=before, after=after, period=PERIOD)

    change: dict[str, float] = defaultdict(float)
    for sign, rows in zip((-1, 1), sides, strict=True):
        for row in rows:
            change[row.key] += sign * row.conversions
    for one in moves:
        change[one.giver or ""] += one.conversions
        change[one.taker or ""] -= one.conversions
    change.pop("", None)  # unattributed is no channel
    assert {name: round(left, 6) for name, left in change.items() if abs(left) > 1e-6} == {}
    assert moves


def test_nothing_moves_under_the_same_rules(property_id: int, world: list[worlds.Sent]) -> None:
    now = in_force(property_id)

    assert queries.credit_moves(property_id, before=now, after=now, period=PERIOD) == []


def test_rules_promoted_for_the_past_are_those_that_were_tried(property_id: int, world: list[worlds.Sent]) -> None:
    """What the page showed before is what every report says afterwards, money to the cent."""
    before = queries.rule_values(property_id)
    tried = replace(in_force(property_id), channel_rules=RULES)
    shown = queries.credit_by(property_id, period=PERIOD, **tried.question())
    wanted = replace(before, channel_rules=RULES)

    services.promote(
        property_id=property_id, made_by=None, seen=before, wanted=wanted, covers_past=True, now=NOW, note="Spring"
    )
    services.build_journeys(property_id=property_id, clock=timezone.now)

    assert queries.credit_by(property_id, period=PERIOD, **in_force(property_id).question()) == shown
    assert {row.key for row in shown} >= {"Brand", "Spring"}


def test_rules_promoted_forward_leave_the_past_as_it_was(property_id: int, world: list[worlds.Sent]) -> None:
    before = queries.rule_values(property_id)
    shown = queries.credit_by(property_id, period=PERIOD, **in_force(property_id).question())

    services.promote(
        property_id=property_id,
        made_by=None,
        seen=before,
        wanted=replace(before, channel_rules=RULES),
        covers_past=False,
        now=NOW,
    )
    run = services.build_journeys(property_id=property_id, clock=timezone.now)

    assert run.kind == "full"
    assert queries.credit_by(property_id, period=PERIOD, **in_force(property_id).question()) == shown


def test_late_event_under_rules_gives_what_a_full_build_gives(property_id: int, world: list[worlds.Sent]) -> None:
    ChannelRulesVersion.objects.create(
        property_id=property_id, version=1, rules=RULES.stored(), applies_from=worlds.START + 2 * DAY
    )
    services.build_journeys(property_id=property_id, clock=timezone.now)
    goal = Goal.objects.get()
    late = worlds.random_world(random.Random("late"), 20)
    late = [replace(one, event=replace(one.event, id=f"late-{one.event.id}")) for one in late]

    worlds.store(property_id, late, timezone.now())
    run = services.build_journeys(property_id=property_id, clock=timezone.now)
    incremental = brute_force.stored_rows(property_id, goal.pk)
    services.build_journeys(property_id=property_id, clock=timezone.now, is_full=True)

    assert run.kind == "incremental"
    assert incremental == brute_force.stored_rows(property_id, goal.pk)


def test_promotion_says_who_and_when_and_can_be_undone(property_id: int, world: list[worlds.Sent], ada: User) -> None:
    other = services.create_goal(property_id=property_id, made_by=ada, name="Lead", event_name="Signed Up")
    before = queries.rule_values(property_id)
    wanted = replace(
        before, goal_id=other.pk, method="linear", click_lookback=7 * DAY, view_lookback=timedelta(hours=6),
        channel_rules=RULES,
    )  # fmt: skip

    made = services.promote(
        property_id=property_id, made_by=ada, seen=before, wanted=wanted, covers_past=True, now=NOW, note="Try"
    )

    assert queries.rule_values(property_id) == wanted
    assert orgs.property_by_id(property_id).rules.version == 2
    assert GoalVersion.objects.filter(goal=other, is_primary=True, made_by=ada).exists()
    services.undo_promotion(property_id=property_id, number=made.number, made_by=ada, now=NOW)
    assert queries.rule_values(property_id) == before
    assert orgs.property_by_id(property_id).rules.version == 3
    newest, first = queries.promotions(property_id)
    assert (newest.undoes, first.undone_by, first.note, first.made_by) == (1, 2, "Try", "ada@example.com")
    assert [row.version for row in ChannelRulesVersion.objects.all()] == [2, 1]
    with pytest.raises(services.UnknownPromotion):
        services.undo_promotion(property_id=property_id, number=made.number, made_by=ada, now=NOW)


def test_promotion_of_what_holds_already_changes_nothing(property_id: int, world: list[worlds.Sent]) -> None:
    now = queries.rule_values(property_id)

    with pytest.raises(services.NothingToPromote):
        services.promote(property_id=property_id, made_by=None, seen=now, wanted=now, covers_past=True, now=NOW)
    assert not Promotion.objects.exists()


def test_rules_that_somebody_changed_meanwhile_are_not_overwritten(
    property_id: int, world: list[worlds.Sent], ada: User
) -> None:
    seen = queries.rule_values(property_id)
    orgs.change_settings(property_id=property_id, made_by=ada, click_lookback=3 * DAY)

    with pytest.raises(services.RulesMovedOn):
        services.promote(
            property_id=property_id,
            made_by=ada,
            seen=seen,
            wanted=replace(seen, method="linear"),
            covers_past=False,
            now=NOW,
        )
    assert queries.rule_values(property_id).method == "last_non_direct"


def test_rows_of_a_form_and_rules_are_the_same_thing() -> None:
    rows = rows_of_rules(RULES)

    assert rules_of_rows(rows) == RULES
    assert [row.channel for row in rows] == ["Brand", "", "Spring", "Direct", "", "Rest"]


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (RuleRow("", "source", "is", "x"), "no_channel"),
        (RuleRow("X", "colour", "is", "red"), "unknown"),
        (RuleRow("X", "source", "like", "red"), "unknown"),
        (RuleRow("X", "source", "contains", ""), "no_value"),
        (RuleRow("X", "source", "is", "y" * 201), "long"),
        (RuleRow("X" * 61, "source", "is", "red"), "long"),
    ],
)
def test_line_that_makes_no_rule_is_named(row: RuleRow, said: str) -> None:
    with pytest.raises(BadRules) as raised:
        rules_of_rows([row])

    assert raised.value.args == (1, said)


def test_last_bits_of_floats_move_nothing() -> None:
    assert engine.moved_shares({"a": 1.0}, {"a": 1.0 + 1e-12}) == {}


WORDS = (
    "",
    "Google",
    "GOOGLE",
    "İstanbul",
    "istanbul",
    "STRASSE",
    "straße",
    "ΣΊΣΥΦΟΣ",
    "σίσυφος",
    "ПАРТНЁР",
    "a%b_c",
    "\\d",
    "'x'",
)


def test_rules_say_the_same_of_any_text_in_sql() -> None:
    """Case is folded alike on both sides, also where a letter has two, and no text is a pattern."""
    conditions = [
        engine.ChannelCondition("source", operator, word)
        for operator in engine.CHANNEL_RULE_OPERATORS
        for word in WORDS
        if word or operator in ("is", "is_not")
    ]
    for condition in conditions:
        rules = engine.ChannelRules((engine.ChannelRule("Own", (condition,)),))
        bound = Parameters("t")
        ruled = channel_rule_sql.ruled_channel(rules, bound)
        sql = f"""
            SELECT arrayMap(source -> {ruled}, {bound.bind(list(WORDS), "Array(String)")})
            FROM (SELECT 'Email' AS channel, '' AS medium, '' AS campaign)
            WHERE {{property_id:UInt64}} = 1
        """
        (found,) = clickhouse.select(sql, list, property_id=1, **bound.values)

        expected = [engine.ruled_channel(rules, channel="Email", source=one, medium="", campaign="") for one in WORDS]
        assert found == expected, condition
