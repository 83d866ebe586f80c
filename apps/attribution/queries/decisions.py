"""Decisions as they are kept: the trace of one, and who won how many in a period."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import attribution as engine
from apps.attribution.domain.decided import Candidate, DecidedRow, DecisionEntry
from apps.attribution.domain.deciding import read_rules
from apps.attribution.models import Goal, RulesVersion
from apps.attribution.queries.conversions import utc
from apps.attribution.queries.scope import Period, UnknownGoal, money
from apps.orgs import api as orgs
from apps.shared import clickhouse

_MILLISECOND = timedelta(milliseconds=1)
_TRACE = """
    SELECT opening_id, goal_id, entry, outcome, counts_in, occurred_at, decided_at, rules_version, winner_id,
        winner_source, winner_campaign,
        arrayZip(candidate_ids, candidate_kinds, candidate_evidences, candidate_sources, candidate_campaigns,
            candidate_ages_ms, candidate_codes, candidate_parameters)
    FROM decisions
    WHERE property_id = {property_id:UInt64} AND opening_id = {opening_id:String}
    ORDER BY goal_id, entry DESC
"""
# The newest entry of every decision.
_NEWEST = """
    SELECT goal_id, opening_id, argMax(person_id, entry) AS person_id, argMax(occurred_at, entry) AS at,
        argMax(outcome, entry) AS outcome, argMax(counts_in, entry) AS counts_in,
        argMax(winner_source, entry) AS source
    FROM decisions WHERE property_id = {property_id:UInt64}
    GROUP BY goal_id, opening_id
"""
# The engine's credited_rows(): the install always; beside it the latest that won the person back since, while its
# window lasts, and then that one is primary.
_REPORT = f"""
    WITH newest AS ({_NEWEST}),
    known AS (
        SELECT person_id, arraySort(one -> (one.1, one.2), groupArray(
            (toInt64(toUnixTimestamp64Milli(at)), opening_id, toString(counts_in), toString(source))
        )) AS decisions
        FROM newest WHERE counts_in != '' GROUP BY person_id
    ),
    credited AS (
        SELECT toInt64(toUnixTimestamp64Milli(converted_at)) AS at_ms, is_refund,
            if(currency IN ('', {{currency:String}}), reinterpretAsInt64(value), 0) AS stored,
            arrayFilter(one -> one.1 <= at_ms, known.decisions) AS before,
            arrayLast(one -> one.3 = 'acquisition', before) AS install,
            arrayLast(
                one -> one.3 = 'retargeting' AND one.1 >= greatest(install.1, at_ms - {{window_ms:Int64}}), before
            ) AS won_back
        FROM journeys FINAL INNER JOIN known ON journeys.person_id = known.person_id
        WHERE property_id = {{property_id:UInt64}} AND goal_id = {{goal_id:UInt64}}
            AND goal_version = {{goal_version:UInt32}} AND is_counted AND person_id != 0
            AND converted_at >= {{from:DateTime64(3, 'UTC')}} AND converted_at < {{to:DateTime64(3, 'UTC')}}
    ),
    rows AS (
        SELECT is_refund, stored, arrayJoin(arrayConcat(
            if(install.2 = '', [], [(install.4, won_back.2 = '')]), if(won_back.2 = '', [], [(won_back.4, true)])
        )) AS row
        FROM credited
    )
    SELECT source, sum(installs), sum(reattributions), sum(reengagements), sum(reinstalls), sum(credited),
        sum(primary), sum(units)
    FROM (
        SELECT toString(source) AS source, countIf(counts_in = 'acquisition') AS installs,
            countIf(outcome = 'reattribution') AS reattributions, countIf(outcome = 'reengagement') AS reengagements,
            countIf(outcome = 'reinstall') AS reinstalls, 0 AS credited, 0 AS primary, toInt64(0) AS units
        FROM newest WHERE at >= {{from:DateTime64(3, 'UTC')}} AND at < {{to:DateTime64(3, 'UTC')}}
        GROUP BY source
        UNION ALL
        SELECT row.1, 0, 0, 0, 0, countIf(NOT is_refund), countIf(row.2 AND NOT is_refund), sumIf(stored, row.2)
        FROM rows GROUP BY row.1
    )
    GROUP BY source
    ORDER BY sum(installs) + sum(reattributions) + sum(reengagements) DESC, source
"""


class UnknownDecision(LookupError):
    """Nothing was decided about such an opening."""


def decision_rules(property_id: int) -> Callable[[datetime], engine.DecisionRules]:
    """Return which windows were in force at an instant."""
    rows = RulesVersion.objects.filter(property_id=property_id, topic=RulesVersion.Topic.DECISIONS)
    versions = [
        (row.applies_from or datetime.min.replace(tzinfo=UTC), read_rules(row.value, row.version))
        for row in rows.order_by("-version")
    ]
    usual = engine.DecisionRules()
    return lambda at: next((rules for since, rules in versions if since <= at), usual)


def decision_trace(property_id: int, *, opening_id: str) -> list[DecisionEntry]:
    """Return every entry about an opening, the one that holds first. Raises UnknownDecision."""
    found = clickhouse.select(_TRACE, _entry, property_id=property_id, opening_id=opening_id)
    if not found:
        raise UnknownDecision(opening_id)
    return found


def decided(property_id: int, *, goal_id: int, period: Period, now: datetime) -> list[DecidedRow]:
    """Return who won how many openings in a period, and how many conversions of a goal are credited to each.

    The re-engagement window is the one in force now. Raises UnknownGoal.
    """
    version = Goal.objects.filter(property_id=property_id, pk=goal_id).values_list("built_version", flat=True).first()
    if version is None:
        raise UnknownGoal(goal_id)
    scope: dict[str, Any] = {"from": period[0], "to": period[1], "goal_id": goal_id, "goal_version": version}
    rows = clickhouse.select(
        _REPORT, lambda *row: row, property_id=property_id, currency=orgs.property_by_id(property_id).currency,
        window_ms=decision_rules(property_id)(now).reengagement // _MILLISECOND, **scope,
    )  # fmt: skip
    return [_decided(*row) for row in rows]


def deciding_goals(property_id: int) -> list[int]:
    """Return the goals whose events open an app."""
    rows = Goal.objects.filter(property_id=property_id, is_archived=False).exclude(decides="")
    return list(rows.values_list("pk", flat=True))


def _decided(source: str, *figures: int) -> DecidedRow:
    installs, reattributions, reengagements, reinstalls, credited, primary, units = figures
    return DecidedRow(source, installs, reattributions, reengagements, reinstalls, credited, primary, money(units))


def _entry(*row: Any) -> DecisionEntry:
    values: list[Any] = [*row[:5], utc(row[5]), utc(row[6]), *row[7:11], tuple(_candidate(*one) for one in row[11])]
    return DecisionEntry(*values)


def _candidate(
    name: str, kind: str, evidence: str, source: str, campaign: str, age_ms: int, code: str, parameters: str
) -> Candidate:
    said = json.loads(parameters)
    text = engine.decision_text(code, said)
    return Candidate(name, kind, evidence, source, campaign, age_ms * _MILLISECOND, code, said, text)
