"""Who is kept apart stays apart, and every join has its reason: rules about ids against the engine (R6, R7, R10)."""

import random
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

import attribution as engine
from apps.attribution import queries, services
from apps.attribution.models import BuildRun
from apps.orgs import api as orgs
from tests.attribution import brute_force, worlds
from tests.attribution.brute_force import TestGoal
from tests.attribution.test_identity import _event, _story
from tests.attribution.worlds import START, Sent

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clickhouse")]
SALE = TestGoal(lambda one: one.event.name == "Order Completed")
PERIOD = (START - timedelta(days=1), START + timedelta(days=400))


@pytest.fixture
def goal(property_id: int) -> int:
    made = services.create_goal(property_id=property_id, made_by=None, name="Sale", event_name="Order Completed")
    return int(made.pk)


def build(property_id: int, *, is_full: bool = False) -> BuildRun:
    return services.build_journeys(property_id=property_id, clock=timezone.now, is_full=is_full)


def store(property_id: int, sent: list[Sent], *, seconds: int = 0) -> None:
    worlds.store(property_id, sent, timezone.now() + timedelta(seconds=seconds))


def keep_apart(property_id: int, *pairs: tuple[str, str]) -> int:
    _, version = queries.identity_rules_of(property_id)
    return services.keep_apart(property_id=property_id, made_by=None, seen=version, pairs=pairs).version


def test_log_says_which_event_joined_which_ids_by_which_rule(property_id: int, goal: int) -> None:
    """R6."""
    store(property_id, _story())
    build(property_id)

    person = queries.person(property_id, "phone")

    assert {one.key for one in person.ids} == {"u:ada@old", "u:ada@new", "a:phone", "a:laptop", "a:ada@old"}
    assert [(one.id, one.user, one.rule, one.message_id, one.outcome.value) for one in person.joins] == [
        ("a:phone", "u:ada@old", "login", "identify-phone", "joined"),
        ("a:laptop", "u:ada@new", "login", "identify-laptop", "joined"),
        ("a:ada@old", "u:ada@new", "alias", "alias", "joined"),
        ("u:ada@old", "u:ada@new", "alias", "alias", "joined"),
    ]
    assert [one.conversion_id for one in person.journeys] == ["sale"]
    assert queries.person(property_id, "ada@new").ids == person.ids


def test_parted_ids_stay_apart_through_rebuilds_and_new_evidence_until_undone(property_id: int, goal: int) -> None:
    """R7, R10."""
    story = _story()
    store(property_id, story)
    build(property_id)
    joined = brute_force.stored_rows(property_id, goal)
    pairs = queries.person(property_id, "phone").pairs_of_join("alias")

    version = keep_apart(property_id, *pairs)
    rules, _ = queries.identity_rules_of(property_id)
    build(property_id)
    parted = brute_force.stored_rows(property_id, goal)

    assert pairs == (("a:ada@old", "u:ada@new"), ("u:ada@new", "u:ada@old"))
    assert parted == brute_force.expected_rows(story, SALE, identity=rules)
    assert [touch[0] for touch in parted[0].touches] == ["visit-laptop"]
    again = [
        _event("alias-2", "alias", 600, previous_id="ada@old", user_id="ada@new"),
        _event("early", "alias", -10, previous_id="ada@old", user_id="ada@new"),
    ]
    store(property_id, again, seconds=5)
    run = build(property_id)
    assert run.kind == BuildRun.Kind.INCREMENTAL
    assert brute_force.stored_rows(property_id, goal) == parted
    build(property_id, is_full=True)
    assert brute_force.stored_rows(property_id, goal) == parted

    services.undo_identity(property_id=property_id, version=version, made_by=None)
    build(property_id)
    assert brute_force.stored_rows(property_id, goal) == joined
    with pytest.raises(services.UnknownIdentityVersion):
        services.undo_identity(property_id=property_id, version=version, made_by=None)


