"""What would move if events were read by other rules: journeys built anew beside those there are, and nothing written.

Rules about ids concern some persons, whose journeys are built again. Rules about visits and sources concern everybody:
of a large property a part of the people, dealt by the hash of the person, so that it is the same people every time.
"""

from collections.abc import Sequence
from typing import Any

from apps.attribution import journey_sql
from apps.attribution.adapters import clickhouse_persons as persons
from apps.attribution.adapters.clickhouse_journeys import WIDEST_MS
from apps.attribution.domain.goals import Rule, rule_of
from apps.attribution.domain.people import MovedId, PersonDetail, Preview
from apps.attribution.domain.reading import ReadingRules, WhoIsWho, key_of
from apps.attribution.domain.scenarios import Scenario
from apps.attribution.models import Goal
from apps.attribution.queries.moves import CARRIED, credited, moves_of, read_moves
from apps.attribution.queries.promotions import rule_values
from apps.attribution.queries.scope import Period, scope_of
from apps.shared import clickhouse

# What a page can wait for, and how many persons may change hands in what it shows.
EVENTS_AT_ONCE = 400_000
MOST_PERSONS = 5_000
_COMPARED = "conversion_id, is_refund, stored, touch_ids, touch_channels"
LIMITS = clickhouse.Limits(seconds=60, memory=3_000_000_000)


class TooManyPersons(ValueError):
    """More persons would change than a page can show: nothing but doing it can tell."""


def preview(
    property_id: int, *, wanted: ReadingRules, period: Period, of: PersonDetail | None = None
) -> Preview | None:
    """Return what moves in the conversions of a period under *wanted* rules; None without a goal that has been built.

    *of* names the person whose ids are listed in it. Raises TooManyPersons.
    """
    goal = _goal(property_id)
    if goal is None:
        return None
    who = persons.who_is_who(property_id, wanted.identity)
    changes = persons.person_changes(property_id, who, None)
    moved = {change.key: change.person for change in changes}
    touched = {one for change in changes for one in (change.person, change.before)}
    if touched and who.present:  # what becomes nobody's is looked at as well
        touched.add(0)
    if len(touched) > MOST_PERSONS:
        raise TooManyPersons(len(touched))
    reach, part = _reach(property_id, who, wanted, goal, touched)
    reach = journey_sql.with_moved_ids(reach, moved)
    ids = _moved_ids(of, {change.key: (change.before, change.person) for change in changes}) if of else ()
    return _compared(property_id, goal, reach, wanted, period, ids, part)


def _goal(property_id: int) -> Rule | None:
    """Return the rule of the primary goal, if its journeys follow it."""
    row = Goal.objects.filter(property_id=property_id, is_archived=False).select_related("milestone").first()
    if row is None or row.built_version != row.version:
        return None
    milestone = row.milestone and rule_of(row.milestone.pk, row.milestone.version, row.milestone.definition())
    return rule_of(row.pk, row.version, row.definition(), milestone or None)


def _reach(
    property_id: int, who: WhoIsWho, wanted: ReadingRules, goal: Rule, touched: set[int]
) -> tuple[journey_sql.Reach, float]:
    """Return whose journeys are built again, and which part of those concerned they are."""
    if touched:
        return persons.reach_of(property_id, who, wanted, touched), 1.0
    events, _ = persons.newest_stored(property_id)
    slices = max(1, -(-events // EVENTS_AT_ONCE))
    reach = journey_sql.reach_of_slice(who, wanted, [goal], slice_number=0, slices=slices)
    return reach, 1 / slices


def _compared(
    property_id: int, goal: Rule, reach: journey_sql.Reach, wanted: ReadingRules, period: Period,
    ids: Sequence[MovedId], part: float,
) -> Preview:  # fmt: skip
    now = rule_values(property_id)
    side = Scenario(goal.goal_id, now.method, now.click_lookback, now.view_lookback)
    scope = scope_of(property_id, goal_id=goal.goal_id, period=period)
    anew = journey_sql.journeys([goal], reach, wanted, prefix="j")
    columns = f"conversion_id, touch_ids, {CARRIED}"
    before = f"SELECT {columns} FROM journeys FINAL WHERE {scope.where} AND is_counted AND NOT is_refund"
    after = f"SELECT {columns} FROM ({anew.sql}) WHERE {scope.where} AND NOT is_refund"
    sides = [
        credited(scope, side, "channel", f"SELECT * FROM ({rows})", name, carried=_COMPARED)
        for rows, name in ((before, "before"), (after, "after"))
    ]
    rows = f"""
        SELECT b.is_refund AS is_refund, b.stored AS stored, before_keys, before_shares, after_keys, after_shares,
            (b.touch_ids, b.touch_channels) != (a.touch_ids, a.touch_channels) AS is_changed
        FROM ({sides[0]}) AS b INNER JOIN ({sides[1]}) AS a ON b.conversion_id = a.conversion_id
    """
    bound: dict[str, Any] = {
        **anew.parameters,
        **scope.bound.values,
        "since": period[0],
        "widest_ms": WIDEST_MS,
        "version": 0,
    }
    counts = f"""
        SELECT count(), countIf(is_changed), countIf(has(before_keys, char(0))), countIf(has(after_keys, char(0)))
        FROM ({rows})
    """
    asked = {"property_id": property_id, "limits": LIMITS, **bound}
    examined, changed, lost_before, lost_after = clickhouse.select(counts, _row, **asked)[0]
    moves = clickhouse.select(moves_of(rows, "200"), _row, **asked) if changed else []
    return Preview(examined, changed, lost_before, lost_after, tuple(read_moves(moves)), tuple(ids), part)


def _moved_ids(of: PersonDetail, changes: dict[int, tuple[int, int]]) -> list[MovedId]:
    """Return the ids of a person that would change hands, and whose they would be."""
    names = {key_of(one.key): one.key for one in of.ids} | {
        key_of(key): key for join in of.joins for key in (join.id, join.user)
    }
    return [
        MovedId(names[key], names.get(before, of.key), names.get(after, names[key]))
        for key, (before, after) in sorted(changes.items())
        if key in names
    ]


def _row(*values: Any) -> tuple[Any, ...]:
    return values
