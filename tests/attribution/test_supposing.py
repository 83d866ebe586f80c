"""What-if beside a brute force by the engine, one test for each kind of rule that can be tried (R3, R4, R7, R10)."""

import random
from collections import defaultdict
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

import attribution as engine
from apps.attribution import queries, services
from apps.attribution.domain import method_parameters
from apps.attribution.domain.lookbacks import LookbackVersion, overrides_at
from apps.attribution.domain.scenarios import RuleValues, Scenario
from apps.attribution.domain.training import TrainingOptions
from apps.attribution.domain.trials import BadTrial, TrialRules, TrialTraining
from apps.attribution.models import Goal, GoalVersion, Promotion, RulesVersion, Trial
from apps.orgs.models import PropertySettings
from apps.shared import clickhouse
from tests.attribution import brute_force, brute_paths, worlds
from tests.attribution.brute_force import TestGoal

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clickhouse")]
PERIOD = (datetime(2026, 2, 1, tzinfo=UTC), datetime(2026, 8, 1, tzinfo=UTC))
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
SALE = TestGoal(lambda one: one.event.name == "Order Completed")
OVERRIDES = (
    engine.LookbackOverride(source="google", click=2 * DAY),
    engine.LookbackOverride(campaign="spring", click=60 * DAY, view=7 * DAY),
    engine.LookbackOverride("google", "brand", "boots", click=HOUR),
)
World = list[worlds.Sent]


@pytest.fixture
def world(property_id: int) -> World:
    """A built world with one goal."""
    sent = worlds.random_crowd(random.Random("supposing"), 20)
    worlds.store(property_id, sent, timezone.now())
    services.create_goal(property_id=property_id, made_by=None, name="Sale", event_name="Order Completed")
    services.build_journeys(property_id=property_id, clock=timezone.now)
    return sent


def in_force(property_id: int, **changes: Any) -> Scenario:
    now = queries.rule_values(property_id)
    return replace(Scenario(now.goal_id, now.method, now.click_lookback, now.view_lookback), **changes)


def by_engine(
    journeys: list[engine.Journey], spec: engine.MethodSpec, lookbacks: Callable[[engine.Journey], engine.Lookbacks]
) -> dict[str, tuple[float, Decimal]]:
    """Return conversions and euros by channel, "" being unattributed, one journey after the other."""
    found: dict[str, list[Any]] = defaultdict(lambda: [0.0, Decimal(0)])
    for journey in journeys:
        conversion = journey.conversion
        if not journey.is_counted or not PERIOD[0] <= conversion.converted_at < PERIOD[1]:
            continue
        is_refund = bool(conversion.refund_of) or conversion.value < 0 or conversion.value.is_signed()
        own = journey
        if conversion.currency not in ("", "EUR"):
            own = replace(journey, conversion=replace(conversion, value=Decimal(0)))
        elif not conversion.currency:
            own = replace(journey, conversion=replace(conversion, currency="EUR"))
        for part in engine.credit(spec, own, lookbacks(journey)):
            key = part.channel if part.touchpoint is not None or part.channel == engine.BASELINE else ""
            found[key][0] += 0 if is_refund else part.share
            found[key][1] += part.amount
    return {key: (round(share, 6), money) for key, (share, money) in found.items() if share or money}


def by_sql(property_id: int, scenario: Scenario) -> dict[str, tuple[float, Decimal]]:
    """Return the same from the reports, and check that rows and the unattributed are the whole, exactly."""
    rows = queries.credit_by(property_id, period=PERIOD, **scenario.question())
    totals = queries.totals(property_id, period=PERIOD, **scenario.bounds())
    assert sum(row.conversions for row in rows) + totals.unattributed == pytest.approx(totals.conversions, abs=1e-6)
    assert sum(row.revenue for row in rows) + totals.unattributed_revenue == totals.revenue
    found = {row.key: (round(row.conversions, 6), row.revenue) for row in rows}
    found[""] = (float(totals.unattributed), totals.unattributed_revenue)
    return {key: figures for key, figures in found.items() if any(figures)}


def check(found: dict[str, tuple[float, Decimal]], wanted: dict[str, tuple[float, Decimal]]) -> None:
    assert found.keys() == wanted.keys()
    for key, (share, money) in wanted.items():
        assert found[key][0] == pytest.approx(share, abs=1e-5), key
        assert found[key][1] == money, key


def usual(scenario: Scenario) -> Callable[[engine.Journey], engine.Lookbacks]:
    lookbacks = engine.Lookbacks(scenario.click_lookback, scenario.view_lookback, scenario.overrides or ())
    return lambda _: lookbacks


def build(sent: World, goal: TestGoal, **options: Any) -> list[engine.Journey]:
    every = {one.event.id: one for one in sent}
    met = {name for name, one in every.items() if goal.meets(one)}
    rule = _rule(every, met, goal)
    return engine.build_journeys([replace(one.event, value=goal.worth(one)) for one in every.values()], rule, **options)


def _rule(every: dict[str, worlds.Sent], met: set[str], goal: TestGoal) -> engine.GoalRule:
    taken = set() if goal.is_fixed else {name for name, one in every.items() if brute_force._takes_back(one.event)}
    orders = {every[name].event.order_id for name in met - taken} - {""}
    refunds = {name for name in taken if name in met or every[name].event.order_id in orders}
    return engine.GoalRule(
        is_conversion=lambda event: event.id in met,
        is_refund=lambda event: event.id in refunds,
        counting="once" if goal.is_once else "every",
    )


