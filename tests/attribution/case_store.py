"""Cases through the stores: their events by the steps of collection into ClickHouse, journeys built, credit read.

Every case is a crowd of its own: its number stands before each id. Cases that differ in what journeys are built by
(visit gap, channel rules) live in properties of their own; goals of one property are built together.
"""

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any, NamedTuple

from django.utils import timezone

import attribution as engine
from apps.attribution import method_sql, services
from apps.attribution.domain.cases import (
    Case,
    CaseEvent,
    FoundConversion,
    FoundTouch,
    first_received,
    sent_properties,
)
from apps.attribution.domain.goals import Rule
from apps.attribution.domain.lookbacks import LookbackVersion
from apps.attribution.goal_sql import Parameters
from apps.attribution.models import ChannelRulesVersion, Goal, IdentityVersion
from apps.attribution.queries.totals import REASON
from apps.ingestion import api as ingestion
from apps.ingestion.domain import pipeline
from apps.ingestion.domain.columns import COLUMNS, reader
from apps.ingestion.domain.events import Event, Surroundings
from apps.ingestion.domain.payload import decode_payload, decode_properties
from apps.shared import clickhouse

NewProperty = Callable[[str], int]


class Built(NamedTuple):
    """Where a case lies in the stores."""

    property_id: int
    goal_id: int
    prefix: str


def store_and_build(cases: Sequence[Case], new_property: NewProperty) -> list[Built]:
    """Store the events of all cases, build all journeys, and return where each case lies."""
    crowds: dict[Any, list[int]] = defaultdict(list)
    for number, case in enumerate(cases):
        settings = case.settings
        # Rules about ids name ids, and those carry the number of their case: such a case lies alone.
        alone = number if settings.identity != engine.IdentityRules() else None
        crowds[settings.visit_gap, settings.channel_rules, settings.campaign_opens, alone].append(number)
    found: dict[int, Built] = {}
    rows: list[tuple[Any, ...]] = []
    properties = []
    for place, ((gap, channel_rules, campaign_opens, alone), numbers) in enumerate(crowds.items()):
        property_id = new_property(f"crowd-{place}")
        properties.append(property_id)
        services_settings(property_id, gap, channel_rules, campaign_opens=campaign_opens)
        if alone is not None:
            _identity_rules(property_id, cases[alone].settings.identity, f"{alone}~")
        goals: dict[Rule, int] = {}
        for number in numbers:
            case = cases[number]
            goal_id = goals.get(case.settings.goal) or _goal(property_id, case.settings.goal)
            goals[case.settings.goal] = goal_id
            found[number] = Built(property_id, goal_id, f"{number}~")
            rows += [_row(case, one, found[number]) for one in first_received(case.events)]
    ingestion.store_events({name: [row[at] for row in rows] for at, name in enumerate(COLUMNS) if name != "logged_at"})
    for property_id in properties:
        services.build_journeys(property_id=property_id, clock=timezone.now)
    return [found[number] for number in range(len(cases))]


def _identity_rules(property_id: int, rules: engine.IdentityRules, prefix: str) -> None:
    """Give a property the rules about ids of a case, whose ids carry a prefix there."""
    pairs = [[key[:2] + prefix + key[2:] for key in pair] for pair in rules.apart]
    ids = [prefix + one for one in rules.ignored_ids]
    stored = engine.IdentityRules.of({"ignored_ids": ids, "most_users": rules.most_users, "apart": pairs}).stored()
    IdentityVersion.objects.create(property_id=property_id, version=1, rules=stored)


def services_settings(
    property_id: int, gap: Any, channel_rules: tuple[engine.ChannelRules, ...], *, campaign_opens: bool = True
) -> None:
    """Give a property what its journeys are built by."""
    from apps.orgs import api as orgs

    orgs.change_settings(property_id=property_id, made_by=None, visit_gap=gap, campaign_opens=campaign_opens)
    for version, rules in enumerate(reversed(channel_rules), start=1):
        ChannelRulesVersion.objects.create(
            property_id=property_id, version=version, rules=rules.stored(), applies_from=rules.applies_from
        )


def read_credit(cases: Iterable[tuple[Case, Built]]) -> list[dict[str, FoundConversion]]:
    """Return what the SQL says about every case; questions that differ in the property alone are one each."""
    listed = list(cases)
    asked: dict[Any, dict[str, list[tuple[Any, ...]]]] = {}
    found = []
    for case, built in listed:
        settings = case.settings
        question = (built.property_id, built.goal_id, settings.method, settings.lookbacks, settings.currency)
        if question not in asked:
            asked[question] = _by_crowd(_ask(*question))
        rows = asked[question].get(built.prefix, [])
        found.append({row[0].removeprefix(built.prefix): _conversion(row, built.prefix) for row in rows})
    return found


def _by_crowd(rows: list[tuple[Any, ...]]) -> dict[str, list[tuple[Any, ...]]]:
    crowds: dict[str, list[tuple[Any, ...]]] = defaultdict(list)
    for row in rows:
        crowds[row[0].partition("~")[0] + "~"].append(row)
    return crowds


