"""The statements that build journeys: templates of `sql/` with the goals and the reach put in."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import attribution as engine
from apps.attribution import channel_rule_sql, goal_sql
from apps.attribution.domain.goals import Rule

_FOLDER = Path(__file__).parent / "sql"
# The hash of an id that is no id: nobody's events lead nowhere.
NOBODY = "xxHash64('u:')"


@dataclass(frozen=True, slots=True)
class Statement:
    """A statement and the values it is bound with."""

    sql: str
    parameters: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Reach:
    """Which persons a build is for: conditions on keys, devices and persons, and their values."""

    known: str
    keys: str
    devices: str
    persons: str
    parameters: Mapping[str, Any] = field(default_factory=dict)


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


def reach_of_persons(persons: Sequence[int], keys: Sequence[int], devices: Sequence[int]) -> Reach:
    """Return the reach of some persons: their keys and devices, and those they share a device with."""
    return Reach(
        known="key IN {keys:Array(UInt64)}",
        keys="person_key IN {keys:Array(UInt64)}",
        devices="person_key IN {keys:Array(UInt64)} AND device_key IN {devices:Array(UInt64)}",
        persons="person IN {persons:Array(UInt64)}",
        parameters={"persons": persons, "keys": keys, "devices": devices},
    )


def reach_of_slice(rules: Sequence[Rule], *, slice_number: int, slices: int) -> Reach:
    """Return the reach of every person with a conversion whose id falls into one slice of all."""
    bound = goal_sql.Parameters("r")
    converted = (
        f"SELECT if(events.person_key IN (0, {NOBODY}), 0, {_PERSON}) AS person "
        "FROM events LEFT JOIN known ON events.person_key = known.key "
        f"WHERE property_id = {{property_id:UInt64}} AND ({_candidates(rules, bound)}) "
        "AND person % {slices:UInt64} = {slice_number:UInt64}"
    )
    devices = (
        "device_key IN (SELECT device_key FROM events LEFT JOIN known ON events.person_key = known.key "
        f"WHERE property_id = {{property_id:UInt64}} AND kind IN ('page', 'screen', 'track') "
        f"AND {_PERSON} IN ({converted}))"
    )
    return Reach(
        known="true",
        keys="true",
        devices=devices,
        persons=f"person IN ({converted})",
        parameters={**bound.values, "slices": slices, "slice_number": slice_number},
    )


def reach_of_everybody(*, slice_number: int, slices: int) -> Reach:
    """Return the reach of every person, converted or not, whose id falls into one slice of all."""
    own = f"{_PERSON} % {{slices:UInt64}} = {{slice_number:UInt64}}"
    used = (
        "device_key IN (SELECT device_key FROM events LEFT JOIN known ON events.person_key = known.key "
        f"WHERE property_id = {{property_id:UInt64}} AND kind IN ('page', 'screen', 'track') AND {own})"
    )
    return Reach(
        known="true",
        keys="true",
        devices="true" if slices == 1 else used,
        persons="person % {slices:UInt64} = {slice_number:UInt64}",
        parameters={"slices": slices, "slice_number": slice_number},
    )


def with_touches(
    name: str,
    reach: Reach,
    channel_rules: Sequence[engine.ChannelRules],
    bound: goal_sql.Parameters,
    *,
    time_scope: str = "true",
    **fragments: str,
) -> str:
    """Return a statement that reads the touchpoints of the persons in reach, in the channels of a property's rules."""
    return fill(
        name,
        touches=template("touches").rstrip(),
        key_scope=reach.keys,
        device_scope=reach.devices,
        person_scope=reach.persons,
        time_scope=time_scope,
        nobody=NOBODY,
        ruled_channel=channel_rule_sql.channel_in_force(channel_rules, bound),
        **fragments,
    )


def journeys(rules: Sequence[Rule], reach: Reach, channel_rules: Sequence[engine.ChannelRules] = ()) -> Statement:
    """Return the statement that writes the conversions in reach with their touchpoints."""
    bound = goal_sql.Parameters()
    sql = with_touches(
        "journeys",
        reach,
        channel_rules,
        bound,
        marks=", ".join(_mark(rule, bound) for rule in rules),
        candidates=_candidates(rules, bound),
        known_scope=reach.known,
    )
    return Statement(sql, {**bound.values, **reach.parameters})


def converting(rules: Sequence[Rule], reach: Reach) -> Statement:
    """Return the question which persons in reach have an event from an instant on that may convert."""
    bound = goal_sql.Parameters()
    sql = f"""
        WITH known AS (
            SELECT key, person_id FROM persons FINAL WHERE property_id = {{property_id:UInt64}} AND {reach.known}
        )
        SELECT DISTINCT if(events.person_key IN (0, {NOBODY}), 0, {_PERSON}) AS person
        FROM events LEFT JOIN known ON events.person_key = known.key
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