def tried(property_id: int, rules: TrialRules) -> int:
    window = (PERIOD[0], PERIOD[1])
    row = services.ask_trial(property_id=property_id, rules=rules, window=window, asked_by=None, now=timezone.now())
    done = services.run_trial(trial_id=row.pk, clock=timezone.now)
    assert done.status == "succeeded", done.error
    return int(done.pk)


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


@pytest.mark.parametrize(
    "options", [TrainingOptions("markov", 2), TrainingOptions("shapley", 1, "collapse", drops_direct=True)]
)
def test_retraining_in_a_trial_is_the_training_that_would_follow(
    property_id: int, world: World, options: TrainingOptions
) -> None:
    """R7: with nothing else changed, a trial learns bit for bit what a training learns, and credits by it."""
    now = queries.rule_values(property_id)
    training = TrialTraining(options, now.click_lookback, now.view_lookback)
    trial_id = tried(property_id, TrialRules(now.goal_id, training=training))
    run = services.ask_training(
        property_id=property_id, goal_id=now.goal_id, method=options.method, window=PERIOD, asked_by=None,
        now=timezone.now(), order=options.order, repeats=options.repeats, drops_direct=options.drops_direct,
    )  # fmt: skip
    run = services.train_method(training_id=run.pk, clock=timezone.now)
    fit = engine.Fit.from_dict(Trial.objects.get(pk=trial_id).fit or {})
    scenario = in_force(property_id, method=options.method, trial_id=trial_id)

    found = by_sql(property_id, scenario)

    assert run.fit == fit.to_dict()
    assert (fit.spec.repeats, bool(fit.spec.prefers)) == (options.repeats, options.drops_direct)
    check(found, by_engine(brute_force.engine_journeys(world, SALE), fit.spec, usual(scenario)))
    assert found == by_sql(property_id, in_force(property_id, method=options.method))


_OTHER_JOURNEYS: dict[str, tuple[dict[str, Any], dict[str, Any], dict[str, Any]]] = {
    "gap": ({"visit_gap": 5 * timedelta(minutes=1)}, {}, {"visit_gap": 5 * timedelta(minutes=1)}),
    "counting": ({"definition": {"counting": "once"}}, {"is_once": True}, {}),
    "event": ({"definition": {"event_name": "Signed Up"}}, {"meets": lambda one: one.event.name == "Signed Up"}, {}),
    "overrides": ({"overrides": OVERRIDES}, {}, {}),
}


@pytest.mark.parametrize("name", _OTHER_JOURNEYS)
@pytest.mark.parametrize(
    "options", [TrainingOptions("markov", 2), TrainingOptions("shapley")], ids=["markov", "shapley"]
)
def test_retraining_on_what_is_tried_equals_the_engine(
    property_id: int, world: World, options: TrainingOptions, name: str
) -> None:
    """R4: other journeys, or other windows, are learned from as they are credited."""
    changes, test_changes, build = _OTHER_JOURNEYS[name]
    goal, overrides = Goal.objects.get(), changes.get("overrides")
    now = queries.rule_values(property_id)
    tries = {key: value for key, value in changes.items() if key != "overrides"}
    if "definition" in tries:
        tries["definition"] = {**goal.definition(), **tries["definition"]}
    versions = queries.versions_in_use(property_id, overrides)
    training = TrialTraining(options, now.click_lookback, now.view_lookback, versions=versions)
    trial_id = tried(property_id, TrialRules(goal.pk, training=training, **tries))
    own_conversions = "definition" in tries
    scenario = in_force(
        property_id, method=options.method, trial_id=trial_id, overrides=overrides, has_own_conversions=own_conversions
    )
    test_goal = replace(SALE, **test_changes)
    window = engine.Lookbacks(now.click_lookback, now.view_lookback, overrides or ())

    found = by_sql(property_id, scenario)

    fit = engine.Fit.from_dict(Trial.objects.get(pk=trial_id).fit or {})
    paths = brute_paths.paths(property_id, world, test_goal, PERIOD, lambda _: window, **build)
    counts = engine.CoalitionCounts.of(paths) if options.method == "shapley" else engine.TransitionCounts.of(paths, 2)
    wanted = engine.LEARNED[options.method].fit(counts)
    assert fit.data_hash == wanted.data_hash
    assert fit.channels == wanted.channels
    check(found, by_engine(brute_force.engine_journeys(world, test_goal, **build), wanted.spec, lambda _: window))


def test_training_honours_the_overrides_in_force(property_id: int, world: World) -> None:
    """SEMANTICS 1: a change applies forward, in training as in reading."""
    goal, since = Goal.objects.get(), worlds.START + 2 * DAY
    services.change_lookbacks(
        property_id=property_id, seen_version=0, overrides=[{"source": "google", "click": 1}], covers_past=False,
        made_by=None, now=since,
    )  # fmt: skip
    versions, rules = queries.lookback_versions(property_id).versions, queries.rule_values(property_id)
    run = services.ask_training(
        property_id=property_id, goal_id=goal.pk, method="markov", window=PERIOD, asked_by=None, now=timezone.now()
    )

    run = services.train_method(training_id=run.pk, clock=timezone.now)

    def lookbacks(instant: datetime) -> engine.Lookbacks:
        return engine.Lookbacks(rules.click_lookback, rules.view_lookback, overrides_at(versions, instant))

    paths = brute_paths.paths(property_id, world, SALE, PERIOD, lookbacks)
    assert run.data_hash == engine.TransitionCounts.of(paths, 1).data_hash
    plain = brute_paths.paths(property_id, world, SALE, PERIOD, lambda _: replace(lookbacks(since), overrides=()))
    assert run.data_hash != engine.TransitionCounts.of(plain, 1).data_hash


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
