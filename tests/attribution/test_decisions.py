"""Decisions about installs and re-engagements: stored with their trace, corrected by new entries (R2, R6, R7)."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

import attribution as engine
from apps.attribution import queries, services
from apps.attribution.domain.cases import read_cases
from apps.attribution.domain.cases.running import decide_openings
from apps.attribution.domain.cases.values import Case, CaseOpening
from apps.shared import clickhouse
from tests.attribution import worlds

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clickhouse")]
NOON = datetime(2026, 5, 10, 12, tzinfo=UTC)
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
PERIOD = (NOON - 365 * DAY, NOON + 365 * DAY)
CASES = Path("attribution/cases/decisions.yaml")


@pytest.fixture
def goals(property_id: int) -> dict[str, int]:
    """What opens the app, and what is bought in it."""
    named = {"install": "Application Installed", "reengagement": "Application Opened", "": "Order Completed"}
    return {
        decides: services.create_goal(
            property_id=property_id, made_by=None, name=name, event_name=name, decides=decides
        ).pk
        for decides, name in named.items()
    }


def event(name: str, at: datetime, *, kind: str = "track", person: str = "ada", **facts: Any) -> worlds.Sent:
    own = {key: facts.pop(key) for key in ("source", "medium", "campaign", "value", "received_at") if key in facts}
    made = engine.Event(
        id=facts.pop("id", f"{name}-{at:%j%H%M}"), kind=kind, occurred_at=at, received_at=own.pop("received_at", at),
        name=name, anonymous_id=person, has_source="source" in own, **own,
    )  # fmt: skip
    return worlds.Sent(made, facts)


def send(property_id: int, *sent: worlds.Sent) -> None:
    worlds.store(property_id, sent, timezone.now())
    services.build_journeys(property_id=property_id, clock=timezone.now)


def click(name: str, at: datetime, **facts: Any) -> worlds.Sent:
    return event("", at, kind="click", id=name, **{"source": "adnet", "medium": "paid", **facts})


def install(at: datetime, **facts: Any) -> worlds.Sent:
    return event("Application Installed", at, **facts)


def newest(property_id: int, opening_id: str) -> Any:
    return queries.decision_trace(property_id, opening_id=opening_id)[0]


def entries(property_id: int) -> int:
    sql = "SELECT count() FROM decisions WHERE property_id = {property_id:UInt64}"
    return clickhouse.select(sql, int, property_id=property_id)[0]


def test_decision_keeps_every_candidate_and_the_rule_that_removed_it(property_id: int, goals: dict[str, int]) -> None:
    view = event("", NOON - HOUR, kind="impression", id="view", source="social", medium="paid")
    send(property_id, click("old", NOON - 8 * DAY), click("won", NOON - 2 * DAY), view, install(NOON, id="opened"))

    found = newest(property_id, "opened")

    assert (found.outcome, found.winner_id, found.winner_source, found.entry) == ("install", "won", "adnet", 1)
    assert [(one.id, one.evidence, one.code) for one in found.candidates] == [
        ("old", "click_id", "outside_click_lookback"),
        ("won", "click_id", "winner"),
        ("view", "click_id", "view_yields_to_click"),
    ]
    assert found.candidates[0].text == "It is 8 days old; clicks count for 7 days."
    with pytest.raises(queries.UnknownDecision):
        queries.decision_trace(property_id, opening_id="nothing")


def test_store_referrer_ties_a_click_of_another_browser_and_shows_injection(
    property_id: int, goals: dict[str, int]
) -> None:
    web = click("web", NOON - 2 * HOUR, person="browser")
    send(property_id, web, install(NOON, id="opened", install_referrer="utm_source=x&tbclid=web"))
    late = click("late", NOON + 9 * HOUR, person="bot")
    began = (NOON + 8 * HOUR).timestamp()
    send(
        property_id, late,
        install(NOON + 10 * HOUR, id="other", person="eve", install_referrer="tbclid=late", install_began_at=began),
    )  # fmt: skip

    assert (newest(property_id, "opened").winner_id, newest(property_id, "opened").candidates[0].evidence) == (
        "web", "store_referrer",
    )  # fmt: skip
    found = newest(property_id, "other")
    assert (found.outcome, found.candidates[0].code) == ("organic", "click_injection")


def test_a_late_click_is_a_correction_and_the_first_entry_stays(property_id: int, goals: dict[str, int]) -> None:
    """R7: a correction is a new entry; deciding again without news appends nothing."""
    send(property_id, install(NOON, id="opened"))
    first = newest(property_id, "opened")
    services.build_journeys(property_id=property_id, clock=timezone.now, is_full=True)
    assert entries(property_id) == 1

    send(property_id, click("late", NOON - DAY))

    told = queries.decision_trace(property_id, opening_id="opened")
    assert [(one.entry, one.outcome, one.winner_id) for one in told] == [(2, "install", "late"), (1, "organic", "")]
    assert told[1] == first


def test_plain_reinstall_earns_nothing_and_a_retargeting_click_wins_back(
    property_id: int, goals: dict[str, int]
) -> None:
    send(
        property_id,
        click("first", NOON - DAY), install(NOON, id="new"),
        click("plain", NOON + 9 * DAY), install(NOON + 10 * DAY, id="again"),
        click("back", NOON + 19 * DAY, medium="retargeting", source="winback"), install(NOON + 20 * DAY, id="won"),
        event("Application Opened", NOON + 40 * DAY, id="opened"),
        install(NOON + 120 * DAY, id="much later"),
    )  # fmt: skip

    found = {name: newest(property_id, name) for name in ("new", "again", "won", "opened", "much later")}

    assert {name: (one.outcome, one.winner_id, one.counts_in) for name, one in found.items()} == {
        "new": ("install", "first", "acquisition"),
        "again": ("reinstall", "", ""),
        "won": ("reattribution", "back", "retargeting"),
        "opened": ("nothing", "", ""),
        "much later": ("organic", "", "acquisition"),
    }


def test_windows_are_those_in_force_at_the_opening(property_id: int, goals: dict[str, int]) -> None:
    """R10."""
    services.change_decision_rules(
        property_id=property_id, windows={"click_lookback": 1, "reattribution": 5}, made_by=None, now=NOON + DAY
    )
    with pytest.raises(engine.BadDecisionRulesError):
        services.change_decision_rules(property_id=property_id, windows={"click_lookback": 91}, made_by=None, now=NOON)
    send(
        property_id,
        click("c1", NOON - 2 * DAY), install(NOON, id="before"),
        click("c2", NOON + 1 * DAY), install(NOON + 3 * DAY, id="known"), install(NOON + 9 * DAY, id="after"),
    )  # fmt: skip

    found = {name: newest(property_id, name) for name in ("before", "known", "after")}

    assert {name: (one.outcome, one.rules_version) for name, one in found.items()} == {
        "before": ("install", 0), "known": ("reinstall", 1), "after": ("organic", 1),
    }  # fmt: skip


def test_report_credits_both_sources_and_counts_primary_rows(property_id: int, goals: dict[str, int]) -> None:
    def order(at: datetime, name: str) -> worlds.Sent:
        sold = event("Order Completed", at, id=name)
        return replace(sold, event=replace(sold.event, value=Decimal(10), currency="EUR"))

    send(
        property_id,
        click("first", NOON - DAY), install(NOON, id="new"), order(NOON + HOUR, "o1"),
        click("back", NOON + 10 * DAY, medium="retargeting", source="winback"),
        event("Application Opened", NOON + 10 * DAY + HOUR, id="opened"),
        order(NOON + 11 * DAY, "o2"), order(NOON + 39 * DAY, "o3"), order(NOON + 41 * DAY, "o4"),
        install(NOON, id="organic", person="eve"), event("Order Completed", NOON + HOUR, id="o5", person="eve"),
    )  # fmt: skip

    rows = {
        row.source: row for row in queries.decided(property_id, goal_id=goals[""], period=PERIOD, now=NOON + 60 * DAY)
    }

    shown = {
        name: (row.installs, row.reengagements, row.credited, row.primary, row.revenue) for name, row in rows.items()
    }
    assert shown == {
        "adnet": (1, 0, 4, 2, Decimal(20)),
        "winback": (0, 1, 2, 2, Decimal(20)),
        "": (1, 0, 1, 1, Decimal(0)),
    }
    assert sum(row.primary for row in rows.values()) == 5


def _told(case: Case, rules: engine.DecisionRules) -> list[worlds.Sent] | None:
    """Return events that say what a case says, or None where no event can say it."""
    openings = [one.opening for one in case.openings]
    touches = [(one.opening, touch) for one in case.openings for touch in one.contenders]
    names = [touch.id for _, touch in touches]
    if case.in_app or len(set(names)) < len(names) or case.decision_rules != rules:
        return None
    if any(one.installed_before_at or one.last_active_at for one in openings):
        return None
    if any(_untellable(touch, opening) for opening, touch in touches):
        return None
    return [_touch_told(touch) for _, touch in touches] + [_opening_told(one) for one in case.openings]


def _untellable(touch: engine.Contender, opening: engine.Opening) -> bool:
    """Whether no event ties the touch to the opening: a journey does not hold what came later."""
    return touch.evidence == engine.Evidence.CLICK_ID and touch.touched_at > opening.occurred_at


def _touch_told(touch: engine.Contender) -> worlds.Sent:
    persons = {
        engine.Evidence.STORE_REFERRER: "browser",
        engine.Evidence.DEVICE_ID: "other",
        engine.Evidence.PROBABILISTIC: "another",
    }
    facts: dict[str, Any] = {"retargeting": touch.is_retargeting, "blocked_as": touch.blocked_as}
    if touch.evidence == engine.Evidence.DEVICE_ID:
        facts["advertising_id"] = "device"
    if touch.evidence == engine.Evidence.PROBABILISTIC:
        facts["probable_id"] = "alike"
    kind = "click" if touch.kind == engine.TouchKind.CLICK else "impression"
    return event(
        "", touch.touched_at, kind=kind, id=touch.id, person=persons.get(touch.evidence, "ada"), source="s",
        received_at=touch.received_at, **facts,
    )  # fmt: skip


def _opening_told(one: CaseOpening) -> worlds.Sent:
    opening = one.opening
    referred = [touch for touch in one.contenders if touch.evidence == engine.Evidence.STORE_REFERRER]
    instants = {
        "install_began_at": opening.install_began_at,
        "install_began_at_device": opening.device_install_began_at,
        "referrer_clicked_at_device": next((touch.device_touched_at for touch in referred), None),
    }
    return event(
        "Application Installed" if opening.is_first_open else "Application Opened",
        opening.occurred_at,
        id=opening.id,
        shares_device_id=opening.shares_device_id,
        advertising_id="device",
        probable_id="alike",
        allows_probable_id=opening.allows_probabilistic,
        carrier_grade_nat=opening.is_carrier_grade_nat,
        install_referrer="".join(f"&tbclid={touch.id}" for touch in referred),
        **{name: at.isoformat() for name, at in instants.items() if at},
    )


@pytest.mark.parametrize(("probability", "least"), [(0.0, 15), (1.0, 5)], ids=["usual", "probability"])
def test_cases_of_decisions_come_out_of_the_store(
    property_id: int, goals: dict[str, int], probability: float, least: int
) -> None:
    """Each case that events can tell, by the store: outcome, winner, and the rule for every other candidate."""
    rules = engine.DecisionRules(probabilistic_lookback=timedelta(days=probability))
    services.change_decision_rules(
        property_id=property_id, windows={"probabilistic_lookback": probability}, made_by=None,
        now=datetime(2000, 1, 1, tzinfo=UTC),
    )  # fmt: skip
    cases = {}
    for number, case in enumerate(read_cases(CASES.read_text(), CASES.name)):
        if sent := _told(case, rules):
            cases[f"{number}~"] = (case, sent)
    for prefix, (_, sent) in cases.items():
        own = [worlds.moved(one, prefix) for one in sent]
        own = [replace(one, properties=_prefixed(one.properties, prefix)) for one in own]
        worlds.store(property_id, own, timezone.now())
    services.build_journeys(property_id=property_id, clock=timezone.now)

    assert len(cases) > least
    for prefix, (case, _) in cases.items():
        for name, wanted in decide_openings(case).items():
            found = newest(property_id, prefix + name)
            judged = [(prefix + one.contender.id, one.code) for one in wanted.judged]
            assert found.outcome == wanted.outcome, case.name
            assert found.winner_id == (prefix + wanted.winner.id if wanted.winner else ""), case.name
            assert [(one.id, one.code) for one in found.candidates] == judged, case.name


def _prefixed(properties: dict[str, Any], prefix: str) -> dict[str, Any]:
    own = dict(properties)
    for name in own.keys() & {"advertising_id", "probable_id"}:
        own[name] = prefix + own[name]
    if "install_referrer" in own:
        own["install_referrer"] = own["install_referrer"].replace("tbclid=", f"tbclid={prefix}")
    return own