def test_preview_of_a_split_is_what_reports_say_after_it(property_id: int, goal: int) -> None:
    store(property_id, _story())
    build(property_id)
    person = queries.person(property_id, "phone")
    pairs = person.pairs_of_id("a:laptop")
    wanted = engine.IdentityRules().with_apart(pairs)

    rules = replace(queries.reading_rules(property_id), identity=wanted)
    seen = queries.preview(property_id, wanted=rules, period=PERIOD, of=person)

    assert seen is not None
    assert (seen.examined, seen.changed) == (1, 1)
    assert [(one.giver, one.taker, one.conversions, one.revenue) for one in seen.moves] == [
        ("Paid Search", "Email", 1.0, Decimal(10))
    ]
    assert [(one.key, one.after) for one in seen.ids] == [("a:laptop", "a:laptop")]
    keep_apart(property_id, *pairs)
    build(property_id)
    (credit,) = queries.credit_by(
        property_id, goal_id=goal, period=PERIOD, method="last_non_direct", dimension="channel", limit=9
    )
    assert (credit.key, credit.conversions) == ("Email", 1.0)


@pytest.mark.parametrize("seed", range(3))
def test_random_arrivals_under_rules_equal_the_engine(property_id: int, goal: int, seed: int) -> None:
    """R4, R7: incremental builds, a full build and the engine agree about who is who."""
    rng = random.Random(seed)
    world = worlds.random_world(rng, 60)
    pairs = {("a:dev1", "u:user1"), ("u:user0", "u:user1"), ("u:user1", "u:user3"), ("a:dev0", "u:user2")}
    rules = engine.IdentityRules(frozenset({"dev5", "user4"}), most_users=4, apart=frozenset(pairs))
    services.change_identity_rules(
        property_id=property_id, made_by=None, seen=0, ignored_ids=rules.ignored_ids, most_users=4
    )
    keep_apart(property_id, *pairs)
    rng.shuffle(world)
    for number in range(3):
        store(property_id, world[number::3], seconds=number)
        build(property_id)

    step_by_step = brute_force.stored_rows(property_id, goal)
    assert step_by_step == brute_force.expected_rows(world, SALE, identity=rules)
    assert BuildRun.objects.filter(kind=BuildRun.Kind.INCREMENTAL).count() == 2
    build(property_id, is_full=True)
    assert brute_force.stored_rows(property_id, goal) == step_by_step


def test_rules_of_visits_and_sources_equal_the_engine(property_id: int, goal: int) -> None:
    """R4: a longer gap, campaigns that open no visit and excluded hosts, in SQL as in the engine."""
    rng = random.Random(5)
    world = [_referred(rng, one) for one in worlds.random_world(rng, 80)]
    store(property_id, world)
    build(property_id)
    orgs.change_settings(
        property_id=property_id, made_by=None, campaign_opens=False, visit_gap=timedelta(minutes=60),
        referrer_exclusions=["pay.example"], past_exclusions=["pay.example"],
    )  # fmt: skip
    seen = queries.preview(property_id, wanted=queries.reading_rules(property_id), period=PERIOD)
    before = brute_force.stored_rows(property_id, goal)
    build(property_id)

    after = brute_force.stored_rows(property_id, goal)
    events = engine.without_sources([one.event for one in world], frozenset({"pay.example"}))
    wanted = [Sent(event, one.properties) for event, one in zip(events, world, strict=True)]
    rules: dict[str, Any] = {"campaign_opens": False, "visit_gap": timedelta(minutes=60)}
    assert after == brute_force.expected_rows(wanted, SALE, **rules)
    sales = [(old.touches, new.touches) for old, new in zip(before, after, strict=True) if not old.is_refund]
    assert seen is not None
    assert (seen.examined, seen.changed) == (len(sales), sum(_ids(old) != _ids(new) for old, new in sales))
    assert seen.changed > 0


def _ids(touches: Any) -> list[tuple[str, str]]:
    return [(touch[0], touch[3]) for touch in touches]


def _referred(rng: random.Random, sent: Sent) -> Sent:
    if sent.event.kind not in {"page", "screen"} or rng.random() < 0.5:
        return sent
    host = rng.choice(["pay.example", "www2.pay.example", "blog.example"])
    facts = {"channel": "Referral", "source": host, "medium": "referral", "campaign": "", "has_source": True}
    return replace(sent, event=replace(sent.event, **facts))  # type: ignore[arg-type]
