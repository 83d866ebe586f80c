"""The statements that build journeys: templates of `sql/` with the goals and the reach put in."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any

from apps.attribution import channel_rule_sql, event_sql, goal_sql
from apps.attribution.domain.goals import Rule
from apps.attribution.domain.reading import ReadingRules, WhoIsWho
from apps.attribution.event_sql import NOBODY
from apps.shared import clickhouse

_FOLDER = Path(__file__).parent / "sql"


@dataclass(frozen=True, slots=True)
class Statement:
    """A statement and the values it is bound with."""

    sql: str
    parameters: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Reach:
    """Which persons a build is for: the events to read, conditions on keys, devices and persons, and their values.

    `known` is who an id belongs to; it stands among the common tables between `sign_ins` and `reached`.
    """

    events: str
    sign_ins: str
    known: str
    keys: str
    devices: str
    persons: str
    reached: str = ""
    parameters: Mapping[str, Any] = field(default_factory=dict)

    @property
    def tables(self) -> str:
        """The common tables that a statement about this reach begins with."""
        return f"{self.sign_ins}known AS ({self.known}){self.reached}"


JOURNEY_COLUMNS = """property_id, goal_id, goal_version, conversion_id, is_refund, is_counted, person_id, stream_id,
    converted_at, credited_at, received_at, has_source, value, currency, order_id, refund_of, country, device,
    milestone_age_ms, touch_ids, touch_kinds, touch_ages_ms,
    touch_channels, touch_groups, touch_sources, touch_mediums, touch_campaigns, touch_ad_groups, version"""

# Whoever an id belongs to, in a query that has joined `known`.
_PERSON = "if(known.person_id != 0, known.person_id, events.person_key)"


@cache
def template(name: str) -> str:
    """Return the text of a statement in `sql/`."""
    return (_FOLDER / f"{name}.sql").read_text(encoding="utf-8")


def fill(name: str, **fragments: str) -> str:
    """Return a statement with its fragments put in: text of this module's making, never of a customer's."""
    sql = template(name)
    for word, text in fragments.items():
        sql = sql.replace(f"<{word}>", text)
    return sql


def reach_of_persons(
    who: WhoIsWho, rules: ReadingRules, persons: Sequence[int], keys: Sequence[int], devices: Sequence[int]
) -> Reach:
    """Return the reach of some persons: their keys and devices, and those they share a device with."""
    return Reach(
        events=event_sql.events(who, rules.excluded, keys=True),
        sign_ins=event_sql.sign_ins(who, rules.excluded, keys=True),
        known=_known("key IN {keys:Ids}"),
        keys="person_key IN {keys:Ids}",
        devices="person_key IN {keys:Ids} AND device_key IN {devices:Ids}",
        persons="person IN {persons:Ids}",
        parameters={
            "persons": clickhouse.Ids(persons),
            "keys": clickhouse.Ids(keys),
            "devices": clickhouse.Ids(devices),
            **event_sql.parameters(who, rules.excluded, keys=keys),
        },
    )


def reach_of_slice(
    who: WhoIsWho, reading: ReadingRules, rules: Sequence[Rule], *, slice_number: int, slices: int
) -> Reach:
    """Return the reach of every person with a conversion whose id falls into one slice of all."""
    bound = goal_sql.Parameters("r")
    events = event_sql.events(who, reading.excluded)
    # Named at every place that is for these persons alone, so it is worked out once.
    converted = (
        f"SELECT DISTINCT if(events.person_key IN (0, {NOBODY}), 0, {_PERSON}) AS person "
        f"FROM {events} LEFT JOIN known ON events.person_key = known.key "
        f"WHERE property_id = {{property_id:UInt64}} AND ({_candidates(rules, bound)}) "
        "AND person % {slices:UInt64} = {slice_number:UInt64}"
    )
    devices = (
        f"device_key IN (SELECT device_key FROM {events} LEFT JOIN known ON events.person_key = known.key "
        f"WHERE property_id = {{property_id:UInt64}} AND kind IN ('page', 'screen', 'track') "
        f"AND {_PERSON} IN (SELECT person FROM reached))"
    )
    return Reach(
        events=events,
        sign_ins=event_sql.sign_ins(who, reading.excluded),
        known=_known("true"),
        keys="true",
        devices=devices,
        persons="person IN (SELECT person FROM reached)",
        reached=f",\n    reached AS MATERIALIZED ({converted})",
        parameters={
            **bound.values,
            "slices": slices,
            "slice_number": slice_number,
            **event_sql.parameters(who, reading.excluded),
        },
    )


def reach_of_everybody(who: WhoIsWho, reading: ReadingRules, *, slice_number: int, slices: int) -> Reach:
    """Return the reach of every person, converted or not, whose id falls into one slice of all."""
    events = event_sql.events(who, reading.excluded)
    own = f"{_PERSON} % {{slices:UInt64}} = {{slice_number:UInt64}}"
    used = (
        f"device_key IN (SELECT device_key FROM {events} LEFT JOIN known ON events.person_key = known.key "
        f"WHERE property_id = {{property_id:UInt64}} AND kind IN ('page', 'screen', 'track') AND {own})"
    )
    return Reach(
        events=events,
        sign_ins=event_sql.sign_ins(who, reading.excluded),
        known=_known("true"),
        keys="true",
        devices="true" if slices == 1 else used,
        persons="person % {slices:UInt64} = {slice_number:UInt64}",
        parameters={
            "slices": slices,
            "slice_number": slice_number,
            **event_sql.parameters(who, reading.excluded),
        },
    )


def with_moved_ids(reach: Reach, moved: Mapping[int, int]) -> Reach:
    """Return a reach in which some ids belong to other persons than `persons` says."""
    overlaid = f"""{reach.known} AND key NOT IN {{moved:Array(UInt64)}}
        UNION ALL SELECT pair.1, pair.2
        FROM (SELECT arrayJoin(arrayZip({{moved:Array(UInt64)}}, {{movers:Array(UInt64)}})) AS pair)"""
    parameters = {**reach.parameters, "moved": list(moved), "movers": list(moved.values())}
    return replace(reach, known=overlaid, parameters=parameters)


def _known(scope: str) -> str:
    return f"SELECT key, person_id FROM persons FINAL WHERE property_id = {{property_id:UInt64}} AND {scope}"


def with_touches(
    name: str,
    reach: Reach,
    reading: ReadingRules,
    bound: goal_sql.Parameters,
    *,
    time_scope: str = "true",
    **fragments: str,
) -> str:
    """Return a statement that reads the touchpoints of the persons in reach, in the channels of a property's rules."""
    return fill(
        name,
        touches=template("touches").rstrip(),
        events=reach.events,
        tables=reach.tables,
        key_scope=reach.keys,
        device_scope=reach.devices,
        person_scope=reach.persons,
        time_scope=time_scope,
        nobody=NOBODY,
        ruled_channel=channel_rule_sql.channel_in_force(reading.channel_rules, bound),
        **fragments,
    )


