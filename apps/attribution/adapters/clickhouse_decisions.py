"""Decisions in ClickHouse: what they are made of is read out of journeys and events, what they say is appended."""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import attribution as engine
from apps.attribution.domain.deciding import DEVICE_ID, PROBABLE_ID, Opened, Touched, fingerprint
from apps.shared import clickhouse

_CHANGED = """
    SELECT DISTINCT person_id FROM journeys
    WHERE property_id = {property_id:UInt64} AND goal_id IN {goals:Array(UInt64)} AND version >= {since:UInt64}
        AND person_id != 0
    ORDER BY person_id
"""
_OPENINGS = """
    WITH openings AS (
        SELECT goal_id, conversion_id, person_id, converted_at,
            arrayFilter((one, kind) -> kind IN ('click', 'view'), touch_ids, touch_kinds) AS touched
        FROM journeys FINAL
        WHERE property_id = {property_id:UInt64} AND goal_id IN {goals:Array(UInt64)}
            AND goal_version = transform(goal_id, {goals:Array(UInt64)}, {versions:Array(UInt32)}, toUInt32(0))
            AND NOT is_refund
            AND person_id IN {persons:Array(UInt64)}
    ),
    said AS (
        SELECT message_id, device_key, occurred_at, properties FROM events
        WHERE property_id = {property_id:UInt64} AND message_id IN (SELECT conversion_id FROM openings)
    ),
    active AS (
        SELECT said.message_id AS opening, max(events.occurred_at) AS at
        FROM events INNER JOIN said ON events.device_key = said.device_key
        WHERE events.property_id = {property_id:UInt64} AND events.kind IN ('page', 'screen', 'track')
            AND events.device_key != 0 AND events.occurred_at < said.occurred_at
        GROUP BY opening
    )
    SELECT goal_id, conversion_id, person_id, converted_at, said.properties, touched,
        if(active.opening = '', NULL, active.at)
    FROM openings LEFT JOIN said ON openings.conversion_id = said.message_id
        LEFT JOIN active ON openings.conversion_id = active.opening
    ORDER BY person_id, converted_at, conversion_id
"""
_TOUCHES = """
    SELECT message_id, kind = 'click', occurred_at, received_at, source, medium, campaign, properties
    FROM events
    WHERE property_id = {property_id:UInt64} AND kind IN ('click', 'impression')
        AND (message_id IN {ids:Array(String)}
            OR (notEmpty({devices:Array(String)})
                AND JSONExtractString(properties, 'advertising_id') IN {devices:Array(String)})
            OR (notEmpty({alike:Array(String)})
                AND JSONExtractString(properties, 'probable_id') IN {alike:Array(String)}))
    ORDER BY occurred_at, message_id
"""
_CURRENT = """
    SELECT goal_id, opening_id, max(entry), argMax(fingerprint, entry) FROM decisions
    WHERE property_id = {property_id:UInt64} AND opening_id IN {ids:Array(String)}
    GROUP BY goal_id, opening_id
"""


def changed_persons(property_id: int, goals: Sequence[int], *, since: int) -> list[int]:
    """Return whose openings were written since a version of rows."""
    return clickhouse.select(
        _CHANGED, int, property_id=property_id, limits=clickhouse.JOB, goals=list(goals), since=since
    )


def openings(property_id: int, goals: Mapping[int, tuple[int, bool]], persons: Sequence[int]) -> list[Opened]:
    """Return the openings of some persons; *goals* are version and whether an app is opened first, by id."""
    rows = clickhouse.select(
        _OPENINGS, _row, property_id=property_id, limits=clickhouse.JOB, goals=list(goals), persons=list(persons),
        versions=[version for version, _ in goals.values()],
    )  # fmt: skip
    return [
        Opened(
            goal, name, person, goals[goal][1], _utc(at), _properties(said), frozenset(touched), active and _utc(active)
        )
        for goal, name, person, at, said, touched, active in rows
    ]


def touches(property_id: int, opened: Iterable[Opened]) -> list[Touched]:
    """Return the clicks and views that any of some openings may be tied to."""
    listed = list(opened)
    ids = {name for one in listed for name in (*one.touched, *one.referred, str(one.properties.get("click_id") or ""))}
    devices, alike = ({str(one.properties.get(name) or "") for one in listed} for name in (DEVICE_ID, PROBABLE_ID))
    rows = clickhouse.select(
        _TOUCHES, _row, property_id=property_id, limits=clickhouse.JOB, ids=sorted(ids - {""}),
        devices=sorted(devices - {""}), alike=sorted(alike - {""}),
    )  # fmt: skip
    return [
        Touched(name, bool(is_click), _utc(at), _utc(received), source, medium, campaign, _properties(said))
        for name, is_click, at, received, source, medium, campaign, said in rows
    ]


def current(property_id: int, opened: Sequence[Opened]) -> dict[tuple[int, str], tuple[int, str]]:
    """Return number and fingerprint of the newest entry of the decisions about some openings."""
    rows = clickhouse.select(
        _CURRENT, _row, property_id=property_id, limits=clickhouse.JOB, ids=[one.id for one in opened]
    )
    return {(goal, name): (entry, said) for goal, name, entry, said in rows}


def append(property_id: int, made: Sequence[tuple[Opened, engine.Decision, int]]) -> None:
    """Append entries of decisions, each with its number."""
    if not made:
        return
    columns: dict[str, list[Any]] = {}
    for opened, decision, entry in made:
        for name, value in _columns(property_id, opened, decision, entry).items():
            columns.setdefault(name, []).append(value)
    clickhouse.insert("decisions", columns)


def _columns(property_id: int, opened: Opened, decision: engine.Decision, entry: int) -> dict[str, Any]:
    winner, judged = decision.winner, decision.judged
    return {
        "property_id": property_id,
        "goal_id": opened.goal_id,
        "opening_id": opened.id,
        "entry": entry,
        "person_id": opened.person_id,
        "occurred_at": decision.occurred_at,
        "decided_at": decision.decided_at,
        "rules_version": decision.rules_version,
        "outcome": decision.outcome,
        "counts_in": decision.counts_in,
        "winner_id": winner.id if winner else "",
        "winner_source": winner.source if winner else "",
        "winner_campaign": winner.campaign if winner else "",
        "fingerprint": fingerprint(decision, opened.person_id),
        "candidate_ids": [one.contender.id for one in judged],
        "candidate_kinds": [one.contender.kind.value for one in judged],
        "candidate_evidences": [one.contender.evidence.value for one in judged],
        "candidate_sources": [one.contender.source for one in judged],
        "candidate_campaigns": [one.contender.campaign for one in judged],
        "candidate_ages_ms": [one.age_ms for one in judged],
        "candidate_codes": [one.code for one in judged],
        "candidate_parameters": [json.dumps(dict(one.parameters), sort_keys=True) for one in judged],
    }


def _properties(text: str) -> Mapping[str, Any]:
    try:
        found = json.loads(text or "{}")
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _utc(value: datetime) -> datetime:
    return value if value.tzinfo else value.replace(tzinfo=UTC)


def _row(*values: Any) -> tuple[Any, ...]:
    return values
