"""What-if beside a brute force by the engine, one test for each kind of rule that can be tried (R3, R4, R7, R10)."""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

import attribution as engine
from apps.attribution import queries, services
from apps.attribution.domain import method_parameters
from apps.attribution.domain.lookbacks import LookbackVersion, overrides_at
from apps.attribution.domain.scenarios import RuleValues
from apps.attribution.domain.trials import BadTrial, TrialRules
from apps.attribution.models import Goal, GoalVersion, Promotion, RulesVersion, Trial
from apps.orgs.models import PropertySettings
from apps.shared import clickhouse
from tests.attribution import brute_force, worlds
from tests.attribution.supposed import (
    DAY,
    HOUR,
    OVERRIDES,
    PERIOD,
    SALE,
    World,
    build,
    by_engine,
    by_sql,
    check,
    in_force,
    tried,
    usual,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clickhouse")]


@pytest.mark.parametrize(
    ("method", "parameters"),
    [
        ("time_decay", {"half_life": 12}),
        ("position_based", {"first": 0.7, "rest": 0.2, "last": 0.1}),
        ("custom", {"from_start": [3, 1], "otherwise": 0.5, "by_channel": {"Email": 2.0}, "by_kind": {"view": 0.25}}),
    ],
)
def test_parameters_that_are_tried_equal_the_engine(
    property_id: int, world: World, method: str, parameters: dict[str, Any]
) -> None:
    scenario = in_force(property_id, method=method, parameters=parameters)
    spec = method_parameters.spec_of(method, parameters)

    found = by_sql(property_id, scenario)

    check(found, by_engine(brute_force.engine_journeys(world, SALE), spec, usual(scenario)))
    assert found != by_sql(property_id, in_force(property_id, method=method, parameters={}))


def test_overrides_that_are_tried_equal_the_engine(property_id: int, world: World) -> None:
    scenario = in_force(property_id, method="linear", overrides=OVERRIDES)

    found = by_sql(property_id, scenario)

    check(found, by_engine(brute_force.engine_journeys(world, SALE), engine.METHODS["linear"].spec, usual(scenario)))
    assert found != by_sql(property_id, in_force(property_id, method="linear"))


def test_another_visit_gap_equals_the_engine_and_its_moves_add_up(property_id: int, world: World) -> None:
    goal_id = queries.rule_values(property_id).goal_id
    trial_id = tried(property_id, TrialRules(goal_id, visit_gap=5 * timedelta(minutes=1)))
    scenario = in_force(property_id, method="linear", trial_id=trial_id)
    journeys = build(world, SALE, visit_gap=5 * timedelta(minutes=1))

    found = by_sql(property_id, scenario)

    check(found, by_engine(journeys, engine.METHODS["linear"].spec, usual(scenario)))
    before = in_force(property_id, method="linear")
    today = by_sql(property_id, before)
    assert found != today
    change: dict[str, float] = defaultdict(float)
    for one in queries.credit_moves(property_id, before=before, after=scenario, period=PERIOD):
        change[one.giver or ""] -= one.conversions
        change[one.taker or ""] += one.conversions
    for key in found.keys() | today.keys():
        gained = found.get(key, (0.0,))[0] - today.get(key, (0.0,))[0]
        assert change[key] == pytest.approx(gained, abs=1e-5), key


_DEFINITIONS = {
    "once": ({"counting": "once"}, {"is_once": True}),
    "filter": (
        {"filters": [["plan", "equals", "pro"]]},
        {"meets": lambda one: one.event.name == "Order Completed" and one.properties.get("plan") == "pro"},
    ),
    "value": ({"value_field": "margin"}, {"worth": lambda one: Decimal(str(one.properties.get("margin", 0)))}),
    "event": ({"event_name": "Signed Up"}, {"meets": lambda one: one.event.name == "Signed Up"}),
    "fixed": ({"fixed_value": "12.5"}, {"worth": lambda _: Decimal("12.5"), "is_fixed": True}),
}


@pytest.mark.parametrize("name", _DEFINITIONS)
def test_another_definition_of_the_goal_equals_the_engine(property_id: int, world: World, name: str) -> None:
    changes, test_changes = _DEFINITIONS[name]
    goal = Goal.objects.get()
    trial_id = tried(property_id, TrialRules(goal.pk, definition={**goal.definition(), **changes}))
    scenario = in_force(property_id, method="linear", trial_id=trial_id, has_own_conversions=True)
    journeys = brute_force.engine_journeys(world, replace(SALE, **test_changes))

    found = by_sql(property_id, scenario)

    check(found, by_engine(journeys, engine.METHODS["linear"].spec, usual(scenario)))
    with pytest.raises(queries.GoalsDiffer):
        queries.credit_moves(property_id, before=in_force(property_id), after=scenario, period=PERIOD)


def test_stored_weights_are_tried_at_once(property_id: int, world: World) -> None:
    run = services.ask_training(
        property_id=property_id, goal_id=queries.rule_values(property_id).goal_id, method="markov", window=PERIOD,
        asked_by=None, now=timezone.now(),
    )  # fmt: skip
    services.train_method(training_id=run.pk, clock=timezone.now)
    run.refresh_from_db()
    scenario = in_force(property_id, method="markov", overrides=OVERRIDES)

    found = by_sql(property_id, scenario)

    spec = engine.Fit.from_dict(run.fit or {}).spec
    check(found, by_engine(brute_force.engine_journeys(world, SALE), spec, usual(scenario)))


def test_looking_and_trying_write_no_rules_and_move_no_report(property_id: int, world: World) -> None:
    """R10: nothing is written until it is promoted."""
    goal = Goal.objects.get()
    before = (by_sql(property_id, in_force(property_id)), brute_force.stored_rows(property_id, goal.pk))

    tried(property_id, TrialRules(goal.pk, definition={**goal.definition(), "counting": "once"}, visit_gap=HOUR))
    by_sql(property_id, in_force(property_id, overrides=OVERRIDES, parameters={}))

    assert (by_sql(property_id, in_force(property_id)), brute_force.stored_rows(property_id, goal.pk)) == before
    assert not RulesVersion.objects.exists()
    assert not Promotion.objects.exists()
    assert GoalVersion.objects.count() == 1
    assert PropertySettings.objects.count() == 1


def test_a_full_build_keeps_trials_and_a_week_ends_them(property_id: int, world: World) -> None:
    trial_id = tried(property_id, TrialRules(Goal.objects.get().pk, visit_gap=HOUR))
    scenario = in_force(property_id, trial_id=trial_id)
    shown = by_sql(property_id, scenario)

    services.build_journeys(property_id=property_id, clock=timezone.now, is_full=True)

    assert by_sql(property_id, scenario) == shown
    assert queries.trial(property_id, trial_id=trial_id).is_stale
    services.tidy_up_trials(now=timezone.now() + 8 * DAY)
    with pytest.raises(queries.UnknownTrial):
        by_sql(property_id, scenario)
    sql = "SELECT count() FROM journeys WHERE property_id = {property_id:UInt64} AND goal_id > {least:UInt64}"
    assert clickhouse.select(sql, int, property_id=property_id, least=1 << 62) == [0]


def promote(property_id: int, wanted: RuleValues, *, covers_past: bool = False, note: str = "") -> Promotion:
    seen = queries.rule_values(property_id)
    made = services.promote(
        property_id=property_id, made_by=None, seen=seen, wanted=wanted, covers_past=covers_past, note=note,
        now=timezone.now(),
    )  # fmt: skip
    services.build_journeys(property_id=property_id, clock=timezone.now)
    return made


def undo(property_id: int, number: int) -> None:
    services.undo_promotion(property_id=property_id, number=number, made_by=None, now=timezone.now())
    services.build_journeys(property_id=property_id, clock=timezone.now)


_PROMOTED: dict[str, Callable[[RuleValues], RuleValues]] = {
    "parameters": lambda now: replace(now, parameters={"time_decay": {"half_life": 12}}),
    "overrides": lambda now: replace(now, overrides=OVERRIDES),
    "visit_gap": lambda now: replace(now, visit_gap=timedelta(minutes=5)),
    "definitions": lambda now: replace(
        now, definitions={goal: {**one, "counting": "once"} for goal, one in now.definitions.items()}
    ),
}


@pytest.mark.parametrize("name", _PROMOTED)
def test_what_was_tried_is_what_reports_say_after_the_promotion(property_id: int, world: World, name: str) -> None:
    """R10: each changed setting is a new version, and an undoing brings back what was, to the cent."""
    today = queries.rule_values(property_id)
    wanted = replace(_PROMOTED[name](today), method="time_decay")
    supposed: dict[str, Any] = {"method": "time_decay"}
    if name == "parameters":
        supposed["parameters"] = {"half_life": 12}
    if name == "overrides":
        supposed["overrides"] = OVERRIDES
    if name in ("visit_gap", "definitions"):
        definition = wanted.definitions[today.goal_id] if name == "definitions" else None
        gap = wanted.visit_gap if name == "visit_gap" else None
        supposed["trial_id"] = tried(property_id, TrialRules(today.goal_id, definition, gap))
    before, shown = by_sql(property_id, in_force(property_id)), by_sql(property_id, in_force(property_id, **supposed))

    made = promote(property_id, wanted, covers_past=True, note="because")

    assert by_sql(property_id, in_force(property_id)) == shown
    assert shown != before
    assert queries.promotions(property_id)[0].after.differences(today) == ["method", name]
    undo(property_id, made.number)
    assert by_sql(property_id, in_force(property_id)) == before
    assert not queries.rule_values(property_id).differences(today)


def test_overrides_apply_forward_unless_the_past_is_asked_for(property_id: int, world: World) -> None:
    """SEMANTICS 1: conversions of before keep their lookbacks; a rerun is asked for, and a preview shows it."""
    since = worlds.START + 2 * DAY
    rows = queries.rule_values(property_id)
    services.change_lookbacks(
        property_id=property_id, seen_version=0, overrides=[{"source": "google", "click": 1}], covers_past=False,
        made_by=None, now=since,
    )  # fmt: skip
    versions = queries.lookback_versions(property_id).versions
    scenario = in_force(property_id, method="linear")

    def lookbacks(journey: engine.Journey) -> engine.Lookbacks:
        own = overrides_at(versions, journey.conversion.counted_from)
        return engine.Lookbacks(rows.click_lookback, rows.view_lookback, own)

    found = by_sql(property_id, scenario)
    check(found, by_engine(brute_force.engine_journeys(world, SALE), engine.METHODS["linear"].spec, lookbacks))
    preview = by_sql(property_id, replace(scenario, overrides=versions[0].overrides))
    assert preview != found
    services.change_lookbacks(
        property_id=property_id, seen_version=1, overrides=[{"source": "google", "click": 1}], covers_past=True,
        made_by=None, now=since, note="rerun",
    )  # fmt: skip
    assert by_sql(property_id, scenario) == preview
    assert versions == (LookbackVersion(versions[0].overrides, since),)


def test_explanation_judges_by_the_overrides_of_its_time(property_id: int, world: World) -> None:
    """R6."""
    services.change_lookbacks(
        property_id=property_id, seen_version=0, overrides=[{"source": "google", "click": 1}], covers_past=True,
        made_by=None, now=timezone.now(),
    )  # fmt: skip
    scenario = in_force(property_id, method="linear")
    listed = queries.conversions(property_id, goal_id=scenario.goal_id, period=PERIOD, method="linear", limit=500)

    codes = set()
    for row in listed.rows:
        told = queries.journey(property_id, conversion_id=row.id, goal_id=scenario.goal_id, method="linear")
        codes |= {
            one.code for one in told.touchpoints if one.source == "google" and one.age > HOUR and one.kind != "view"
        }
    assert codes == {"outside_click_lookback"}


@pytest.mark.parametrize(
    "rules",
    [
        TrialRules(0, visit_gap=HOUR),
        TrialRules(1),
        TrialRules(1, visit_gap=timedelta(seconds=1)),
        TrialRules(1, definition={"kind": "track"}),
        TrialRules(1, definition={"kind": "track", "event_name": "x", "filters": [["a", "b", "c"]]}),
    ],
)
def test_nonsense_is_not_tried(property_id: int, rules: TrialRules) -> None:
    goal = services.create_goal(property_id=property_id, made_by=None, name="Sale", event_name="Order Completed")
    wanted = replace(rules, goal_id=goal.pk if rules.goal_id else 0)

    with pytest.raises(BadTrial):
        services.ask_trial(property_id=property_id, rules=wanted, window=PERIOD, asked_by=None, now=timezone.now())

    assert not Trial.objects.exists()