def journeys(rules: Sequence[Rule], reach: Reach, reading: ReadingRules, *, prefix: str = "g") -> Statement:
    """Return the question for the conversions in reach with their touchpoints, in the order of `JOURNEY_COLUMNS`.

    *prefix* begins the names of its values, for a statement that it is a part of.
    """
    bound = goal_sql.Parameters(prefix)
    sql = with_touches(
        "journeys",
        reach,
        reading,
        bound,
        marks=", ".join(_mark(rule, bound) for rule in rules),
        candidates=_candidates(rules, bound),
    )
    return Statement(sql, {**bound.values, **reach.parameters, **visit_parameters(reading)})


def visit_parameters(reading: ReadingRules) -> dict[str, Any]:
    """Return the values that the touchpoints of every statement are bound with."""
    return {"visit_gap_ms": reading.visit_gap_ms, "campaign_opens": int(reading.campaign_opens)}


def converting(rules: Sequence[Rule], reach: Reach) -> Statement:
    """Return the question which persons in reach have an event from an instant on that may convert."""
    bound = goal_sql.Parameters()
    sql = f"""
        WITH {reach.tables}
        SELECT DISTINCT if(events.person_key IN (0, {NOBODY}), 0, {_PERSON}) AS person
        FROM {reach.events} LEFT JOIN known ON events.person_key = known.key
        WHERE property_id = {{property_id:UInt64}} AND occurred_at >= {{since:DateTime64(3, 'UTC')}}
            AND ({_candidates(rules, bound)}) AND {reach.keys} AND {reach.persons}
    """
    return Statement(sql, {**bound.values, **reach.parameters})


def refunds(rules: Sequence[Rule], *, order_scope: str, parameters: Mapping[str, Any]) -> Statement:
    """Return the statement that writes the refunds whose orders are in scope."""
    bound = goal_sql.Parameters()
    marks = ", ".join(f"({_number(rule.goal_id)}, {goal_sql.worth(rule, bound)})" for rule in rules)
    versions = ", ".join(f"({_number(rule.goal_id)}, {_number(rule.version)})" for rule in rules)
    sql = fill("refunds", marks=marks, versions=versions, order_scope=order_scope)
    return Statement(sql, {**bound.values, **parameters})


def _mark(rule: Rule, bound: goal_sql.Parameters) -> str:
    milestone = goal_sql.meets(rule.milestone, bound) if rule.milestone else "false"
    return (
        f"({_number(rule.goal_id)}, {_number(rule.version)}, {str(rule.is_once).lower()}, "
        f"{goal_sql.meets(rule, bound)}, {milestone}, {goal_sql.is_refund(rule)}, {goal_sql.worth(rule, bound)})"
    )


def _candidates(rules: Sequence[Rule], bound: goal_sql.Parameters) -> str:
    """Return a condition that every event of interest meets and that the order key answers."""
    every = [one for rule in rules for one in (rule, rule.milestone) if one is not None]
    names = {(one.kind, one.event_name) for one in every}
    return " OR ".join(goal_sql.meets_name(kind, name, bound) for kind, name in sorted(names))


def _number(value: int) -> str:
    return f"toUInt64({int(value)})"
