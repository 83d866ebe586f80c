"""A case run by the engine: what came out, and where that differs from what the case expects."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final
from urllib.parse import parse_qsl, urlsplit

import attribution as engine
from apps.attribution.domain.cases.comparing import compare_conversions, compare_decisions, compare_rows
from apps.attribution.domain.cases.values import Case, CaseEvent, CaseSettings, Difference, FoundConversion, FoundTouch
from apps.attribution.domain.goal_matching import Happened, meets, takes_back, worth

CLICK_PARAMETER: Final = "tbclid"  # what links of ours append to the landing page


def run_case(case: Case) -> list[Difference]:
    """Return where the engine and the case differ; empty when they agree."""
    if case.openings:
        decisions = decide_openings(case)
        rows = [engine.credited_rows(at.occurred_at, decisions.values(), case.decision_rules) for at, _ in case.in_app]
        return compare_decisions(case, decisions) + compare_rows(case, rows)
    return compare_conversions(case, credit_events(case))


def decide_openings(case: Case) -> dict[str, engine.Decision]:
    """Return the decision about every opening, by its id."""
    return {
        one.opening.id: engine.decide(
            one.opening, one.contenders, case.decision_rules, decided_at=one.opening.occurred_at
        )
        for one in case.openings
    }


def credit_events(case: Case) -> dict[str, FoundConversion]:
    """Return what comes out for every conversion and refund, by its id."""
    settings = case.settings
    journeys = engine.build_journeys(
        *_events_and_rule(case),
        visit_gap=settings.visit_gap,
        campaign_opens=settings.campaign_opens,
        identity=settings.identity,
    )
    found = {one.conversion.id: one for one in journeys}
    return {
        name: _found(_with_currency(one, found, settings.currency), settings) for name, one in sorted(found.items())
    }


def first_received(events: Sequence[CaseEvent]) -> list[CaseEvent]:
    """Return the events without the repetitions that collection leaves out: of one id, the first received stays."""
    kept: dict[str, CaseEvent] = {}
    for one in sorted(events, key=lambda one: one.event.received_at):
        kept.setdefault(one.event.id, one)
    return list(kept.values())


def sent_properties(one: CaseEvent) -> dict[str, Any]:
    """Return the properties that the client of an event would send: money as text, so that no digit is lost."""
    event = one.event
    money = {"value": None if event.value is None else str(event.value), "currency": event.currency or None}
    named = {**money, "order_id": event.order_id or None}
    return {**one.properties, **{name: value for name, value in named.items() if value is not None}}


def _found(journey: engine.Journey, settings: CaseSettings) -> FoundConversion:
    told = engine.explain(journey, settings.method, settings.lookbacks)
    touches = tuple(
        FoundTouch(one.touchpoint.id, one.touchpoint.channel, one.share, one.amount, one.code) for one in told.touches
    )
    return FoundConversion(
        touches,
        told.reason or "",
        journey.is_counted,
        journey.conversion.refund_of,
        told.channel if told.reason else "",
    )


def _events_and_rule(case: Case) -> tuple[list[engine.Event], engine.GoalRule]:
    """Return the events as they are accepted, worth what the goal says, and the goal for the engine."""
    rule = case.settings.goal
    received = first_received(case.events)
    accepted = {one.event.id: _accepted(one, case.settings) for one in received}
    happened = {one.event.id: _happened(one, accepted[one.event.id]) for one in received}
    met = {name for name, one in happened.items() if meets(rule, one)}
    taken = {name for name, one in happened.items() if takes_back(rule, one)}
    orders = {accepted[name].order_id for name in met - taken} - {""}
    refunds = {name for name in taken if name in met or accepted[name].order_id in orders}
    reached = {name for name, one in happened.items() if rule.milestone and meets(rule.milestone, one)}
    events = [replace(one, value=worth(rule, happened[name])) for name, one in accepted.items()]
    goal = engine.GoalRule(
        is_conversion=lambda event: event.id in met,
        is_refund=lambda event: event.id in refunds,
        is_milestone=lambda event: event.id in reached,
        counting="once" if rule.is_once else "every",
    )
    return engine.with_ruled_channels(events, case.settings.channel_rules), goal


def _accepted(one: CaseEvent, settings: CaseSettings) -> engine.Event:
    """Return an event with the facts of its source, as collection adds them."""
    found = engine.traffic_source(
        url=one.url,
        referrer=one.referrer,
        own_domains=settings.own_domains,
        referrer_exclusions=settings.referrer_exclusions,
        stated=one.stated,
        own_click_ids=settings.click_ids,
    )
    channel = engine.classify_channel(
        source=found.source,
        medium=found.medium,
        campaign=found.campaign,
        click_id_kind=found.click_id_kind,
        referrer_host=found.referrer_host,
    )
    event, value = one.event, one.event.value
    if value is not None and event.name == "Order Refunded":
        value = -abs(value)
    return replace(
        event,
        channel=channel.value,
        source=found.source,
        medium=found.medium,
        campaign=found.campaign,
        ad_group=found.term,
        has_source=found.has_source,
        own_click=dict(parse_qsl(urlsplit(one.url).query)).get(CLICK_PARAMETER, ""),
        value=value,
        currency=event.currency or ("" if value is None else settings.currency),
    )


def _happened(one: CaseEvent, accepted: engine.Event) -> Happened:
    facts: Mapping[str, str] = {**one.facts, "page_url": one.url, "page_path": urlsplit(one.url).path}
    return Happened(accepted.kind, accepted.name, accepted.value, sent_properties(one), facts)


def _with_currency(journey: engine.Journey, found: Mapping[str, engine.Journey], own: str) -> engine.Journey:
    """Return a journey whose money is in a currency: a refund's is that of its sale, else the property's own."""
    conversion = journey.conversion
    if conversion.currency:
        return journey
    sold = found.get(conversion.refund_of)
    currency = (sold.conversion.currency if sold else "") or own
    return replace(journey, conversion=replace(conversion, currency=currency))