def _ask(
    property_id: int, goal_id: int, method: engine.MethodSpec, lookbacks: engine.Lookbacks, currency: str
) -> list[tuple[Any, ...]]:
    bound = Parameters("q")
    pool = [
        *method_sql.pool_aliases(
            "touch_ids",
            click_lookback=lookbacks.click,
            view_lookback=lookbacks.view,
            bound=bound,
            versions=[LookbackVersion(lookbacks.overrides)],
        ),
        *method_sql.money_aliases(currency, bound),
        f"{REASON} AS reason",
    ]
    columns = method_sql.method_columns(method, "m", bound)
    rows = f"""
        SELECT conversion_id, person_id, is_counted, refund_of, milestone_age_ms, touch_ids, touch_channels,
            touch_ages_ms, {", ".join(pool)}
        FROM journeys FINAL
        WHERE property_id = {{property_id:UInt64}} AND goal_id = {bound.bind(goal_id, "UInt64")}
    """
    arrays = ", ".join(f"{expression} AS a{at}" for at, (expression, _) in enumerate(columns.arrays))
    share, money = columns.credit, columns.money
    for at, (_, name) in enumerate(columns.arrays):
        share, money = share.replace(name, f"a{at}[place]"), money.replace(name, f"a{at}[place]")
    sql = f"""
        SELECT conversion_id, is_counted, refund_of, reason, arrayZip(touch_ids, touch_channels), pool_keys,
            arrayMap(place -> toFloat64({share}), places), arrayMap(place -> toInt64({money}), places)
        FROM (SELECT *{"," if arrays else ""} {arrays} FROM ({method_sql.nested(rows, [columns])}))
    """
    return clickhouse.select(sql, lambda *row: row, property_id=property_id, limits=clickhouse.JOB, **bound.values)


def _conversion(row: tuple[Any, ...], prefix: str) -> FoundConversion:
    _, is_counted, refund_of, reason, touches, keys, shares, amounts = row
    earned = {
        key: (share, Decimal(amount).scaleb(-4)) for key, share, amount in zip(keys, shares, amounts, strict=True)
    }
    nothing = (0.0, Decimal(0))
    return FoundConversion(
        tuple(FoundTouch(name.removeprefix(prefix), channel, *earned.get(name, nothing)) for name, channel in touches),
        reason,
        bool(is_counted),
        refund_of.removeprefix(prefix),
    )


def _goal(property_id: int, rule: Rule) -> int:
    milestone = _goal(property_id, rule.milestone) if rule.milestone else None
    goal = services.create_goal(
        property_id=property_id,
        made_by=None,
        name=f"Goal {Goal.objects.count()}",
        kind=rule.kind,
        event_name=rule.event_name,
        filters=[[one.path, one.operator, one.value] for one in rule.filters],
        value_field=rule.value_field,
        fixed_value=rule.fixed_value,
        counting="once" if rule.is_once else "every",
        milestone_id=milestone,
    )
    return int(goal.pk)


def _row(case: Case, one: CaseEvent, built: Built) -> tuple[Any, ...]:
    """Return an event as the writer would store it."""
    said, prefix = one.event, built.prefix
    page = {"url": one.url.replace("tbclid=", f"tbclid={prefix}"), "referrer": one.referrer, **one.facts}
    campaign = {"name" if name == "campaign" else name: word for name, word in one.stated.items()}
    properties = sent_properties(one)
    if said.order_id:
        properties["order_id"] = prefix + said.order_id
    payload = {
        "type": said.kind,
        "anonymousId": _own(said.anonymous_id, prefix),
        "userId": _own(said.user_id, prefix),
        "previousId": _own(said.previous_id, prefix),
        "context": {"page": page, "campaign": campaign},
        "properties": properties,
    }
    raw = json.dumps(payload).encode()
    event = Event(
        0, 0, prefix + said.id, said.kind, said.name,
        engine.milliseconds(said.occurred_at), engine.milliseconds(said.received_at),
        payload=decode_payload(raw), facts=decode_properties(json.dumps(properties).encode()), raw=raw,
    )  # fmt: skip
    around = Surroundings(
        property_id=built.property_id,
        stream_id=0,
        stream_kind=said.platform,
        currency=case.settings.currency,
        own_domains=case.settings.own_domains,
        referrer_exclusions=case.settings.referrer_exclusions,
        click_ids=case.settings.click_ids,
    )
    stored = pipeline.run(event, around, pipeline.STEPS)
    assert isinstance(stored, Event), (case.name, stored)
    stored.country = one.facts.get("country", stored.country)
    stored.stored_at = engine.milliseconds(timezone.now())
    return tuple(reader(name)(stored) for name in COLUMNS)


def _own(text: str, prefix: str) -> str:
    """Return an id of a case; what is no id has no case of its own."""
    return text if not text or text in engine.IdentityRules().ignored() else prefix + text


def without_reasons(case: Case) -> Case:
    """Return a case without what only an explanation says: where a conversion without touchpoints counts, and why."""
    expect = {
        name: {key: value for key, value in said.items() if key not in {"why", "counts_as"}}
        for name, said in case.expect.items()
    }
    return replace(case, expect=expect)
